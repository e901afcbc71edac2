import { expect, test } from "vitest";
import type { TagRule } from "@/api/types";
import { changesOf, formOf, giftOf, trialOf } from "./rule-form";

const rule: TagRule = { id: "r1", name: "scans", query: "ext:pdf", tag: { id: "t1", name: "paper" }, given: 3, state: "active" };

test("a rule gives a tag or puts into a collection, and nothing while neither is said", () => {
  expect(giftOf(formOf(rule))).toEqual({ tag: "t1" });
  expect(giftOf({ ...formOf(undefined), gives: "collection", collection: "c1" })).toEqual({ collection: "c1" });
  expect(giftOf({ ...formOf(undefined), tag: "  " })).toBeUndefined();
});

test("a rule as it stands is tried by its id, and another query with what it would give", () => {
  expect(trialOf(rule, formOf(rule))).toEqual({ rule: "r1" });
  expect(trialOf(rule, { ...formOf(rule), query: "ext:tif " })).toEqual({ query: "ext:tif", tag: "t1" });
  expect(trialOf(undefined, { ...formOf(undefined), query: "ext:tif" })).toEqual({ query: "ext:tif" });
  expect(trialOf(undefined, formOf(undefined))).toBeUndefined();
});

test("only what is otherwise is asked for", () => {
  expect(changesOf(rule, formOf(rule))).toEqual({});
  expect(changesOf(rule, { ...formOf(rule), name: " papers ", confidence: 0.5 })).toEqual({ name: "papers", confidence: 0.5 });
});
