import { describe, expect, it } from "vitest";
import { sampleJob as job } from "@/api/samples";
import { ordered, progressLine, share } from "./job-words";

describe("progressLine", () => {
  it("says how far, how fast and how long", () =>
    expect(progressLine(job({ done: 500, total: 900, rate: 120.4, eta: 4, bytes: 2_000_000 }))).toMatch(/^500 of 900 · 2.0 MB · 120 \/ s · 4 s left$/));
  it("counts when the end is unknown", () => expect(progressLine(job({ done: 1 }))).toBe("1 item"));
  it("says how a job ended", () => expect(progressLine(job({ state: "done", done: 3, total: 3, seconds: 61 }))).toBe("Done · 3 of 3 · in 1 min 1 s"));
  it("says that a job waits for a word or its volume, and not that it failed", () => {
    expect(progressLine(job({ state: "failed", error_kind: "conflict", seconds: 1 }))).toMatch(/^Held/);
    expect(progressLine(job({ state: "failed", error_kind: "unavailable", seconds: 1 }))).toMatch(/^Interrupted/);
    expect(progressLine(job({ state: "failed", error_kind: "internal", seconds: 1 }))).toMatch(/^Failed/);
  });
});

it("share is unknown without a total", () => {
  expect(share(job({ done: 5 }))).toBeUndefined();
  expect(share(job({ done: 5, total: 10 }))).toBe(0.5);
  expect(share(job({ state: "done" }))).toBe(1);
});

it("running jobs come first, then the newest", () => {
  const jobs = [job({ id: "a", state: "done" }), job({ id: "b", state: "done", created: "2026-02-01T00:00:00Z" }), job({ id: "c", state: "queued" }), job({ id: "d" })];
  expect(ordered(jobs).map((j) => j.id)).toEqual(["d", "c", "b", "a"]);
});
