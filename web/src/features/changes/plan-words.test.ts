import { describe, expect, it, test } from "vitest";
import { samplePlan as plan } from "@/api/samples";
import { outcome, phraseTyped, sharedChoices, speaksForItself, summaryLines } from "./plan-words";

describe("a plan speaks for itself", () => {
  it("when nothing is lost and nothing is open", () => expect(speaksForItself(plan())).toBe(true));
  it.each([
    ["a conflict", { undecided: 1 }],
    ["a phrase", { confirm: "delete 3 files" }],
    ["a warning", { warnings: ["times are lost"] }],
    ["something replaced", { summary: { ...plan().summary, replaced: 1 } }],
    ["something destroyed", { summary: { ...plan().summary, destroyed: 1 } }],
    ["being done already", { state: "done" as const }],
  ])("never with %s", (_, more) => expect(speaksForItself(plan(more))).toBe(false));
});

test("the summary says only what there is", () => {
  expect(summaryLines(plan())).toEqual([]);
  expect(summaryLines(plan({ summary: { ...plan().summary, files: 2, folders: 1, bytes: 3000, write: 3000, seconds: 61 } }))).toEqual(["2 files and 1 folder, 3.0 kB", "3.0 kB to be written", "about 1 min 1 s"]);
  expect(summaryLines(plan({ summary: { ...plan().summary, destroyed: 1 } }))).toEqual(["1 thing gone for good: this cannot be undone"]);
});

test("for all at once there is what all offer", () => {
  expect(sharedChoices([{ n: 1, verb: "copy", choices: ["skip", "keep-both", "replace"] }, { n: 2, verb: "copy", choices: ["skip", "keep-both"] }, { n: 3, verb: "copy" }])).toEqual(["skip", "keep-both"]);
  expect(sharedChoices([])).toEqual([]);
});

test("how it ended is said", () => {
  expect(outcome(plan({ state: "done", title: "3 files" }))).toEqual({ text: "Done: 3 files.", bad: false });
  expect(outcome(plan({ state: "done", undo_of: "1", title: "Undo: 3 files" })).text).toBe("Undone: 3 files.");
  expect(outcome(plan({ state: "partial", failed: 2 }))).toMatchObject({ bad: true });
  expect(outcome(plan({ state: "failed", error: "the volume is full" })).text).toContain("the volume is full");
});

test("a phrase is typed as it stands", () => {
  expect(phraseTyped(plan(), "")).toBe(true);
  expect(phraseTyped(plan({ confirm: "delete 2 files" }), " delete 2 files ")).toBe(true);
  expect(phraseTyped(plan({ confirm: "delete 2 files" }), "delete")).toBe(false);
});
