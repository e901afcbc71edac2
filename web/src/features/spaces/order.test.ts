import { expect, test } from "vitest";
import { dropAt, groupAt, partOf, roundTo, stepOf } from "./order";

const item = (id: string) => ({ id, kind: "tag" as const, ref: id, name: id, state: "ok" });
const groups = [
  { id: "a", items: [item("1"), item("2")] },
  { id: "v", fill: "volumes" as const, items: [item("x")] },
  { id: "b", items: [item("3")] },
];

test("a step goes within the group, and beyond its end into the next that takes items", () => {
  expect(stepOf(groups, "1", 1)).toEqual({ group: "a", at: 1 });
  expect(stepOf(groups, "2", 1)).toEqual({ group: "b", at: 0 });
  expect(stepOf(groups, "3", -1)).toEqual({ group: "a", at: 2 });
  expect(stepOf(groups, "1", -1)).toBeUndefined();
  expect(stepOf(groups, "x", 1)).toBeUndefined();
});

test("what is dropped stands where it was dropped, whether it came from above or from elsewhere", () => {
  expect(dropAt({ id: "a", items: [item("1"), item("2"), item("4")] }, 2, "1")).toEqual({ group: "a", at: 1 });
  expect(dropAt({ id: "a", items: [item("1"), item("2"), item("4")] }, 0, "4")).toEqual({ group: "a", at: 0 });
  expect(dropAt({ id: "a", items: [item("1")] }, 1, undefined)).toEqual({ group: "a", at: 1 });
});

test("a group takes the place of the one that it is dropped on", () => {
  expect(groupAt(groups, "a", "b")).toBe(2);
  expect(groupAt(groups, "b", "a")).toBe(0);
  expect(groupAt(groups, "b", "b")).toBeUndefined();
});

test("the edges of a line that takes files mean beside it", () => {
  expect([2, 16, 30].map((y) => partOf(y, 32, true))).toEqual(["before", "on", "after"]);
  expect([2, 15, 16].map((y) => partOf(y, 32, false))).toEqual(["before", "before", "after"]);
});

test("sidebars follow each other round and round", () => {
  const all = [{ id: "1" }, { id: "2" }, { id: "3" }];
  expect(roundTo(all, "3", 1)?.id).toBe("1");
  expect(roundTo(all, "1", -1)?.id).toBe("3");
  expect(roundTo(all, "gone", 1)?.id).toBe("2");
});
