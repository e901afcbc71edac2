import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Activity, CircleCheck, TriangleAlert, X } from "lucide-react";
import { useEffect, useRef } from "react";
import { jobsQuery } from "@/api/queries";
import { IconButton } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { countOf } from "@/ui/format";
import { Progress } from "@/ui/Progress";
import { createStore, useStore } from "@/ui/store";
import { UploadCards } from "@/features/upload/UploadCards";
import { sendings, uploadsQuery } from "@/features/upload/uploads";
import { titleOf, whole } from "@/features/upload/upload-words";
import { isOpen, ordered, share } from "./job-words";
import { CopyLimit } from "./CopyLimit";
import { JobCard } from "./JobCard";
import { words } from "./words";

const dockOpen = createStore(false);

/** The running jobs: a line in the status bar that opens into a panel. */
export function JobsDock() {
  const { data: jobs = [] } = useQuery(jobsQuery);
  const open = useStore(dockOpen);
  const button = useRef<HTMLButtonElement>(null);
  const active = jobs.filter(isOpen);
  const [busy] = useStore(sendings);
  const stopped = useQuery(uploadsQuery).data?.some((one) => one.plan === undefined) === true && busy === undefined;
  const [job] = ordered(active);
  const lead = busy ? { title: titleOf(busy.into), share: whole(busy.course.sent, busy.course.bytes) } : job && { title: job.title, share: share(job) };
  const troubled = jobs.some((job) => job.state === "failed");
  const close = () => {
    dockOpen.set(false);
    button.current?.focus();
  };
  return (
    <div className="relative">
      <button
        ref={button}
        type="button"
        aria-expanded={open}
        aria-controls="jobs"
        onClick={() => dockOpen.set(!open)}
        className={cx("flex h-7 items-center gap-2 rounded-md px-2 hover:bg-hover hover:text-ink", lead && "text-ink")}
      >
        {lead ? (
          <>
            <Activity aria-hidden className="size-3.5 text-accent" />
            <span className="max-w-40 truncate max-sm:hidden">{active.length > 1 ? countOf(active.length, "job") : lead.title}</span>
            <Progress value={lead.share} label={lead.title} className="w-16" />
            <span className="whitespace-nowrap tabular">{percent(lead.share)}</span>
          </>
        ) : (
          <>
            {troubled || stopped ? <TriangleAlert aria-hidden className="size-3.5 text-warn" /> : <CircleCheck aria-hidden className="size-3.5" />}
            {stopped ? "An upload stopped" : "Jobs"}
          </>
        )}
      </button>
      {open && <JobsPanel onClose={close} />}
    </div>
  );
}

function percent(value: number | undefined): string {
  return value === undefined ? "" : `${Math.floor(value * 100)} %`;
}

function JobsPanel({ onClose }: { onClose: () => void }) {
  const { data: jobs = [], error } = useQuery(jobsQuery);
  const uploads = useStore(sendings).length + (useQuery(uploadsQuery).data ?? []).length;
  const shown = ordered(jobs).slice(0, 20);
  const panel = useRef<HTMLElement>(null);
  useEffect(() => panel.current?.focus(), []);
  useEffect(() => {
    // On the window: a button that goes with its job leaves the focus nowhere.
    const listen = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented) onClose();
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  });
  return (
    <section
      ref={panel}
      id="jobs"
      tabIndex={-1}
      aria-label="Jobs"
      className="absolute right-0 bottom-full z-30 mb-2 flex max-h-[min(28rem,70dvh)] w-[min(24rem,calc(100vw-1rem))] flex-col overflow-hidden rounded-xl border border-line bg-raised text-sm text-ink shadow-pop outline-none animate-appear"
    >
      <header className="flex items-center justify-between border-b border-line py-1.5 pr-2 pl-4">
        <h2 className="font-semibold">{words.title}</h2>
        <Link to="/jobs" onClick={onClose} className="mr-1 ml-auto rounded px-1.5 text-xs text-accent underline">{words.all}</Link>
        <IconButton icon={X} label="Close" keys="Esc" small onClick={onClose} />
      </header>
      <CopyLimit />
      {shown.length + uploads === 0 ? (
        <p className="px-4 py-8 text-center text-soft">{error ? "The jobs could not be listed." : "Nothing is running. Indexing and other long work shows up here."}</p>
      ) : (
        <ul className="divide-y divide-line overflow-y-auto">
          <UploadCards />
          {shown.map((job) => (
            <JobCard key={job.id} job={job} />
          ))}
        </ul>
      )}
    </section>
  );
}
