import { expect, it } from "vitest";
import { JobNews } from "./job-news";
import { sampleJob } from "./samples";

const states = (jobs: { id: string; state: string }[]) => jobs.map((j) => `${j.id} ${j.state}`);

it("what was heard after the question outranks the answer", () => {
  const news = new JobNews();
  news.hear(sampleJob({ id: "a", state: "running" }), 1);
  news.hear(sampleJob({ id: "a", state: "done" }), 3);
  news.hear(sampleJob({ id: "new", state: "queued" }), 4);
  const answer = [sampleJob({ id: "b" }), sampleJob({ id: "a", state: "running" })];
  expect(states(news.merge(answer, 2))).toEqual(["new queued", "b running", "a done"]);
});

it("what was heard before the question is forgotten", () => {
  const news = new JobNews();
  news.hear(sampleJob({ id: "a", state: "running" }), 1);
  expect(states(news.merge([sampleJob({ id: "a", state: "done" })], 2))).toEqual(["a done"]);
});
