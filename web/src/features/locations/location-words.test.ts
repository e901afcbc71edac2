import { expect, it } from "vitest";
import { sampleJob, sampleLocation as location } from "@/api/samples";
import type { Job } from "@/api/types";
import { jobOf, standing } from "./location-words";

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
] as const)("standing %#", (l, j, tone) => expect(standing(l, j).tone).toBe(tone));
