import { expect, test } from "vitest";
import type { Tag } from "@/api/types";
import { aliasFor, offers, tally } from "./picker";

const tag = (name: string, more: Partial<Tag> = {}): Tag => ({ id: name, name, type: "standard", files: 0, ...more });

test("tags are counted over the files", () => {
  const counts = tally([{ id: "1", tags: [{ id: "a", name: "a" }] }, { id: "2" }, { id: "3", tags: [{ id: "a", name: "a" }, { id: "b", name: "b" }] }]);
  expect([...counts]).toEqual([["a", 2], ["b", 1]]);
});

test("what is on the files stands first while nothing is typed, then what is used most", () => {
  const rows = offers("", [tag("a", { files: 1 }), tag("b", { files: 9 }), tag("c"), tag("shelf", { type: "organisational" })], new Map([["c", 1]]), 2);
  expect(rows.map((row) => row.kind === "tag" && `${row.tag.name} ${row.share}`)).toEqual(["c some", "b none", "a none"]);
});

test("a name that no tag has can be made; one that a tag or an alias has cannot", () => {
  const known = [tag("Work", { aliases: ["job"], namespace: "life" })];
  const made = (typed: string) => offers(typed, known, new Map(), 1).some(({ kind }) => kind === "create");
  expect(["wor", "work", "JOB", "life/work", "", "a,b"].map(made)).toEqual([true, false, false, false, false, false]);
});

test("an alias is shown where it is what fits", () => {
  expect(aliasFor(tag("Work", { aliases: ["Büro"] }), "bur")).toBe("Büro");
  expect(aliasFor(tag("Work", { aliases: ["Workplace"] }), "wor")).toBeUndefined();
});
