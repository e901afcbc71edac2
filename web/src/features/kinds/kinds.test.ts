import { describe, expect, it } from "vitest";
import { extensionOf, sortOf } from "./kinds";

describe("extensionOf", () => {
  it.each([["a.TXT", "txt"], ["archive.tar.gz", "gz"], [".bashrc", ""], ["README", ""], ["a.", ""], ["v1. final version", ""], ["x.\u202Efdp", ""]])(
    "%j → %j", (name, want) => expect(extensionOf(name)).toBe(want));
});

describe("sortOf", () => {
  it.each([
    ["file", "a.jpeg", undefined, "image", "JPEG image"],
    ["file", "a.ts", undefined, "code", "TypeScript"],
    ["file", "a.wmv", undefined, "video", "WMV video"],
    ["file", "deck.key", undefined, "slides", "Keynote slides"],
    ["file", "noext", "image/png", "image", "Image"],
    ["file", "a.xyz", undefined, "other", "XYZ file"],
    ["file", "noext", undefined, "other", "File"],
    ["folder", "a.jpg", undefined, "folder", "Folder"],
    ["symlink", "a.jpg", undefined, "link", "Symbolic link"],
    ["fifo", "pipe", undefined, "special", "Named pipe"],
  ] as const)("%s %s", (kind, name, mime, family, label) =>
    expect(sortOf({ kind, name, ...(mime === undefined ? {} : { mime }) })).toEqual({ family, label }));
  it("is as the daemon has it, where people taught it a kind", () => {
    expect(sortOf({ kind: "file", name: "a.mine", type: "model", mime: "" })).toEqual({ family: "model", label: "MINE model" });
    expect(sortOf({ kind: "file", name: "Makefile", type: "code", mime: "text/x-makefile" })).toEqual({ family: "code", label: "Code" });
    expect(sortOf({ kind: "file", name: "a.odd", type: "other", mime: "" })).toEqual({ family: "other", label: "ODD file" });
  });
});
