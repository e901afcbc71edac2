import { describe, expect, it } from "vitest";
import { nameParts, plainName, rawNameParts } from "./names";

const shown = (name: string) => nameParts(name).map((p) => (p.mark ? `[${p.text}]` : p.text)).join("");

describe("nameParts", () => {
  it.each([
    ["plain.txt", "plain.txt"],
    ["Ünïcode – 日本語 👩‍👩‍👧.png", "Ünïcode – 日本語 👩‍👩‍👧.png"],
    ["עברית.txt", "עברית.txt"],
    ["invoice\u202Efdp.exe", "invoice[U+202E]fdp.exe"],
    ["a\u200Bb", "a[U+200B]b"],
    ["two\nlines\tand\u0007bell", "two[\\n]lines[\\t]and[U+0007]bell"],
    ["\uFEFFbom", "[U+FEFF]bom"],
    ["lone\uD800surrogate", "lone[U+D800]surrogate"],
    ["<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"],
    ["", ""],
  ])("A4: %j is shown as %j", (name, want) => expect(shown(name)).toBe(want));

  it("keeps the offsets of the original", () => {
    expect(nameParts("a\u202Eb").map((p) => p.at)).toEqual([0, 1, 2]);
  });
});

describe("rawNameParts", () => {
  const base64 = (...octets: number[]) => btoa(String.fromCharCode(...octets));
  it("marks bytes that are not UTF-8 and keeps the rest", () => {
    expect(rawNameParts(base64(0x61, 0xff, 0xc3, 0xa9, 0xc3))?.map((p) => p.text)).toEqual(["a", "\\xFF", "é", "\\xC3"]);
  });
  it("refuses overlong forms and surrogates byte by byte", () => {
    expect(rawNameParts(base64(0xc0, 0xaf))?.every((p) => p.mark)).toBe(true);
    expect(rawNameParts(base64(0xed, 0xa0, 0x80))?.length).toBe(3);
  });
  it("says when it is not base64", () => expect(rawNameParts("***")).toBeUndefined());
});

it("plainName uses the raw bytes when there are any", () => {
  expect(plainName("a\uFFFD", btoa("a\xff"))).toBe("a⟨\\xFF⟩");
  expect(plainName("x\u202Ey")).toBe("x⟨U+202E⟩y");
});
