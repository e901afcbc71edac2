import { expect, it } from "vitest";
import { sampleJob, sampleLocation as location } from "@/api/samples";
import type { Job } from "@/api/types";
import { heldAbove, jobOf, standing, watchWords } from "./location-words";

const job = (state: Job["state"], done = 0) => sampleJob({ id: "j", state, done });

it("the job list knows better than the location's own copy", () => {
  expect(jobOf(location({ job: job("running") }), [job("running", 7)])?.done).toBe(7);
  expect(jobOf(location({ job: job("running") }), [job("done")])).toBeUndefined();
  expect(jobOf(location({}), [])).toBeUndefined();
});

it.each([
  [location({}), undefined, "good"],
  [location({ state: "offline" }), undefined, "warn"],
  [location({ state: "incomplete", errors: 2 }), undefined, "warn"],
  [location({ state: "offline" }), job("running"), "busy"],
  [location({ state: "held", missing: 3, job: job("failed") }), undefined, "warn"],
] as const)("standing %#", (l, j, tone) => expect(standing(l, j).tone).toBe(tone));

it("a held location is found from any folder in it, also while it is scanned again", () => {
  const held = location({ id: "1", entry: "7", state: "held", missing: 3, job: job("failed") });
  expect(heldAbove(["9", "7"], [location({}), held], [])).toBe(held);
  expect(heldAbove(["9"], [location({}), held], [])).toBeUndefined();
  expect(heldAbove(["7"], [{ ...held, state: "indexing", job: job("running") }], [])?.id).toBe("1");
  expect(heldAbove(["7"], [{ ...held, state: "offline" }], [])).toBeUndefined();
  expect(heldAbove([""], [location({ missing: 3, state: "held" })], [])).toBeUndefined();
});

it.each([
  [{ folders: 3, watched: 3, share: 1, how: ["inotify"], rescan_every: 86_400 }, "All of it, live (inotify). All of it is looked at again once a day."],
  [{ folders: 3, watched: 1, share: 0.33 }, "1 of 3 folders, live."],
  [{ folders: 3, watched: 0, share: 0, rescan_every: 900 }, "Not watched: only scans see what changes. All of it is looked at again every 15 min."],
])("watching %#", (watch, words) => expect(watchWords(location({ watch }))).toBe(words));

it("says that watching is off by choice", () =>
  expect(watchWords(location({ policy: { watch: "off" }, watch: { folders: 3, watched: 0, share: 0 } }))).toBe("Not watched, by choice."));
