import { expect, test } from "vitest";
import { draftOf, joined, keepDraft, outcomeOf } from "./note-draft";

test("nobody's words are written over", () => {
  expect(outcomeOf({ base: "a", text: "b" }, "a")).toBe("save");
  expect(outcomeOf({ base: "a", text: "b" }, "b")).toBe("same");
  expect(outcomeOf({ base: "a", text: "b" }, "c")).toBe("conflict");
  expect(outcomeOf({ base: "", text: "b" }, "c")).toBe("conflict");
});

test("both texts stay where both are wanted", () => {
  expect(joined("theirs", "mine")).toBe("theirs\n\n---\n\nmine");
  expect(joined("", "mine")).toBe("mine");
  expect(joined("one", "one and two")).toBe("one and two");
});

test("a draft lasts until it is as it began", () => {
  keepDraft("1", { base: "a", text: "b" });
  expect(draftOf("1")?.text).toBe("b");
  keepDraft("1", { base: "a", text: "a" });
  expect(draftOf("1")).toBeUndefined();
});
