import { expect, it } from "vitest";
import { isTextType, previewKind } from "./preview-kind";

it.each([
  ["a.JPG", undefined, "image"], ["a.svg", undefined, "image"], ["a.html", undefined, "text"], ["a.tiff", undefined, "none"],
  ["a.pdf", undefined, "pdf"], ["a.mp3", undefined, "audio"], ["a.mp4", undefined, "video"], ["a.mkv", undefined, "none"],
  ["notes.md", undefined, "text"], ["main.go", undefined, "text"], ["a.csv", undefined, "text"], ["README", undefined, "text"],
  ["unknown", "text/plain", "text"], ["unknown", undefined, "none"], ["a.zip", undefined, "none"],
] as const)("%s (%s) → %s", (name, mime, want) =>
  expect(previewKind({ kind: "file", name, ...(mime === undefined ? {} : { mime }) })).toBe(want));

it("never opens what is not a file", () => {
  expect(previewKind({ kind: "fifo", name: "a.txt" })).toBe("none");
  expect(previewKind({ kind: "folder", name: "a.jpg" })).toBe("none");
});

it.each([
  ["text/plain; charset=windows-1252", true], ["application/json; charset=utf-8", true], ["image/svg+xml", true],
  ["application/octet-stream", false], ["video/mp2t", false], ["image/png", false],
] as const)("%s is text: %s", (type, want) => expect(isTextType(type)).toBe(want));
