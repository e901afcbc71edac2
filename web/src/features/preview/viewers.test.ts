import { describe, expect, it, test } from "vitest";
import { hexLines } from "./hex";
import { blocksOf, spansOf } from "./markdown";
import { parseTable, separatorOf } from "./table";
import { fitted, turned, zoomed } from "./zoom";

test("bytes are written as numbers and letters", () => {
  const [line, last] = hexLines(Uint8Array.from("Stardrive 0123456789", (c) => c.charCodeAt(0)), 16, 100);
  expect(line).toEqual({ at: "000010", hex: "53 74 61 72 64 72 69 76  65 20 30 31 32 33 34 35", text: "Stardrive 012345" });
  expect(last?.text).toBe("6789");
  expect(hexLines(Uint8Array.of(0, 255), 0, 2)[0]?.text).toBe("··");
});

describe("tables", () => {
  it("have values in quotes", () => expect(parseTable('a,"b, ""c""\nd",e\r\n1,2,3', 10)).toEqual([["a", 'b, "c"\nd', "e"], ["1", "2", "3"]]));
  it("tell their separator", () => expect([separatorOf("a;b;c,d"), separatorOf("a\tb"), separatorOf('"x;y",b')]).toEqual([";", "\t", ","]));
  it("are cut", () => expect(parseTable("a\nb\nc\n", 2)).toHaveLength(2));
  it("have no empty rows at their end", () => expect(parseTable("a,b\n\n", 9)).toEqual([["a", "b"]]));
});

describe("Markdown", () => {
  it("has blocks", () =>
    expect(blocksOf("# T\n\nwords\nmore\n\n- a\n  - b\n1. c\n\n> q\n\n```\n<b>\n```\n\n---\n\n|a|b|\n|-|-|\n|1|2|\n").map(({ kind }) => kind)).toEqual(["heading", "paragraph", "item", "item", "item", "quote", "code", "rule", "table"]));
  it("has headings below their line", () => expect(blocksOf("Title\n=====\n")).toEqual([{ kind: "heading", level: 1, spans: [{ kind: "text", text: "Title" }] }]));
  it("has spans", () =>
    expect(spansOf("a **b** *c* `d*` [e](http://x) <https://y>")).toEqual([
      { kind: "text", text: "a " }, { kind: "strong", text: "b" }, { kind: "text", text: " " }, { kind: "em", text: "c" }, { kind: "text", text: " " }, { kind: "code", text: "d*" },
      { kind: "text", text: " " }, { kind: "link", text: "e" }, { kind: "text", text: " " }, { kind: "link", text: "https://y" },
    ]));
  it("keeps markup as text", () => expect(blocksOf("<script>alert(1)</script>")).toEqual([{ kind: "paragraph", spans: [{ kind: "text", text: "<script>alert(1)</script>" }] }]));
  it("keeps signs that are meant", () => expect(spansOf("2 \\* 3 and snake_case_name")).toEqual([{ kind: "text", text: "2 * 3 and snake_case_name" }]));
});

describe("zoom", () => {
  it("keeps what is under the pointer", () => {
    const at = { x: 30, y: -20 };
    const near = zoomed(fitted, 2, at);
    expect(near.scale).toBe(2);
    // A point p of the picture is at scale * p + offset: the one under the pointer stays.
    expect((at.x - near.x) / near.scale).toBeCloseTo(at.x);
    expect((at.y - near.y) / near.scale).toBeCloseTo(at.y);
  });
  it("has ends, and comes back to the middle", () => {
    expect(zoomed(fitted, 1000, { x: 0, y: 0 }).scale).toBe(16);
    expect(zoomed({ ...fitted, scale: 2, x: 50, y: 50 }, 0.1, { x: 5, y: 5 })).toEqual(fitted);
  });
  it("turns by quarters", () => expect(turned(turned({ ...fitted, turn: 270 })).turn).toBe(90));
});
