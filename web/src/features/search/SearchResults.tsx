import { ListFilter } from "lucide-react";
import { useEffect, useRef } from "react";
import type { SearchOut } from "@/api/types";
import { cx } from "@/ui/cx";
import { count, countOf } from "@/ui/format";
import { ErrorLine, Waiting } from "@/ui/Note";
import type { Completion } from "./completions";
import { Hints } from "./Hints";
import { ResultLine } from "./ResultLine";
import { CompletionBar } from "./Suggestions";
import type { ResultRow } from "./result-rows";

interface SearchResultsProps {
  query: string;
  rows: readonly ResultRow[];
  /** Index of the row that Enter opens. */
  active: number;
  setActive: (index: number) => void;
  answer: SearchOut | undefined;
  error: unknown;
  waiting: boolean;
  choose: (row: ResultRow, inFolder: boolean) => void;
  /** Opens the page with all of them. */
  showAll: () => void;
  completions: readonly Completion[];
  complete: (item: Completion) => void;
}

/** The first results, below the search field; the keys are handled there. */
export function SearchResults({ query, rows, active, setActive, answer, error, waiting, choose, showAll, completions, complete }: SearchResultsProps) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector(`#search-hit-${active}`)?.scrollIntoView({ block: "nearest" });
  }, [active]);
  const failed = error !== null && error !== undefined;
  const names = answer?.items.length ?? 0;
  return (
    <div className="absolute top-full right-0 z-40 mt-1.5 w-[min(40rem,calc(100vw-1rem))] overflow-hidden rounded-xl border border-line bg-raised shadow-pop animate-appear max-sm:fixed max-sm:inset-x-2 max-sm:top-14 max-sm:w-auto">
      <CompletionBar items={completions} choose={complete} />
      {failed && <ErrorLine error={error} className="m-2" />}
      {waiting && !failed && <Waiting>Searching…</Waiting>}
      <Hints hints={answer?.hints ?? []} query={query} partial={answer?.partial === true} />
      {answer && rows.length === 0 && <p className="px-4 py-8 text-center text-soft">Nothing in the library matches. Filters such as kind:image or size:&gt;10mb narrow a search; fewer words widen it.</p>}
      <div ref={list} id="search-results" role="listbox" aria-label="Search results" className="max-h-[min(26rem,60dvh)] overflow-y-auto p-1.5 empty:hidden">
        {rows.map((row, i) =>
          row.heading === true ? (
            <div key={row.key} role="presentation" style={{ height: row.height }}>
              <ResultLine row={row} query={query} active={false} />
            </div>
          ) : (
            // The keys are handled by the search field, which keeps the focus.
            // eslint-disable-next-line jsx-a11y/click-events-have-key-events
            <div
              key={row.key}
              id={`search-hit-${i}`}
              role="option"
              tabIndex={-1}
              aria-selected={i === active}
              style={{ height: row.height }}
              onPointerMove={() => setActive(i)}
              onMouseDown={(event) => event.preventDefault()}
              onClick={(event) => choose(row, event.ctrlKey || event.metaKey)}
              className={cx("rounded-md", i === active && "bg-accent-soft")}
            >
              <ResultLine row={row} query={query} active={i === active} />
            </div>
          ),
        )}
      </div>
      {answer && (
        <div className="flex items-center justify-between gap-4 border-t border-line py-1 pr-3.5 pl-1.5 text-xs text-soft tabular">
          <button type="button" onMouseDown={(event) => event.preventDefault()} onClick={showAll} title="All results (Shift Enter)" className="flex h-7 items-center gap-1.5 rounded-md px-2 hover:bg-hover hover:text-ink pointer-coarse:h-10">
            <ListFilter aria-hidden className="size-3.5" />
            <span role="status">
              {names < answer.total ? `First ${count(names)} of ${countOf(answer.total, "result")}` : countOf(answer.total + (answer.texts?.length ?? 0) + (answer.similar?.length ?? 0), "result")}
              {` · ${answer.took_ms < 10 ? answer.took_ms.toFixed(1) : Math.round(answer.took_ms)} ms`}
            </span>
          </button>
          <span aria-hidden className="max-sm:hidden">
            ↑↓ choose · Enter open · Shift Enter all
          </span>
        </div>
      )}
    </div>
  );
}
