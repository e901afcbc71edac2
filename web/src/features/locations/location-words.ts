import type { Job, Location } from "@/api/types";
import { count, countOf, duration } from "@/ui/format";

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
    case "held": return { word: `${countOf(location.missing, "entry", "entries")} missing: you decide`, tone: "warn" };
    case "offline": return { word: "Offline", tone: "warn" };
    case "incomplete": return { word: "Some folders could not be read", tone: "warn" };
    case "pending": return { word: "Not indexed to the end yet", tone: "warn" };
    case "indexing": return { word: "Indexing", tone: "busy" };
    default: return location.job?.state === "failed" ? { word: "The last index run failed", tone: "bad" } : { word: "Up to date", tone: "good" };
  }
}

/** Whether a scan found so much missing that the person is asked. It stays while another scan looks again. */
export function isHeld(location: Location, job: Job | undefined): boolean {
  return location.missing > 0 && (location.state === "held" || job !== undefined);
}

/** The location of an open folder that waits for the person's word. */
export function heldAbove(folders: readonly string[], locations: readonly Location[], jobs: readonly Job[]): Location | undefined {
  return locations.find((location) => location.entry !== "" && folders.includes(location.entry) && isHeld(location, jobOf(location, jobs)));
}

/** How changes in a location are noticed. */
export function watchWords({ watch, policy }: Location): string {
  const again = watch.rescan_every === undefined ? "" : ` All of it is looked at again ${watch.rescan_every === 86_400 ? "once a day" : `every ${duration(watch.rescan_every).replace(/ 0 \w+$/, "")}`}.`;
  if (policy?.watch === "off") return `Not watched, by choice.${again}`;
  if (watch.watched === 0) return `Not watched: only scans see what changes.${again}`;
  const how = watch.how === undefined || watch.how.length === 0 ? "" : ` (${watch.how.join(", ")})`;
  if (watch.watched >= watch.folders) return `All of it, live${how}.${again}`;
  return `${count(watch.watched)} of ${countOf(watch.folders, "folder")}, live${how}.${again}`;
}
