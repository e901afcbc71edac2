import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { MarksBook } from "./marks-book";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("rows of a moment are asked for together, once", async () => {
  const asked: string[][] = [];
  const book = new MarksBook((ids) => {
    asked.push(ids);
    return Promise.resolve([{ id: "2", rating: 4 }]);
  });
  const told = vi.fn();
  book.watch("1", told);
  const leave = book.watch("2", told);
  book.watch("3", told)(); // gone before anybody asked
  await vi.advanceTimersByTimeAsync(100);
  expect(asked).toEqual([["1", "2"]]);
  expect(book.get("2")).toEqual({ id: "2", rating: 4 });
  expect(told).toHaveBeenCalledTimes(1); // of the first there is nothing to tell
  leave();
  book.watch("2", told);
  await vi.advanceTimersByTimeAsync(100);
  expect(asked).toHaveLength(1);
});

test("what is shown is asked for anew after a change, and told of where it is otherwise", async () => {
  let stars = 1;
  const book = new MarksBook(() => Promise.resolve([{ id: "1", rating: stars }, { id: "2", rating: 5 }]));
  const [one, two] = [vi.fn(), vi.fn()];
  book.watch("1", one);
  book.watch("2", two);
  await vi.advanceTimersByTimeAsync(100);
  stars = 2;
  book.moved();
  await vi.advanceTimersByTimeAsync(100);
  expect(book.get("1")?.rating).toBe(2);
  expect([one.mock.calls.length, two.mock.calls.length]).toEqual([2, 1]);
});

test("a daemon that is away is asked again with the next change", async () => {
  let away = true;
  const book = new MarksBook(() => (away ? Promise.reject(new Error("away")) : Promise.resolve([{ id: "1", favourite: true }])));
  book.watch("1", vi.fn());
  await vi.advanceTimersByTimeAsync(100);
  expect(book.get("1")).toBeUndefined();
  away = false;
  book.moved();
  await vi.advanceTimersByTimeAsync(100);
  expect(book.get("1")?.favourite).toBe(true);
});
