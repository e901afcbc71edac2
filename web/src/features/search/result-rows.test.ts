import { expect, test } from "vitest";
import { sampleEntry } from "@/api/samples";
import { resultRows, marked } from "./result-rows";

const text = (id: string, ...lines: string[]) => ({ ...sampleEntry({ id, name: id, kind: "file" }), content: `c${id}`, copies: 1, score: 1, snippets: lines.map((line) => ({ text: line, marks: [] })) });
const name = (id: string) => ({ ...sampleEntry({ id, name: id, kind: "file" }), score: 1, match: "inside" });

test("names alone stand without a heading, groups with one each", () => {
  expect(resultRows({ names: [name("a"), name("b")], total: 2 }).map((row) => row.key)).toEqual(["names a", "names b"]);
  const rows = resultRows({ names: [name("a")], total: 7, fuzzy: 2, texts: [text("a", "x", "y")], similar: [text("c")] });
  expect(rows.map((row) => row.key)).toEqual(["#names", "names a", "#texts", "texts a", "#similar", "similar c"]);
  expect(rows[0]).toMatchObject({ title: "Names", words: "7, 2 but for a slip" });
  expect((rows[3]?.height ?? 0) - (rows[1]?.height ?? 0)).toBe(36);
});

test("many names leave the other groups within reach, until all are wanted", () => {
  const names = Array.from({ length: 30 }, (_, i) => name(`n${i}`));
  const texts = [text("t")];
  const keys = resultRows({ names, total: 500, texts }).map((row) => row.key);
  expect(keys).toEqual(["#names", ...names.slice(0, 8).map((n) => `names ${n.id}`), "more", "#texts", "texts t"]);
  expect(resultRows({ names, total: 500, texts, all: true })).toHaveLength(33);
  expect(resultRows({ names, total: 500 })).toHaveLength(30);
  expect(resultRows({ names: names.slice(0, 10), total: 10, texts })).toHaveLength(13);
});

test("more texts than are shown are told of", () => {
  const [heading] = resultRows({ names: [], total: 0, texts: [text("t")], textsTotal: 90, textsMore: true });
  expect(heading).toMatchObject({ words: "more than 90 files, the best 1" });
});

test("nothing found has no rows", () => {
  expect(resultRows({ names: [], total: 0, texts: [] })).toEqual([]);
});

test("marks count characters, and the snippet stays on one line", () => {
  expect(marked("👩 the\nharbour", [[6, 13]])).toEqual({ text: "👩 the harbour", ranges: [{ from: 7, to: 14 }] });
  expect(marked("short", [[3, 99], [0, 1]]).ranges).toEqual([{ from: 0, to: 1 }, { from: 3, to: 5 }]);
  expect(marked("none").ranges).toEqual([]);
});
