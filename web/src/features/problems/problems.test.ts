import { expect, test } from "vitest";
import { sampleJob, sampleLocation } from "@/api/samples";
import { troubles } from "./problems";

const none = { problems: [], libraries: [], volumes: [], locations: [], jobs: [], damaged: { n: 0, more: false }, unreadable: { n: 0, more: false } };

test("where all is well there is nothing", () => expect(troubles({ ...none, locations: [sampleLocation()], jobs: [sampleJob({ state: "done" })] })).toEqual([]));

test("each has its remedy", () => {
  const found = troubles({
    ...none,
    libraries: [{ id: "", name: "Home", path: "/l", state: "broken", default: true, problem: "Its database is damaged.", remedy: "Rebuild it." }],
    locations: [sampleLocation({ id: "a", name: "Away", state: "offline" }), sampleLocation({ id: "h", name: "Held", state: "held", missing: 9 })],
    damaged: { n: 1, more: false },
  });
  expect(found.map(({ group, remedies }) => [group, remedies.map((remedy) => remedy.do).join()])).toEqual([["libraries", "rebuild"], ["locations", "location"], ["locations", "missing,location"], ["files", "page"]]);
});

test("a job that failed is none any more once the same went well", () => {
  const failed = sampleJob({ id: "1", title: "Index A", state: "failed", created: "2026-01-01T00:00:00Z" });
  expect(troubles({ ...none, jobs: [failed] })).toHaveLength(1);
  expect(troubles({ ...none, jobs: [failed, sampleJob({ id: "2", title: "Index A", state: "done", created: "2026-01-02T00:00:00Z" })] })).toEqual([]);
});
