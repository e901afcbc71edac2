import { expect, test } from "vitest";
import { monthsOf } from "./months";

test("months have names, and queries that find just their photos", () => {
  const found = monthsOf([{ value: "2024-03", query: "taken:2024-03", files: 2 }, { value: "1931-05", query: "taken:1931-05", files: 1 }, { value: "", query: "-taken:1800..2200", files: 3 }], "No date", "en");
  expect(found.map(({ title, count }) => `${title}: ${count}`)).toEqual(["March 2024: 2", "May 1931: 1", "No date: 3"]);
  expect(found[0]?.query).toBe("kind:image,video taken:2024-03");
});
