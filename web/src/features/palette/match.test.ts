import { expect, test } from "vitest";
import { fit, fitting } from "./match";

const titles = ["Back", "View as a list", "New tab", "Close the tab", "Select what is not selected", "Photos"].map((title) => ({ title }));
const found = (typed: string) => fitting(titles, typed, 10).map(({ title }) => title);

test("nothing typed: everything in its order", () => expect(found("")).toHaveLength(6));
test("the beginning of a text comes first", () => expect(found("new")[0]).toBe("New tab"));
test("words in any order", () => expect(found("tab close")).toEqual(["Close the tab"]));
test("initials", () => expect(found("vaa")).toContain("View as a list"));
test("letters left out", () => expect(found("phts")).toEqual(["Photos"]));
test("what does not fit is not there", () => {
  expect(found("zzz")).toEqual([]);
  expect(fit("Back", "kcab")).toBe(0);
});
test("other words of it count, but less", () => {
  const all = [{ title: "Backups", more: "/mnt/photos" }, { title: "Photos", more: "/home" }];
  expect(fitting(all, "photos", 5).map(({ title }) => title)).toEqual(["Photos", "Backups"]);
});
