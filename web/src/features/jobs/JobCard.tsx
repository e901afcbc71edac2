import { useQuery } from "@tanstack/react-query";
import { Pause, Play, SkipForward, Square } from "lucide-react";
import { useState } from "react";
import { jobsQuery, queryClient, warningsQuery } from "@/api/queries";
import type { Job } from "@/api/types";
import { ops } from "@/gen/client";
import { IconButton } from "@/ui/Button";
import { Name } from "@/ui/Name";
import { Progress } from "@/ui/Progress";
import { plainName } from "@/ui/names";
import { say, sayError } from "@/ui/Toasts";
import { isOpen, progressLine, share } from "./job-words";
import { words } from "./words";

async function control(action: (input: { job: string }) => Promise<unknown>, id: string): Promise<void> {
  try {
    await action({ job: id });
    await queryClient.invalidateQueries({ queryKey: jobsQuery.queryKey });
  } catch (thrown) {
    sayError(thrown);
  }
}

/** Leaves out what a plan is copying now, and goes on with the next. */
async function skip(job: Job): Promise<void> {
  try {
    const { items } = await ops.planHistory({ limit: 50 });
    const plan = items.find((one) => one.job === job.id);
    if (plan !== undefined) await ops.planSkip({ plan: plan.id, current: job.current });
    say(plan === undefined ? words.notNow : words.skipped(plainName(job.current)));
  } catch (thrown) {
    sayError(thrown);
  }
}

const commits = "action.commit"; // the kind of job that does what a plan says

/** A job: how far it is, what of it went wrong, and what can be done about it. */
export function JobCard({ job }: { job: Job }) {
  const [warnings, setWarnings] = useState(false);
  return (
    <li className="flex flex-col gap-1.5 px-4 py-2.5">
      <div className="flex items-center gap-1">
        <p className="min-w-0 flex-1 truncate font-medium">{job.title}</p>
        {(job.state === "running" || job.state === "queued") && <IconButton icon={Pause} label={words.pause(job.title)} small onClick={() => void control(ops.jobPause, job.id)} />}
        {job.state === "paused" && <IconButton icon={Play} label={words.resume(job.title)} small onClick={() => void control(ops.jobResume, job.id)} />}
        {job.kind === commits && job.state === "running" && job.current !== "" && <IconButton icon={SkipForward} label={words.skip(plainName(job.current))} small onClick={() => void skip(job)} />}
        {isOpen(job) && <IconButton icon={Square} label={words.cancel(job.title)} small onClick={() => void control(ops.jobCancel, job.id)} />}
      </div>
      {isOpen(job) && <Progress value={job.state === "running" ? share(job) : (share(job) ?? 0)} label={job.title} tone={job.state === "paused" ? "soft" : "accent"} />}
      <p className="text-xs text-soft tabular">{progressLine(job)}</p>
      {job.state === "running" && job.current !== "" && (
        <p className="truncate text-left text-xs text-faint" dir="rtl">
          <Name name={job.current} />
        </p>
      )}
      {job.error !== undefined && job.error !== "" && <p className="text-xs text-bad">{job.error}</p>}
      {job.warnings > 0 && (
        <button type="button" aria-expanded={warnings} onClick={() => setWarnings(!warnings)} className="self-start rounded text-xs text-warn underline-offset-2 hover:underline">
          {words.warnings(job.warnings)}
        </button>
      )}
      {warnings && <Warnings job={job} />}
    </li>
  );
}

function Warnings({ job }: { job: Job }) {
  const { data, error } = useQuery(warningsQuery(job.id));
  if (error) return <p className="text-xs text-bad">{words.noWarnings}</p>;
  return (
    <ul className="max-h-40 overflow-y-auto rounded-md bg-sunken p-2 text-xs">
      {(data ?? []).map((warning) => (
        <li key={warning.number} className="break-all">
          <Name name={warning.path} className="font-mono" /> <span className="text-soft">{warning.message}</span>
        </li>
      ))}
      {job.warnings > 100 && <li className="pt-1 text-soft">{words.moreWarnings}</li>}
    </ul>
  );
}
