import { describe, expect, it } from "vitest";
import { highlight, queryWords } from "./highlight";

describe("queryWords", () => {
  it.each([
    ["holiday photo", ["holiday", "photo"]],
    ['kind:image "summer trip" -draft size:>10mb', ["summer trip"]],
    ["img*.jpg", ["img", ".jpg"]],
    ['"open', ["open"]],
    ["", []],
  ])("%s", (query, want) => expect(queryWords(query)).toEqual(want));
});

describe("highlight", () => {
  const lit = (name: string, query: string) => highlight(name, query).map((r) => name.slice(r.from, r.to));
  it.each([
    ["Holiday-holiday.jpg", "holi", ["Holi", "holi"]],
    ["Über Café.txt", "cafe uber", ["Über", "Café"]],
    ["Cafe\u0301.txt", "café", ["Cafe\u0301"]],
    ["abcabc", "abc ab", ["abcabc"]],
    ["𝒜plain", "plain", ["plain"]],
    ["İstanbul", "stan", ["stan"]],
    ["nothing", "zzz", []],
  ])("%s / %s", (name, query, want) => expect(lit(name, query)).toEqual(want));
});
