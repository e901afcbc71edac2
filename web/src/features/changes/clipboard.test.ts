import { expect, test } from "vitest";
import { readTaken, refsOf } from "./clipboard";

test("entries are named by id, else by path", () => {
  expect(refsOf([{ id: "7", path: "sd://local/a" }, { id: "", path: "sd://local/b" }])).toEqual({ ids: ["7"], sources: ["sd://local/b"] });
  expect(refsOf([{ id: "7", path: "x" }])).toEqual({ ids: ["7"] });
  expect(refsOf([])).toEqual({});
});

test("what another window took is read, and what is broken is not", () => {
  const whole = { mode: "cut", refs: { ids: ["7"] }, count: 1, keys: ["7"] };
  expect(readTaken(JSON.stringify(whole))).toEqual(whole);
  for (const bad of [null, "", "{", "{}", '{"mode":"copy"}', '{"mode":"copy","count":1,"refs":{"ids":[1]}}']) expect(readTaken(bad)).toBeUndefined();
});
