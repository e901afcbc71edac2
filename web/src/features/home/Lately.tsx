import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useGo, useGoSearch } from "@/app/go";
import { jobsQuery, recentFilesQuery } from "@/api/queries";
import { placeOf } from "@/features/browse/place";
import { isOpen, ordered } from "@/features/jobs/job-words";
import { JobCard } from "@/features/jobs/JobCard";
import { EntryIcon } from "@/features/kinds/EntryIcon";
import { folderOf } from "@/features/rows/EntryLine";
import { searchFor } from "@/features/search/address";
import { Button } from "@/ui/Button";
import { bytes, fullTime, relativeTime } from "@/ui/format";
import { Name } from "@/ui/Name";
import { ErrorLine } from "@/ui/Note";
import { sayError } from "@/ui/Toasts";
import { words } from "./words";

/** The files that were changed last. */
export function RecentFiles() {
  const { data, error } = useQuery(recentFilesQuery);
  const go = useGo();
  const goSearch = useGoSearch();
  return (
    <section aria-labelledby="recent" className="min-w-0">
      <div className="mb-2 flex items-center justify-between gap-2">
        <h2 id="recent" className="font-semibold">{words.recent}</h2>
        <Button onClick={() => goSearch({ ...searchFor("kind:file"), sort: "modified", descending: true })}>{words.allRecent}</Button>
      </div>
      {error && <ErrorLine error={error} />}
      {data?.length === 0 && <p className="text-soft">{words.noRecent}</p>}
      <ul className="divide-y divide-line overflow-hidden rounded-lg border border-line empty:hidden">
        {data?.map((entry) => (
          <li key={entry.id}>
            <button
              type="button"
              onClick={() => {
                placeOf(entry).then(({ address, select }) => go(address, select), sayError);
              }}
              className="ring-inside flex w-full items-center gap-3 px-3.5 py-2 text-left hover:bg-hover"
            >
              <EntryIcon entry={entry} className="size-5" />
              <span className="min-w-0 flex-1">
                <span className="block truncate font-medium"><Name name={entry.name} raw={entry.raw} /></span>
                <span className="block truncate text-xs text-soft"><Name name={folderOf(entry)} /></span>
              </span>
              <span className="shrink-0 text-right text-xs text-soft tabular">
                <span className="block">{bytes(entry.size)}</span>
                <span className="block" title={fullTime(entry.modified)}>{relativeTime(entry.modified)}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What runs, and what ended last. */
export function LatestJobs() {
  const { data: jobs = [] } = useQuery(jobsQuery);
  const open = jobs.filter(isOpen);
  const shown = ordered(jobs).slice(0, Math.max(open.length, 3)).slice(0, 6);
  return (
    <section aria-labelledby="jobs-lately" className="min-w-0">
      <div className="mb-2 flex items-center justify-between gap-2">
        <h2 id="jobs-lately" className="font-semibold">{words.jobs}</h2>
        <Link to="/jobs" className="ring-inside inline-flex h-8 items-center rounded-md border border-line-strong bg-surface px-3 font-medium hover:bg-hover pointer-coarse:h-10">{words.allJobs}</Link>
      </div>
      {shown.length === 0 && <p className="text-soft">{words.noJobs}</p>}
      <ul className="divide-y divide-line overflow-hidden rounded-lg border border-line empty:hidden">
        {shown.map((job) => <JobCard key={job.id} job={job} />)}
      </ul>
    </section>
  );
}
