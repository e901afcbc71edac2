import { expect, it } from "vitest";
import type { Job, Location } from "@/gen/client";
import { jobOf, standing } from "./location-words";

const job = (state: Job["state"], done = 0): Job => ({
  id: "j", kind: "index.scan", title: "", state, done, total: 0, bytes: 0, rate: 0, eta: 0, warnings: 0, created: "", seconds: 0,
});
const location = (more: Partial<Location>): Location => ({
  id: "l", name: "", path: "", volume: "", mode: "content", state: "ready", files: 0, folders: 0, bytes: 0, skipped: 0, errors: 0, entry: "", ...more,
});

it("the job list knows better than the location's own copy", () => {
  expect(jobOf(location({ job: job("running") }), [job("running", 7)])?.done).toBe(7);
  expect(jobOf(location({ job: job("running") }), [job("done")])).toBeUndefined();
  expect(jobOf(location({}), [])).toBeUndefined();
});

it.each([
  [location({}), undefined, "good"],
  [location({ state: "offline" }), undefined, "warn"],
  [location({ errors: 2 }), undefined, "warn"],
  [location({ state: "offline" }), job("running"), "busy"],
] as const)("standing %#", (l, j, tone) => expect(standing(l, j).tone).toBe(tone));
