import { describe, expect, it } from "vitest";
import { all, extend, nothing, only, toggle, typeahead } from "./selection";

const order = ["a", "b", "c", "d"];
const keys = (s: { keys: ReadonlySet<string> }) => [...s.keys].sort().join("");

describe("selection", () => {
  it("extends from the anchor in both directions", () => {
    const s = only("c");
    expect(keys(extend(s, "d", order))).toBe("cd");
    expect(keys(extend(extend(s, "d", order), "a", order))).toBe("abc");
  });
  it("extends from nothing to one", () => expect(keys(extend(nothing, "b", order))).toBe("b"));
  it("ignores rows that are gone", () => {
    const s = only("b");
    expect(extend(s, "gone", order)).toBe(s);
    expect(keys(extend(only("gone"), "b", order))).toBe("b");
  });
  it("toggles", () => {
    expect(keys(toggle(only("a"), "c"))).toBe("ac");
    expect(keys(toggle(toggle(only("a"), "c"), "a"))).toBe("c");
  });
  it("selects all", () => expect(keys(all(only("b"), order))).toBe("abcd"));
});

describe("typeahead", () => {
  const names = ["Alpha", "beta", "Bravo", "charlie"];
  it.each([["b", 0, 1], ["br", 0, 2], ["b", 2, 2], ["a", 2, 0], ["z", 0, -1]])("%s from %d → %d", (typed, from, want) =>
    expect(typeahead(names, typed, from)).toBe(want));
  it("of an empty list", () => expect(typeahead([], "a", 0)).toBe(-1));
});
