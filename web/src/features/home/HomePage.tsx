import { useQuery } from "@tanstack/react-query";
import { FolderPlus, Plus, TriangleAlert } from "lucide-react";
import { Link } from "@tanstack/react-router";
import { openDialog } from "@/app/dialogs";
import { jobsQuery, libraryQuery, locationsQuery, statusQuery } from "@/api/queries";
import { JobsDock } from "@/features/jobs/JobsDock";
import { jobOf } from "@/features/locations/location-words";
import { TopBar } from "@/features/shell/TopBar";
import { goBack, goForward, useTabTitle } from "@/features/tabs/tabs";
import type { LibraryInfo, Problem } from "@/api/types";
import { Button } from "@/ui/Button";
import { bytes, count } from "@/ui/format";
import { EmptyNote, ErrorNote, Waiting } from "@/ui/Note";
import { Care } from "./Care";
import { LatestJobs, RecentFiles } from "./Lately";
import { LocationRow } from "./LocationRow";
import { Storage } from "./Storage";
import { words } from "./words";

const add = () => openDialog({ kind: "add-location", path: "" });

/** The library at a glance. */
export function HomePage() {
  const locations = useQuery(locationsQuery);
  const status = useQuery(statusQuery);
  useTabTitle(words.title);
  return (
    <>
      <TopBar back={goBack} forward={goForward}>
        <h1 className="px-2 py-1 text-sm font-semibold">{words.title}</h1>
      </TopBar>
      <main className="min-h-0 flex-1 overflow-y-auto bg-surface">
        {locations.error ? (
          <ErrorNote error={locations.error} retry={() => void locations.refetch()} />
        ) : locations.data === undefined ? (
          <Waiting>{words.opening}</Waiting>
        ) : locations.data.length === 0 ? (
          <EmptyNote
            icon={FolderPlus}
            title={words.nothing}
            className="h-full"
            action={
              <Button look="primary" icon={Plus} onClick={add}>
                {words.addLocation}
              </Button>
            }
          >
            {words.nothingHelp}
          </EmptyNote>
        ) : (
          <Overview problems={status.data?.problems ?? []} />
        )}
      </main>
      <footer className="flex h-9 shrink-0 items-center justify-end border-t border-line bg-surface px-2 text-xs text-soft">
        {status.data && <span className="min-w-0 flex-1 truncate px-2">{words.version(status.data.version, status.data.device.name)}</span>}
        <JobsDock />
      </footer>
    </>
  );
}

function Overview({ problems }: { problems: readonly Problem[] }) {
  const library = useQuery(libraryQuery);
  const { data: locations = [] } = useQuery(locationsQuery);
  const { data: jobs = [] } = useQuery(jobsQuery);
  return (
    <div className="mx-auto flex max-w-5xl flex-col gap-7 px-5 py-6">
      <Problems problems={problems} />
      {library.data && <Totals library={library.data} />}
      <Care />
      <section>
        <div className="mb-2 flex items-center justify-between">
          <h2 className="font-semibold">{words.locations}</h2>
          <Button icon={Plus} onClick={add}>
            {words.addLocation}
          </Button>
        </div>
        <ul className="divide-y divide-line overflow-hidden rounded-lg border border-line">
          {locations.map((location) => (
            <LocationRow key={location.id} location={location} job={jobOf(location, jobs)} />
          ))}
        </ul>
      </section>
      <Storage />
      <div className="grid gap-7 lg:grid-cols-2">
        <RecentFiles />
        <LatestJobs />
      </div>
    </div>
  );
}

function Totals({ library }: { library: LibraryInfo }) {
  const facts: [string, string][] = [
    [words.files, count(library.files)],
    [words.folders, count(library.folders)],
    [words.size, bytes(library.bytes)],
    [words.volumes, count(library.volumes)],
    [words.devices, count(library.devices)],
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

function Problems({ problems }: { problems: readonly Problem[] }) {
  if (problems.length === 0) return null;
  return (
    <ul className="flex flex-col gap-2">
      {problems.map((problem) => (
        <li key={problem.kind + problem.message} className="flex gap-2.5 rounded-lg bg-warn-soft px-4 py-2.5">
          <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
          <span className="min-w-0 flex-1">
            {problem.message} <span className="text-soft">{problem.remedy}</span>
          </span>
        </li>
      ))}
      <li>
        <Link to="/problems" className="text-accent underline">{words.problems}</Link>
      </li>
    </ul>
  );
}
