import { describe, expect, it } from "vitest";
import { sampleEntry } from "@/api/samples";
import { groupsOf } from "./groups";
import { RowPlan, scrollScale, tallest } from "./row-plan";

const plan = (total: number, across: number, groups: { title: string; from: number }[] = []) => new RowPlan({ total, across, groups, rowHeight: 10, headHeight: 5 });

describe("a plain list", () => {
  const list = plan(1_000_000, 1);
  it("is as high as its rows", () => expect(list.height).toBe(10_000_000));
  it("knows where each stands", () => expect(list.topOf(123_456)).toBe(1_234_560));
  it("draws what is looked at", () => expect(list.between(100, 119).map((row) => ("first" in row ? row.first : -1))).toEqual([10, 11]));
  it("steps and stops at the ends", () => {
    expect(list.step(5, 1, 1_000_000)).toBe(6);
    expect(list.step(0, -3, 1_000_000)).toBe(0);
    expect(list.step(999_999, 1, 1_000_000)).toBe(999_999);
  });
});

describe("groups of tiles", () => {
  // A: 0 1 2 | 3 4    B: 5 6 7 | 8
  const tiles = plan(9, 3, [{ title: "A", from: 0 }, { title: "B", from: 5 }]);
  it("begin rows of their own", () => {
    expect(tiles.height).toBe(50);
    expect(tiles.topOf(4)).toBe(15);
    expect(tiles.topOf(5)).toBe(30);
  });
  it("are stepped through column by column", () => {
    expect(tiles.step(1, 1, 9)).toBe(4);
    expect(tiles.step(2, 1, 9)).toBe(4); // the row is shorter
    expect(tiles.step(4, 1, 9)).toBe(6);
    expect(tiles.step(6, -1, 9)).toBe(4);
    expect(tiles.step(7, 1, 9)).toBe(8);
    expect(tiles.step(8, 1, 9)).toBe(8);
    expect(tiles.step(0, 2, 9)).toBe(5);
  });
  it("are drawn with their headings", () => {
    expect(tiles.between(0, 100)).toEqual([
      { top: 0, title: "A", count: 5 }, { top: 5, first: 0, count: 3 }, { top: 15, first: 3, count: 2 },
      { top: 25, title: "B", count: 4 }, { top: 30, first: 5, count: 3 }, { top: 40, first: 8, count: 1 },
    ]);
  });
  it("give what a frame touches", () => {
    expect(tiles.within(6, 18, 1, 2)).toEqual([1, 2, 4]);
    expect(tiles.within(31, 32, 0, 0)).toEqual([5]);
  });
});

it("an empty list is nothing", () => {
  expect(plan(0, 4).height).toBe(0);
  expect(plan(0, 4).between(0, 100)).toEqual([]);
});

it("what is too tall for a browser is scrolled finer", () => {
  expect(scrollScale(1000, 500)).toBe(1);
  expect(scrollScale(tallest * 2, 500)).toBeCloseTo(2, 3);
});

describe("groups", () => {
  const now = new Date(2026, 5, 15, 12);
  const file = (name: string, at: Date, size = 0) => sampleEntry({ name, kind: "file", modified: at.toISOString(), size });
  it("are of kinds", () => {
    const items = [sampleEntry({ name: "f" }), file("a.jpg", now), file("b.jpg", now), file("c.pdf", now)];
    expect(groupsOf(items, "kind").map(({ from }) => from)).toEqual([0, 1, 3]);
  });
  it("are of days, then of months", () => {
    const items = [file("a", new Date(2026, 5, 15, 1)), file("b", new Date(2026, 5, 14, 23)), file("c", new Date(2026, 5, 10)), file("d", new Date(2026, 1, 2)), file("e", new Date(2026, 1, 1))];
    expect(groupsOf(items, "modified", now, "en").map(({ title }) => title)).toEqual(["Today", "Yesterday", "In the last 7 days", "February 2026"]);
  });
  it("are of sizes", () => expect(groupsOf([file("a", now, 5_000_000), file("b", now, 3), file("c", now, 0)], "size").map(({ title }) => title)).toEqual(["1 to 10 MB", "Up to 10 kB", "Empty"]));
  it("are none where nobody asks", () => expect(groupsOf([file("a", now)], "none")).toEqual([]));
});
