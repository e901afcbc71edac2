import { useInfiniteQuery } from "@tanstack/react-query";
import { ArrowRight, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { planItemsQuery, queryClient } from "@/api/queries";
import type { Plan, PlanItem } from "@/api/types";
import { shownSdPath } from "@/features/browse/address";
import { ops } from "@/gen/client";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { bytes, count, countOf } from "@/ui/format";
import { Name } from "@/ui/Name";
import { ErrorLine, Waiting } from "@/ui/Note";
import { useStore } from "@/ui/store";
import { approve, asked, giveUp } from "./flow";
import { choiceWords, phraseTyped, sharedChoices, summaryLines } from "./plan-words";

/** The plan that waits for a yes or no, over whatever page is shown. */
export function PlanSheet() {
  const waiting = useStore(asked);
  return waiting && <Sheet key={waiting.plan.id} first={waiting.plan} then={waiting.then} />;
}

function Sheet({ first, then }: { first: Plan; then: ((plan: Plan) => void) | undefined }) {
  const [plan, setPlan] = useState(first);
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const ready = plan.undecided === 0 && phraseTyped(plan, typed) && !busy;
  const grave = plan.summary.destroyed > 0;
  const run = async (work: () => Promise<void>) => {
    setBusy(true);
    setError(undefined);
    try {
      await work();
    } catch (thrown) {
      setError(thrown);
    }
    setBusy(false);
  };
  const choose = (choice: string, items?: string[]) =>
    run(async () => {
      setPlan(await ops.planChoose({ plan: plan.id, choice, ...(items === undefined ? {} : { items: items.map(Number) }) }));
      await queryClient.invalidateQueries({ queryKey: ["plan-items", plan.id] });
    });
  return (
    <Dialog title={<Name name={plan.title} />} onClose={() => giveUp(plan)} size="medium">
      <form
        className="flex min-h-0 flex-1 flex-col"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) void run(() => approve(plan, typed.trim(), then));
        }}
      >
        <div className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto p-4">
          <ul className="flex flex-col gap-1" aria-label="What it comes to">
            {summaryLines(plan).map((line) => <li key={line} className={line.includes("for good") ? "font-medium text-bad" : undefined}>{line}</li>)}
          </ul>
          {plan.warnings.length > 0 && (
            <ul aria-label="Warnings" className="flex flex-col gap-1 rounded-md bg-warn-soft px-3 py-2">
              {plan.warnings.map((warning) => (
                <li key={warning} className="flex gap-2">
                  <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
                  <Name name={warning} />
                </li>
              ))}
            </ul>
          )}
          {plan.undecided > 0 && <Conflicts plan={plan} choose={(choice) => void choose(choice)} />}
          <Items plan={plan} choose={(choice, item) => void choose(choice, [String(item.n)])} />
          {plan.summary.room.length > 0 && <RoomTable plan={plan} />}
          {plan.confirm !== undefined && plan.confirm !== "" && (
            <label className="flex flex-col gap-1">
              <span>
                To go on, type <strong className="font-mono select-all">{plan.confirm}</strong>
              </span>
              <input data-first-focus value={typed} onChange={(event) => setTyped(event.target.value)} spellCheck={false} autoComplete="off" className="h-9 rounded-md border border-line-strong bg-surface px-2.5 font-mono text-sm" />
            </label>
          )}
          {error !== undefined && <ErrorLine error={error} />}
        </div>
        <footer className="flex justify-end gap-2 border-t border-line px-4 py-3">
          <Button onClick={() => giveUp(plan)}>Cancel</Button>
          <Button type="submit" look={grave ? "danger" : "primary"} disabled={!ready} data-first-focus={!grave && plan.undecided === 0 && (plan.confirm ?? "") === "" ? "" : undefined}>
            {busy ? "One moment…" : grave ? "Delete for good" : "Do it"}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}

/** What has to be settled, and a way to settle all of it in one go. */
function Conflicts({ plan, choose }: { plan: Plan; choose: (choice: string) => void }) {
  const { data } = useInfiniteQuery(planItemsQuery(plan.id, true));
  const shared = sharedChoices(data?.pages.flatMap(({ items }) => items) ?? []);
  return (
    <div role="status" className="flex flex-col gap-2 rounded-md bg-warn-soft px-3 py-2">
      <p>
        {countOf(plan.undecided, "thing")} of these names {plan.undecided === 1 ? "is" : "are"} there already. Choose for each below{shared.length > 0 && ", or for all"}:
      </p>
      <div className="flex flex-wrap gap-2">
        {shared.map((choice) => (
          <Button key={choice} onClick={() => choose(choice)}>
            All: {choiceWords(choice)}
          </Button>
        ))}
      </div>
    </div>
  );
}

function Items({ plan, choose }: { plan: Plan; choose: (choice: string, item: PlanItem) => void }) {
  const items = useInfiniteQuery(planItemsQuery(plan.id, false));
  if (items.error) return <ErrorLine error={items.error} />;
  if (items.data === undefined) return <Waiting>Listing what will be done…</Waiting>;
  return (
    <section aria-label="What will be done" className="flex flex-col gap-1">
      <ul className="divide-y divide-line rounded-md border border-line">
        {items.data.pages.flatMap((page) => page.items).map((item) => (
          <li key={item.n} className="flex flex-col gap-1 px-3 py-2">
            <p className="break-words">
              <span className="text-soft">{item.verb} </span>
              {item.from !== undefined && <Name name={shownSdPath(item.from)} />}
              {item.to !== undefined && item.to !== "" && (
                <>
                  {item.from !== undefined && <ArrowRight role="img" aria-label="to" className="mx-1 inline size-3.5 text-soft" />}
                  <Name name={shownSdPath(item.to)} />
                </>
              )}
            </p>
            {(item.files ?? 0) + (item.folders ?? 0) > 1 && <p className="text-xs text-soft tabular">{countOf(item.files ?? 0, "file")}, {countOf(item.folders ?? 0, "folder")}, {bytes(item.bytes ?? 0)}</p>}
            {item.note !== undefined && <p className="text-xs text-soft"><Name name={item.note} /></p>}
            {item.conflict !== undefined && (
              <label className="flex flex-wrap items-center gap-2 text-xs">
                <span className="text-warn">{item.conflict}</span>
                <select value={item.choice ?? ""} onChange={(event) => choose(event.target.value, item)} className="h-7 rounded border border-line-strong bg-surface px-1 pointer-coarse:h-10">
                  {(item.choice ?? "") === "" && <option value="">Choose…</option>}
                  {(item.choices ?? []).map((choice) => <option key={choice} value={choice}>{choiceWords(choice)}</option>)}
                </select>
              </label>
            )}
          </li>
        ))}
      </ul>
      {items.hasNextPage && <Button onClick={() => void items.fetchNextPage()}>More of {count(plan.items)}</Button>}
    </section>
  );
}

function RoomTable({ plan }: { plan: Plan }) {
  return (
    <table className="w-full text-left text-xs">
      <caption className="sr-only">Free space</caption>
      <thead className="text-soft">
        <tr>
          <th className="font-medium">Free on</th>
          <th className="text-right font-medium">before</th>
          <th className="text-right font-medium">after</th>
        </tr>
      </thead>
      <tbody className="tabular">
        {plan.summary.room.map(({ volume, before, after }) => (
          <tr key={volume}>
            <td><Name name={volume} /></td>
            <td className="text-right">{bytes(before)}</td>
            <td className={after < 0 ? "text-right font-medium text-bad" : "text-right"}>{after < 0 ? "not enough" : bytes(after)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
