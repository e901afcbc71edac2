import type { Job, Location } from "@/api/types";

/** How a location stands, in a word and a tone. */
export interface Standing {
  word: string;
  tone: "good" | "busy" | "warn" | "bad";
}

/** The running job of a location: newer than the location's own copy when the job list has it. */
export function jobOf(location: Location, jobs: readonly Job[]): Job | undefined {
  const job = jobs.find((known) => known.id === location.job?.id) ?? location.job;
  return job !== undefined && (job.state === "running" || job.state === "queued" || job.state === "paused") ? job : undefined;
}

export function standing(location: Location, job: Job | undefined): Standing {
  if (job?.state === "running") return { word: "Indexing", tone: "busy" };
  if (job?.state === "queued") return { word: "Waiting to be indexed", tone: "busy" };
  if (job?.state === "paused") return { word: "Indexing is paused", tone: "warn" };
  switch (location.state) {
    case "offline": return { word: "Offline", tone: "warn" };
    case "incomplete": return { word: "Some folders could not be read", tone: "warn" };
    case "pending": return { word: "Not indexed to the end yet", tone: "warn" };
    case "indexing": return { word: "Indexing", tone: "busy" };
    default: return location.job?.state === "failed" ? { word: "The last index run failed", tone: "bad" } : { word: "Up to date", tone: "good" };
  }
}
