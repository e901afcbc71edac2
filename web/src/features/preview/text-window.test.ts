import { expect, test } from "vitest";
import { decoded, windowOf } from "./text-window";

const file = new TextEncoder().encode("erste Zeile\nzweite Zeile\n漢字漢字漢字\nlast");
const cut = (from: number, to: number) => windowOf(file.subarray(from, to), from, file.length);

test("a stretch is cut where lines end", () => {
  expect(cut(0, 20).text).toBe("erste Zeile\n");
  expect(cut(3, 30).text).toBe("zweite Zeile\n");
  expect(cut(0, file.length).text.endsWith("last")).toBe(true);
});

test("in a line without an end, letters stay whole", () => {
  const line = new TextEncoder().encode("漢".repeat(100));
  for (let from = 0; from < 6; from++) for (let to = 60; to < 66; to++) expect(windowOf(line.subarray(from, to), from, line.length).text).toMatch(/^漢+$/);
});

test("stretches one after the other are the whole", () => {
  let at = 0;
  let text = "";
  while (at < file.length) {
    const next = windowOf(file.subarray(at, at + 24), at, file.length);
    text += at === 0 ? next.text : decoded(file.subarray(at, next.to));
    at = next.to > at ? next.to : file.length;
  }
  expect(text).toBe(decoded(file));
});

test("old texts and those with a mark are read", () => {
  expect(decoded(Uint8Array.of(0x47, 0x72, 0xfc, 0xdf, 0x65))).toBe("Grüße");
  expect(decoded(Uint8Array.of(0xff, 0xfe, 0x41, 0x00))).toBe("A");
});
