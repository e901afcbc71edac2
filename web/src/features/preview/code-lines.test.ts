import { common, createLowlight } from "lowlight";
import { expect, test } from "vitest";
import { languageOf } from "./code-language";
import { linesOf, looksLikeText } from "./code-lines";

const lowlight = createLowlight(common);

test.each([
  ["main.go", "go"], ["a.TSX", "typescript"], ["Makefile", "makefile"], ["x.html", "xml"], ["notes.txt", ""], ["photo.jpg", ""], [".bashrc", "bash"], ["a.toml", "ini"],
] as const)("%s is written in %s", (name, want) => expect(languageOf(name)).toBe(want));

test("every language that is named has its grammar", () => {
  for (const name of ["a.sh", "a.c", "a.cpp", "a.cs", "a.css", "a.diff", "a.go", "a.graphql", "a.ini", "a.java", "a.js", "a.json", "a.kt", "a.less", "a.lua", "a.mk", "a.mm", "a.pl", "a.php", "a.py", "a.r", "a.rb", "a.rs", "a.scss", "a.sql", "a.swift", "a.ts", "a.vb", "a.xml", "a.yml"]) {
    expect([name, lowlight.registered(languageOf(name))]).toEqual([name, true]);
  }
});

test("what is drawn is the text as it was, with words that are told apart", () => {
  const text = 'package a\n\n// words of a\nfunc b() string {\n\treturn "<img src=x>\\n"\n}\n';
  const lines = linesOf(lowlight.highlight("go", text));
  expect(lines.map((line) => line.map((piece) => piece.text).join("")).join("\n") + "\n").toBe(text);
  expect(lines[0]?.[0]).toEqual({ text: "package", kind: "keyword" });
  expect(lines[2]?.[0]?.kind).toBe("comment");
  expect(lines[4]?.some(({ text: piece, kind }) => kind === "string" && piece.includes("<img src=x>"))).toBe(true);
});

test("a comment over several lines is one on each of them", () =>
  expect(linesOf(lowlight.highlight("css", "/* a\nb */ p{}")).map((line) => line[0]?.kind)).toEqual(["comment", "comment"]));

test("no text is no lines too many", () => {
  expect(linesOf({ type: "root", children: [] })).toEqual([[]]);
  expect(linesOf({ type: "text", value: "a\n" })).toEqual([[{ text: "a", kind: "" }]]);
});

test("bytes that are no text are known", () => {
  expect(looksLikeText(Uint8Array.of(0x47, 0x40, 0, 0x10))).toBe(false);
  expect(looksLikeText(Uint8Array.of(0xff, 0xfe, 0x41, 0))).toBe(true);
  expect(looksLikeText(new TextEncoder().encode("Grüße"))).toBe(true);
});
