import { expect, test } from "vitest";
import type { ArchiveItem, Entry } from "@/api/types";
import { viewerOf, waysOf } from "@/features/preview/ways";
import { above, crumbsOf, insideOf, isUnpacked, keyOfItem, unpackable } from "./inside";

const archive: Entry = { id: "7", name: "photos.zip", path: "sd://local/photos.zip", kind: "file", size: 99, state: "present", mode: "0644", hidden: false, type: "archive" };
const item = (path: string, more: Partial<ArchiveItem> = {}): ArchiveItem => ({ name: path.split("/").at(-1) ?? "", path, folder: false, size: 5, member: `0-${path}`, ...more });

test("a member is a file that is not indexed, whose bytes are asked of the archive", () => {
  const inside = insideOf(archive, item("a/b.txt", { type: "text", size: -1 }));
  expect(inside).toMatchObject({ id: "", path: archive.path, name: "b.txt", member: "0-a/b.txt", size: 0, type: "text" });
});

test("archives are looked into, but those within an archive are bytes", () => {
  expect(viewerOf(archive, "view")).toBe("archive");
  expect(waysOf(archive).map(([way]) => way)).toEqual(["view", "bytes"]);
  expect(viewerOf(insideOf(archive, item("inner.zip")), "view")).toBe("hex");
});

test("the way to a folder", () => {
  expect(crumbsOf("")).toEqual([]);
  expect(crumbsOf("a/b")).toEqual([{ name: "a", folder: "a" }, { name: "b", folder: "a/b" }]);
  expect([above("a/b"), above("a"), above("")]).toEqual(["a", "", ""]);
});

test("what leads out of an archive is never asked to be unpacked, and each path once", () => {
  expect(unpackable([item("a"), item("a"), item("b", { folder: true }), item("", { refused: "its name leads out" }), item("c", { refused: "it is encrypted" })])).toEqual(["a", "b"]);
  expect(["x.zip", "x.7Z", "x.tar.gz"].map(isUnpacked)).toEqual([true, false, true]);
});

test("two members of one name are two rows", () => expect(keyOfItem(item("a"), 0)).not.toBe(keyOfItem(item("a"), 1)));
