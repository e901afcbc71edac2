import { expect, test } from "vitest";
import { nearest, nextGroup, stepFrom } from "./row-moves";

const rows = Array.from("H..H.H", (mark) => ({ heading: mark === "H" }));

test("steps pass over headings and stop at the ends", () => {
  expect(stepFrom(rows, -1, 1)).toBe(1);
  expect(stepFrom(rows, 2, 1)).toBe(4);
  expect(stepFrom(rows, 4, 1)).toBe(4);
  expect(stepFrom(rows, 4, -1)).toBe(2);
  expect(stepFrom(rows, 1, -1)).toBe(1);
  expect(stepFrom(rows, 1, 10)).toBe(4);
  expect(stepFrom(rows, rows.length, -1)).toBe(4);
  expect(stepFrom([], 0, 1)).toBe(-1);
});

test("groups are stepped through by their first rows", () => {
  expect(nextGroup(rows, 1, 1)).toBe(4);
  expect(nextGroup(rows, 4, 1)).toBe(4);
  expect(nextGroup(rows, 4, -1)).toBe(1);
  expect(nextGroup(rows, 2, -1)).toBe(1);
  expect(nextGroup(rows, -1, 1)).toBe(1);
});

test("the nearest row is never a heading", () => {
  expect(nearest(rows, 3)).toBe(4);
  expect(nearest(rows, 5)).toBe(4);
  expect(nearest(rows, 99)).toBe(4);
  expect(nearest([], 0)).toBe(-1);
  expect(nearest([{ heading: true }], 0)).toBe(0);
});
