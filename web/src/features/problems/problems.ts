// What is wrong, of all sorts, and what can be done about each: collected from what the daemon tells.
import type { Job, Library, Location, Problem, Volume } from "@/api/types";
import { isHeld, jobOf, standing } from "@/features/locations/location-words";
import { plainName } from "@/ui/names";
import { words } from "./words";

/** What helps against a problem. */
export type Remedy =
  | { do: "missing" | "location" | "rescan"; location: Location }
  | { do: "page"; to: "/damage" | "/quarantine" | "/jobs" }
  | { do: "rebuild"; library: Library };

export interface Trouble {
  key: string;
  group: "daemon" | "libraries" | "volumes" | "locations" | "files" | "jobs";
  bad: boolean;
  text: string;
  help: string;
  remedies: readonly Remedy[];
}

interface Known {
  problems: readonly Problem[];
  libraries: readonly Library[];
  volumes: readonly Volume[];
  locations: readonly Location[];
  jobs: readonly Job[];
  damaged: { n: number; more: boolean };
  unreadable: { n: number; more: boolean };
}

function ofLocation(location: Location, jobs: readonly Job[]): Trouble[] {
  const job = jobOf(location, jobs);
  const { word, tone } = standing(location, job);
  if (tone !== "warn" && tone !== "bad") return [];
  const held = isHeld(location, job);
  const remedies: Remedy[] = [held ? { do: "missing", location } : { do: "rescan", location }, { do: "location", location }];
  return [{ key: `location ${location.id}`, group: "locations", bad: tone === "bad", text: `${plainName(location.name)}: ${word}`, help: "", remedies: location.state === "offline" ? remedies.slice(1) : remedies }];
}

/** How long a job that failed is a problem: what was done again since has settled it. */
function failed(jobs: readonly Job[]): readonly Job[] {
  return jobs.filter((job) => job.state === "failed" && !jobs.some((later) => later.kind === job.kind && later.title === job.title && later.created > job.created && later.state !== "failed"));
}

/** All that is wrong, the worst sorts first. */
export function troubles({ problems, libraries, volumes, locations, jobs, damaged, unreadable }: Known): Trouble[] {
  const found: Trouble[] = [
    ...libraries.filter(({ state }) => state === "broken").map((library): Trouble => ({
      key: `library ${library.path}`, group: "libraries", bad: true, text: words.broken(plainName(library.name)), help: [library.problem, library.remedy].filter(Boolean).join(" "), remedies: [{ do: "rebuild", library }],
    })),
    ...problems.map((problem): Trouble => ({ key: `problem ${problem.message}`, group: "daemon", bad: false, text: problem.message, help: problem.remedy, remedies: [] })),
    ...volumes.filter(({ problem }) => problem !== undefined).map((volume): Trouble => ({
      key: `volume ${volume.id}${volume.identity}${volume.mount}`, group: "volumes", bad: volume.state === "broken", text: `${plainName(volume.name || volume.mount)}: ${volume.problem ?? ""}`, help: volume.remedy ?? "", remedies: [],
    })),
    ...locations.flatMap((location) => ofLocation(location, jobs)),
  ];
  if (damaged.n > 0) found.push({ key: "damaged", group: "files", bad: true, text: words.damaged(damaged.n, damaged.more), help: words.damagedHelp, remedies: [{ do: "page", to: "/damage" }] });
  if (unreadable.n > 0) found.push({ key: "unread", group: "files", bad: false, text: words.unread(unreadable.n, unreadable.more), help: words.unreadHelp, remedies: [{ do: "page", to: "/quarantine" }] });
  for (const job of failed(jobs)) found.push({ key: `job ${job.id}`, group: "jobs", bad: true, text: words.failed(job.title), help: job.error ?? "", remedies: [{ do: "page", to: "/jobs" }] });
  return found;
}
