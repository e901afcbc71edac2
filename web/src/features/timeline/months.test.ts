import { expect, test } from "vitest";
import { monthsOf } from "./months";

/** Counts as the daemon does: of days like 2024-03-09, and "" for none. */
const counting = (days: readonly string[]) => (query: string) => {
  const range = /(-?)taken:(\S+)/.exec(query);
  const [from = "", to = from] = (range?.[2] ?? "").split("..");
  const inside = days.filter((day) => day !== "" && day.slice(0, from.length) >= from && day.slice(0, to.length) <= to).length;
  return Promise.resolve(range?.[1] === "-" ? days.length - inside : inside);
};

test("months that hold something, the newest first, and what has no date last", async () => {
  const found = await monthsOf(counting(["2024-03-09", "2024-03-10", "1999-12-31", "", "1931-05-01"]), new Date(2026, 5, 1), "en");
  expect(found.map(({ title, count }) => `${title}: ${count}`)).toEqual(["March 2024: 2", "December 1999: 1", "May 1931: 1", "No date in them: 1"]);
});

test("nothing is nothing", async () => expect(await monthsOf(counting([]), new Date(2026, 5, 1))).toEqual([]));

test("few questions are asked where there is little", async () => {
  let asked = 0;
  const count = counting(["2024-03-09"]);
  await monthsOf((query) => ((asked += 1), count(query)), new Date(2026, 5, 1));
  expect(asked).toBeLessThan(40);
});
