import { describe, expect, it, test } from "vitest";
import { commandTable } from "./command-table";
import { chordOf, chordWords, commandAt, keysOf, withChord } from "./keymap";

const press = (key: string, more: Partial<Parameters<typeof chordOf>[0]> = {}) =>
  chordOf({ key, code: "", ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more });

describe("chordOf", () => {
  it("names letters in one way", () => expect(press("k", { ctrlKey: true })).toBe("Mod+K"));
  it("takes Command for Ctrl", () => expect(press("K", { metaKey: true, shiftKey: true })).toBe("Mod+Shift+K"));
  it("is the sign, not the keys that write it", () => expect(press("?", { shiftKey: true })).toBe("?"));
  it("knows the key below what Alt writes", () => expect(press("©", { altKey: true, code: "KeyG" })).toBe("Alt+G"));
  it("waits while only modifiers are down", () => expect(press("Shift", { shiftKey: true })).toBe(""));
  it("names the space bar", () => expect(press(" ")).toBe("Space"));
});

test("no two commands come with the same keys", () => {
  const all = commandTable.flatMap(({ keys }) => keys);
  expect(new Set(all).size).toBe(all.length);
});

test("a chord that is given away is taken from its command", () => {
  expect(commandAt("Mod+K", {})).toBe("palette");
  const chosen = withChord({}, "split", "Mod+K");
  expect(commandAt("Mod+K", chosen)).toBe("split");
  expect(keysOf("palette", chosen)).toEqual(["Mod+Shift+P"]);
  expect(keysOf("split", chosen)).toEqual(["Mod+K"]);
  expect(commandAt("F3", chosen)).toBeUndefined();
});

test("chords are read as people write them", () => expect(chordWords("Mod+Shift+ArrowUp")).toBe("Ctrl Shift ↑"));
