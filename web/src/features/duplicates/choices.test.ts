import { expect, test } from "vitest";
import type { Copy, DuplicateGroup } from "@/api/types";
import { sampleEntry } from "@/api/samples";
import { type Choices, toggled, verdicts } from "./choices";

const copy = (id: string, more: Partial<Copy> = {}): Copy => ({ ...sampleEntry({ id, name: id, kind: "file", path: `/x/${id}`, modified: `2024-01-0${id}T00:00:00Z` }), file: Number(id), body: Number(id), read: "", volume_id: "v", ...more });
const group = (...copies: Copy[]): DuplicateGroup => ({ content: "7", hash: "", kind: "image", size: 10, files: copies.length, bodies: copies.length, wasted: 10, copies });
const choices = (more: Partial<Choices> = {}): Choices => ({ keep: "oldest", how: "trash", stay: new Set(), narrowed: false, ...more });

test.each([
  ["oldest", ["stays", "gives", "gives"]],
  ["newest", ["gives", "gives", "stays"]],
  ["shortest", ["gives", "stays", "gives"]],
] as const)("one stays by rule: the %s", (keep, want) => {
  expect(verdicts(group(copy("1"), copy("2", { path: "/2" }), copy("3")), choices({ keep }))).toEqual(want);
});

test("times differ to the nanosecond", () => {
  const at = (fraction: string) => ({ modified: `2024-01-01T00:00:00${fraction}Z` });
  expect(verdicts(group(copy("1", at(".12345679")), copy("2", at(".123456789")), copy("3", at(".1234568"))), choices())).toEqual(["gives", "stays", "gives"]);
});

test("what is chosen by hand stays, and what stands in a reference folder", () => {
  expect(verdicts(group(copy("1"), copy("2"), copy("3", { reference: true })), choices({ stay: new Set(["2"]) }))).toEqual(["gives", "stays", "stays"]);
});

test("only what the search finds gives way", () => {
  expect(verdicts(group(copy("1", { matches: true }), copy("2"), copy("3", { matches: true })), choices({ narrowed: true }))).toEqual(["gives", "stays", "gives"]);
  expect(verdicts(group(copy("1"), copy("2")), choices({ narrowed: true }))).toEqual(["stays", "unasked"]);
});

test("names of one file are one, and what is away cannot give way", () => {
  expect(verdicts(group(copy("1"), copy("2", { file: 1 }), copy("3", { state: "offline" })), choices())).toEqual(["stays", "same", "away"]);
});

test("where blocks or the file itself are shared, one stays on each volume", () => {
  const two = group(copy("1"), copy("2", { volume_id: "w" }), copy("3"));
  expect(verdicts(two, choices({ how: "hard" }))).toEqual(["stays", "stays", "gives"]);
  expect(verdicts(two, choices())).toEqual(["stays", "gives", "gives"]);
});

test("several are taken in, and out again", () => {
  const some = toggled(new Set(["1"]), ["1", "2"]);
  expect([...some]).toEqual(["1", "2"]);
  expect([...toggled(some, ["1", "2"])]).toEqual([]);
});
