import type { Job, JobState } from "@/api/types";
import { bytes, count, countOf, duration } from "@/ui/format";

export const stateWords: Record<JobState, string> = {
  queued: "Waiting",
  running: "Running",
  paused: "Paused",
  done: "Done",
  failed: "Failed",
  cancelled: "Cancelled",
};

/**
 * How a job stands, in words. One that ended because too much was missing, or because its
 * volume was gone, did nothing wrong: it waits for a word, or for the volume.
 */
export function stateWord(job: Job): string {
  if (job.state === "failed" && job.error_kind === "conflict") return "Held";
  if (job.state === "failed" && job.error_kind === "unavailable") return "Interrupted";
  return stateWords[job.state];
}

/** Whether a job is still to be done or under way. */
export function isOpen(job: Job): boolean {
  return job.state === "running" || job.state === "queued" || job.state === "paused";
}

/** Whether something went wrong with it. */
export function troubled(job: Job): boolean {
  return job.state === "failed" || job.warnings > 0;
}

/** How far a job is, from 0 to 1; undefined when its end is not known. */
export function share(job: Job): number | undefined {
  if (job.state === "done") return 1;
  return job.total > 0 ? Math.min(job.done / job.total, 1) : undefined;
}

/** The line below a job's title: how far, how fast, how long. */
export function progressLine(job: Job): string {
  const parts: string[] = [];
  if (job.total > 0) parts.push(`${count(job.done)} of ${count(job.total)}`);
  else if (job.done > 0) parts.push(countOf(job.done, "item"));
  if (job.bytes > 0) parts.push(bytes(job.bytes));
  if (job.state === "running") {
    if (job.rate > 0) parts.push(`${count(Math.round(job.rate))} / s`);
    if (job.eta > 0) parts.push(`${duration(job.eta)} left`);
  } else {
    parts.unshift(stateWord(job));
    if (!isOpen(job)) parts.push(`in ${duration(job.seconds)}`);
  }
  return parts.join(" · ");
}

/** The jobs a person wants to see: what is open first, then the newest that ended. */
export function ordered(jobs: readonly Job[]): Job[] {
  const rank = (job: Job) => (job.state === "running" ? 0 : job.state === "paused" ? 1 : job.state === "queued" ? 2 : 3);
  return [...jobs].sort((a, b) => rank(a) - rank(b) || b.created.localeCompare(a.created));
}
