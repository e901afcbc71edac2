import { useQuery } from "@tanstack/react-query";
import { Activity, Pause, Play } from "lucide-react";
import { useState } from "react";
import { jobsQuery, queryClient } from "@/api/queries";
import type { Job } from "@/api/types";
import { ToolBar } from "@/features/rows/RowsPage";
import { useCommands } from "@/features/shell/commands";
import { TopBar } from "@/features/shell/TopBar";
import { goBack, goForward, useTabTitle } from "@/features/tabs/tabs";
import { ops } from "@/gen/client";
import { Button } from "@/ui/Button";
import { EmptyNote, ErrorNote, Waiting } from "@/ui/Note";
import { sayError } from "@/ui/Toasts";
import { CopyLimit } from "./CopyLimit";
import { isOpen, ordered, troubled } from "./job-words";
import { JobCard } from "./JobCard";
import { JobsDock } from "./JobsDock";
import { words } from "./words";

const filters = {
  all: () => true,
  open: isOpen,
  troubled,
  done: (job: Job) => job.state === "done" && job.warnings === 0,
} as const;
type Filter = keyof typeof filters;
const names = Object.keys(filters) as Filter[];

/** Pauses or resumes all of some jobs. */
async function each(jobs: readonly Job[], action: (input: { job: string }) => Promise<unknown>): Promise<void> {
  await Promise.all(jobs.map(({ id }) => action({ job: id }))).catch(sayError);
  await queryClient.invalidateQueries({ queryKey: jobsQuery.queryKey });
}

/** All long work: what is under way, what it came to, and what went wrong. */
export function JobsPage() {
  const { data: jobs, error, refetch } = useQuery(jobsQuery);
  const [filter, setFilter] = useState<Filter>("all");
  useTabTitle(words.title);
  useCommands({ reload: () => void refetch() });
  const shown = ordered(jobs ?? []).filter(filters[filter]);
  const busy = (jobs ?? []).filter(({ state }) => state === "running" || state === "queued");
  const paused = (jobs ?? []).filter(({ state }) => state === "paused");
  return (
    <>
      <TopBar back={goBack} forward={goForward}>
        <h1 className="px-2 py-1 text-sm font-semibold">{words.title}</h1>
      </TopBar>
      <ToolBar>
        <label className="flex items-center gap-1.5 text-soft">
          {words.show}
          <select value={filter} onChange={(event) => setFilter(names.find((name) => name === event.target.value) ?? "all")} className="h-8 rounded-md bg-surface font-medium text-ink pointer-coarse:h-10">
            {names.map((name) => <option key={name} value={name}>{words[name]}</option>)}
          </select>
        </label>
        <span className="flex-1" />
        {busy.length > 0 && <Button icon={Pause} onClick={() => void each(busy, ops.jobPause)}>{words.pauseAll}</Button>}
        {paused.length > 0 && <Button icon={Play} onClick={() => void each(paused, ops.jobResume)}>{words.resumeAll}</Button>}
      </ToolBar>
      {/* The list scrolls, and may hold nothing that takes the focus. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- so that keys can scroll it */}
      <main tabIndex={0} className="ring-inside min-h-0 flex-1 overflow-y-auto bg-surface">
        {error ? (
          <ErrorNote error={error} retry={() => void refetch()} />
        ) : jobs === undefined ? (
          <Waiting>{words.looking}</Waiting>
        ) : shown.length === 0 ? (
          <EmptyNote icon={Activity} title={words.none} className="h-full">{filter === "all" ? words.noneHelp : words.noneSuch}</EmptyNote>
        ) : (
          <ul aria-label={words.title} className="mx-auto max-w-4xl divide-y divide-line">
            {shown.map((job) => <JobCard key={job.id} job={job} />)}
          </ul>
        )}
      </main>
      <div className="bg-surface"><CopyLimit /></div>
      <footer className="flex h-9 shrink-0 items-center gap-3 border-t border-line bg-surface pr-2 pl-4 text-xs text-soft">
        <p role="status" className="min-w-0 flex-1 truncate tabular">{jobs === undefined ? "" : words.count(shown.length)}</p>
        <JobsDock />
      </footer>
    </>
  );
}
