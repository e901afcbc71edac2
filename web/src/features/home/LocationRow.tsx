import { FolderTree } from "lucide-react";
import { useGo } from "@/app/go";
import type { Job, Location } from "@/api/types";
import { shownPath } from "@/features/browse/address";
import { progressLine } from "@/features/jobs/job-words";
import { standing } from "@/features/locations/location-words";
import { cx } from "@/ui/cx";
import { bytes, countOf, relativeTime } from "@/ui/format";
import { Name } from "@/ui/Name";
import { words } from "./words";

/** A location, how much it holds, and how it stands. */
export function LocationRow({ location, job }: { location: Location; job: Job | undefined }) {
  const go = useGo();
  const { word, tone } = standing(location, job);
  const state = (
    <span className={cx(tone === "warn" && "text-warn", tone === "bad" && "text-bad", tone === "busy" && "text-accent")}>
      {job?.state === "running" ? words.indexing(progressLine(job)) : tone === "good" ? words.indexed(relativeTime(location.last_indexed)) : word}
    </span>
  );
  return (
    <li>
      <button
        type="button"
        onClick={() => go(location.entry === "" ? { path: location.path } : { id: location.entry })}
        className="ring-inside flex w-full items-center gap-3.5 px-4 py-3 text-left hover:bg-hover"
      >
        <FolderTree aria-hidden className="size-5 shrink-0 text-kind-folder" strokeWidth={1.5} />
        <span className="min-w-0 flex-1">
          <span className="block truncate font-medium">
            <Name name={location.name} />
          </span>
          <span className="block truncate text-xs text-soft">
            <Name name={shownPath(location)} />
          </span>
          <span className="block text-xs text-soft tabular sm:hidden">
            {countOf(location.files, "file")} · {state}
          </span>
        </span>
        <span className="shrink-0 text-right text-xs text-soft tabular max-sm:hidden">
          <span className="block text-sm text-ink">
            {countOf(location.files, "file")}, {bytes(location.bytes)}
          </span>
          {state}
        </span>
      </button>
    </li>
  );
}
