import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { History, RotateCw, Undo2 } from "lucide-react";
import { useState } from "react";
import { historyQuery, planFailuresQuery } from "@/api/queries";
import type { Plan } from "@/api/types";
import { shownSdPath } from "@/features/browse/address";
import { JobsDock } from "@/features/jobs/JobsDock";
import { TopBar } from "@/features/shell/TopBar";
import { goBack, goForward, useTabTitle } from "@/features/tabs/tabs";
import { Button } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { bytes, countOf, fullTime, relativeTime } from "@/ui/format";
import { Name } from "@/ui/Name";
import { EmptyNote, ErrorLine, ErrorNote, Waiting } from "@/ui/Note";
import { retry, undo } from "./flow";
import { outcome } from "./plan-words";

/** What was done, the newest first, and a way to take it back. */
export function HistoryPage() {
  const history = useInfiniteQuery(historyQuery);
  useTabTitle("History");
  const plans = history.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <>
      <TopBar back={goBack} forward={goForward}>
        <h1 className="px-2 py-1 text-sm font-semibold">History</h1>
      </TopBar>
      <main className="min-h-0 flex-1 overflow-y-auto bg-surface">
        {history.error ? (
          <ErrorNote error={history.error} retry={() => void history.refetch()} />
        ) : history.data === undefined ? (
          <Waiting>Looking what was done…</Waiting>
        ) : plans.length === 0 ? (
          <EmptyNote icon={History} title="Nothing was changed yet" className="h-full">
            What you copy, move, rename or delete here is listed for 90 days, and can be taken back.
          </EmptyNote>
        ) : (
          <>
            <ul aria-label="What was done" className="mx-auto max-w-4xl divide-y divide-line px-4 py-2">
              {plans.map((plan) => <Done key={plan.id} plan={plan} />)}
            </ul>
            {history.hasNextPage && <Button onClick={() => void history.fetchNextPage()} className="mx-auto mb-4 flex">Older ones</Button>}
          </>
        )}
      </main>
      <footer className="flex h-9 shrink-0 items-center justify-end border-t border-line bg-surface px-2 text-xs text-soft">
        <JobsDock />
      </footer>
    </>
  );
}

function Done({ plan }: { plan: Plan }) {
  const [open, setOpen] = useState(false);
  const { text, bad } = outcome(plan);
  const again = plan.state === "partial" || plan.state === "failed" || plan.state === "cancelled";
  return (
    <li className="flex flex-wrap items-start gap-x-3 gap-y-1 py-2.5">
      <div className="min-w-0 flex-1 basis-60">
        <p className={cx("break-words", bad && "text-bad")}>
          <Name name={plan.state === "committing" ? `Under way: ${plan.title}` : text} />
        </p>
        <p className="text-xs text-soft tabular">
          <span title={fullTime(plan.committed ?? plan.created)}>{relativeTime(plan.committed ?? plan.created)}</span>
          {plan.summary.bytes > 0 && ` · ${bytes(plan.summary.bytes)}`}
          {plan.undone_by !== undefined && " · taken back since"}
        </p>
        {plan.failed + plan.skipped > 0 && (
          <button type="button" aria-expanded={open} onClick={() => setOpen(!open)} className="rounded text-xs text-warn underline-offset-2 hover:underline">
            {countOf(plan.failed + plan.skipped, "thing")} not changed
          </button>
        )}
        {open && <Failures plan={plan} />}
      </div>
      {again && <Button icon={RotateCw} onClick={() => retry(plan)}>Try the rest again</Button>}
      {plan.undoable && plan.undone_by === undefined && plan.state !== "committing" && <Button icon={Undo2} onClick={() => void undo(plan)}>Undo</Button>}
    </li>
  );
}

function Failures({ plan }: { plan: Plan }) {
  const { data, error } = useQuery(planFailuresQuery(plan.id));
  if (error) return <ErrorLine error={error} />;
  return (
    <ul className="mt-1 max-h-56 overflow-y-auto rounded-md bg-sunken p-2 text-xs">
      {(data ?? []).map((failure, i) => (
        <li key={i} className="break-all">
          <Name name={shownSdPath(failure.path)} className="font-mono" /> <span className="text-soft">{failure.message}</span>
        </li>
      ))}
    </ul>
  );
}
