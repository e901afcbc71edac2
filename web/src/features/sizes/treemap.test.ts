import { expect, test } from "vitest";
import { boxes } from "./treemap";

const room = { x: 0, y: 0, width: 600, height: 400 };
const area = ({ width, height }: { width: number; height: number }) => width * height;

test("areas are as the weights, and fill the room", () => {
  const weights = [6, 6, 4, 3, 2, 2, 1];
  const placed = boxes(weights, room);
  placed.forEach((box, i) => expect(area(box)).toBeCloseTo(((weights[i] ?? 0) / 24) * area(room), 3));
});

test("no two lie on each other, and none leaves the room", () => {
  const placed = boxes([9, 8, 7, 5, 3, 2, 2, 1, 1, 0.5], room);
  for (const [i, a] of placed.entries()) {
    expect(a.x >= -1e-6 && a.y >= -1e-6 && a.x + a.width <= 600.001 && a.y + a.height <= 400.001).toBe(true);
    for (const b of placed.slice(i + 1)) {
      const over = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x) > 1e-6 && Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y) > 1e-6;
      expect(over).toBe(false);
    }
  }
});

test("boxes are near to squares", () => {
  for (const { width, height } of boxes(Array.from({ length: 20 }, () => 1), room)) expect(Math.max(width / height, height / width)).toBeLessThan(2.2);
});

test("nothing, and no room, give no boxes to see", () => {
  expect(boxes([], room)).toEqual([]);
  expect(area(boxes([1], { ...room, width: 0 })[0] ?? room)).toBe(0);
});
