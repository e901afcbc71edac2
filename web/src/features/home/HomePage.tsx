import { useQuery } from "@tanstack/react-query";
import { FolderPlus, FolderTree, Plus, TriangleAlert } from "lucide-react";
import { openDialog } from "@/app/dialogs";
import { useGo } from "@/app/go";
import { jobsQuery, libraryQuery, locationsQuery, statusQuery } from "@/api/queries";
import { JobsDock } from "@/features/jobs/JobsDock";
import { progressLine } from "@/features/jobs/job-words";
import { jobOf, standing } from "@/features/locations/location-words";
import { TopBar } from "@/features/shell/TopBar";
import { goBack, goForward, useTabTitle } from "@/features/tabs/tabs";
import type { Job, LibraryInfo, Location, Problem } from "@/api/types";
import { shownPath } from "@/features/browse/address";
import { Button } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { bytes, count, countOf, relativeTime } from "@/ui/format";
import { Name } from "@/ui/Name";
import { EmptyNote, ErrorNote, Waiting } from "@/ui/Note";

const add = () => openDialog({ kind: "add-location", path: "" });

/** The library at a glance. */
export function HomePage() {
  const library = useQuery(libraryQuery);
  const locations = useQuery(locationsQuery);
  const status = useQuery(statusQuery);
  const { data: jobs = [] } = useQuery(jobsQuery);
  useTabTitle("Overview");
  return (
    <>
      <TopBar back={goBack} forward={goForward}>
        <h1 className="px-2 py-1 text-sm font-semibold">Overview</h1>
      </TopBar>
      <main className="min-h-0 flex-1 overflow-y-auto bg-surface">
        {locations.error ? (
          <ErrorNote error={locations.error} retry={() => void locations.refetch()} />
        ) : locations.data === undefined ? (
          <Waiting>Opening the library…</Waiting>
        ) : locations.data.length === 0 ? (
          <EmptyNote
            icon={FolderPlus}
            title="Nothing is indexed yet"
            className="h-full"
            action={
              <Button look="primary" icon={Plus} onClick={add}>
                Add a location
              </Button>
            }
          >
            Add a folder, and Stardrive finds every file in it within moments. Files stay where they are.
          </EmptyNote>
        ) : (
          <div className="mx-auto flex max-w-4xl flex-col gap-7 px-5 py-6">
            <Problems problems={status.data?.problems ?? []} />
            {library.data && <Totals library={library.data} />}
            <section>
              <div className="mb-2 flex items-center justify-between">
                <h2 className="font-semibold">Locations</h2>
                <Button icon={Plus} onClick={add}>
                  Add a location
                </Button>
              </div>
              <ul className="divide-y divide-line overflow-hidden rounded-lg border border-line">
                {locations.data.map((location) => (
                  <LocationRow key={location.id} location={location} job={jobOf(location, jobs)} />
                ))}
              </ul>
            </section>
          </div>
        )}
      </main>
      <footer className="flex h-9 shrink-0 items-center justify-end border-t border-line bg-surface px-2 text-xs text-soft">
        {status.data && <span className="min-w-0 flex-1 truncate px-2">Stardrive {status.data.version} on {status.data.device.name}</span>}
        <JobsDock />
      </footer>
    </>
  );
}

function Totals({ library }: { library: LibraryInfo }) {
  const facts: [string, string][] = [
    ["Files", count(library.files)],
    ["Folders", count(library.folders)],
    ["Size", bytes(library.bytes)],
    ["Volumes", count(library.volumes)],
    ["Devices", count(library.devices)],
  ];
  return (
    <dl className="grid grid-cols-[repeat(auto-fit,minmax(7rem,1fr))] gap-y-4">
      {facts.map(([label, value]) => (
        <div key={label}>
          <dt className="text-soft">{label}</dt>
          <dd className="text-xl font-semibold tracking-tight tabular">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function LocationRow({ location, job }: { location: Location; job: Job | undefined }) {
  const go = useGo();
  const { word, tone } = standing(location, job);
  const state = (
    <span className={cx(tone === "warn" && "text-warn", tone === "bad" && "text-bad", tone === "busy" && "text-accent")}>
      {job?.state === "running" ? `Indexing: ${progressLine(job)}` : tone === "good" ? `Indexed ${relativeTime(location.last_indexed) || "just now"}` : word}
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

function Problems({ problems }: { problems: readonly Problem[] }) {
  if (problems.length === 0) return null;
  return (
    <ul className="flex flex-col gap-2">
      {problems.map((problem) => (
        <li key={problem.kind + problem.message} className="flex gap-2.5 rounded-lg bg-warn-soft px-4 py-2.5">
          <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
          <span>
            {problem.message} <span className="text-soft">{problem.remedy}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}
