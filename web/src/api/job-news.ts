import type { Job } from "./types";

/** The list with one job put in the place of its older state, or in front. */
export function withJob(jobs: readonly Job[], job: Job): Job[] {
  const at = jobs.findIndex((known) => known.id === job.id);
  return at < 0 ? [job, ...jobs] : jobs.with(at, job);
}

/**
 * What events said of jobs. An answer that was on its way while an event came
 * is older than the event: without this a job that ended in that moment would
 * seem to run for ever.
 */
export class JobNews {
  private readonly heard = new Map<string, { job: Job; at: number }>();

  hear(job: Job, at: number): void {
    this.heard.delete(job.id);
    this.heard.set(job.id, { job, at });
    const oldest = this.heard.keys().next().value;
    if (this.heard.size > 200 && oldest !== undefined) this.heard.delete(oldest);
  }

  /** The list as it is now, made of one that was asked for at `asked` and what was heard since. */
  merge(listed: readonly Job[], asked: number): Job[] {
    let jobs = [...listed];
    for (const { job, at } of this.heard.values()) if (at >= asked) jobs = withJob(jobs, job);
    return jobs;
  }
}
