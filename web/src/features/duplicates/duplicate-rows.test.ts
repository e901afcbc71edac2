import { expect, test } from "vitest";
import { sampleEntry } from "@/api/samples";
import type { Choices } from "./choices";
import { duplicateRows } from "./duplicate-rows";

const choices: Choices = { keep: "oldest", how: "trash", stay: new Set(), narrowed: false };
const copy = (id: string, file: number, more: object = {}) => ({ ...sampleEntry({ id, name: id, kind: "file" }), file, body: file, read: "", ...more });

test("a group has a heading, its copies, and what of them is not listed", () => {
  const rows = duplicateRows([
    { content: "7", hash: "", kind: "image", size: 1000, files: 12, bodies: 12, wasted: 11000, copies: [copy("a", 1, { reference: true }), copy("b", 1), copy("c", 2)], more: 9 },
  ], choices);
  expect(rows.map((row) => row.key)).toEqual(["#7", "7 a", "7 b", "7 c", "more 7"]);
  expect(rows[0]).toMatchObject({ heading: true, title: "11.0 kB too many", words: "12 files of 1.0 kB each" });
  expect(rows.flatMap((row) => ("note" in row ? row.note : []))).toEqual(["kept", "another name of a file above", ""]);
});

test("what shares its blocks is marked, and nothing is gained by it", () => {
  const rows = duplicateRows([{ content: "7", hash: "", kind: "image", size: 1000, files: 2, bodies: 1, wasted: 0, copies: [copy("a", 1), copy("b", 2, { body: 1 })] }], choices);
  expect(rows[0]).toMatchObject({ title: "Nothing to gain" });
  expect(rows.flatMap((row) => ("note" in row ? row.note : []))).toEqual(["", "shares its blocks with a file above"]);
});
