import { expect, test } from "vitest";
import { nameFault, newPath, stemEnd } from "./names";

test("names that cannot be", () => {
  for (const bad of ["", "  ", ".", "..", "a/b", "a\0b", "é".repeat(128)]) expect(nameFault(bad)).not.toBe("");
  for (const good of ["a", ".hidden", "what? #1 100%", "…", "é".repeat(127)]) expect(nameFault(good)).toBe("");
});

test("a new path is read as its name", () => {
  expect(newPath("sd://local/home", "what? #1 100%/x")).toBe("sd://local/home/what%3F%20%231%20100%25%2Fx");
  expect(newPath("sd://local/", "a")).toBe("sd://local/a");
});

test("an extension mostly stays", () => {
  expect(stemEnd("a.tar.gz", false)).toBe(5);
  expect(stemEnd(".bashrc", false)).toBe(7);
  expect(stemEnd("v1.2", true)).toBe(4);
});
