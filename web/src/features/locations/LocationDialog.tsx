import { useQuery } from "@tanstack/react-query";
import { RefreshCw } from "lucide-react";
import type { ReactNode } from "react";
import { openDialog } from "@/app/dialogs";
import { jobsQuery, locationsQuery } from "@/api/queries";
import type { Job, Location } from "@/api/types";
import { shownPath } from "@/features/browse/address";
import { progressLine } from "@/features/jobs/job-words";
import { Button } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { Dialog } from "@/ui/Dialog";
import { bytes, countOf, fullTime, relativeTime } from "@/ui/format";
import { Name } from "@/ui/Name";
import { plainName } from "@/ui/names";
import { isHeld, jobOf, standing, watchWords } from "./location-words";
import { rescan } from "./rescan";
import { RulesEditor } from "./RulesEditor";

/** How a location stands, and the rules that say what of it is indexed. */
export function LocationDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const { data: locations = [] } = useQuery(locationsQuery);
  const { data: jobs = [] } = useQuery(jobsQuery);
  const location = locations.find((known) => known.id === id);
  return (
    <Dialog title={location === undefined ? "Location" : plainName(location.name)} size="medium" onClose={onClose}>
      {location === undefined ? (
        <p className="p-4">This location was removed.</p>
      ) : (
        <div className="flex min-h-0 flex-col gap-5 overflow-y-auto p-4">
          <State location={location} job={jobOf(location, jobs)} />
          <RulesEditor location={location} />
        </div>
      )}
    </Dialog>
  );
}

function State({ location, job }: { location: Location; job: Job | undefined }) {
  const { word, tone } = standing(location, job);
  return (
    <section aria-label="State" className="flex flex-col gap-3">
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
        <Fact label="Folder">
          <Name name={shownPath(location)} className="font-mono text-xs break-all" />
        </Fact>
        <Fact label="State">
          <span className={cx(tone === "warn" && "text-warn", tone === "bad" && "text-bad")}>{job?.state === "running" ? `Indexing: ${progressLine(job)}` : word}</span>
        </Fact>
        <Fact label="Last scan">
          <span title={fullTime(location.last_indexed)}>{relativeTime(location.last_indexed) || "Not to the end yet"}</span>
        </Fact>
        <Fact label="Holds">
          {countOf(location.files, "file")} in {countOf(location.folders, "folder")}, {bytes(location.bytes)}
        </Fact>
        <Fact label="Watched">{watchWords(location)}</Fact>
      </dl>
      <div className="flex flex-wrap gap-2">
        <Button icon={RefreshCw} disabled={job !== undefined} onClick={() => void rescan(location)}>
          Scan again
        </Button>
        {isHeld(location, job) && <Button onClick={() => openDialog({ kind: "missing", id: location.id })}>See what is missing…</Button>}
      </div>
    </section>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-soft">{label}</dt>
      <dd className="min-w-0 tabular">{children}</dd>
    </>
  );
}
