import { expect, test } from "vitest";
import { largest, type Part, years } from "./shares";

const part = (value: string, bytes: number): Part => ({ value, query: `q:${value}`, files: 1, bytes });

test("the largest parts, and the rest as one", () => {
  const found = largest([part("a", 10), part("b", 60), part("c", 20), part("d", 10)], 2);
  expect(found.map(({ value, bytes, share }) => [value, bytes, share])).toEqual([["b", 60, 0.6], ["c", 20, 0.2], ["", 20, 0.2]]);
});

test("a rest of one is itself, and nothing is no parts", () => {
  expect(largest([part("a", 1), part("b", 3)], 1).map(({ value }) => value)).toEqual(["b", "a"]);
  expect(largest([], 3)).toEqual([]);
  expect(largest([part("a", 0)], 3)[0]?.share).toBe(0);
});

test("the newest years, and all before as one", () => {
  const found = years([part("2020", 1), part("2026", 4), part("", 9), part("2025", 8), part("2019", 1)], 2);
  expect(found.map(({ value, bytes, share, query, before }) => [value, bytes, share, query, before])).toEqual([
    ["2026", 4, 0.5, "q:2026", false],
    ["2025", 8, 1, "q:2025", false],
    ["2020", 2, 0.25, "modified:<=2020", true],
  ]);
});
