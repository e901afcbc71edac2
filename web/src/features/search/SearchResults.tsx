import { CloudOff } from "lucide-react";
import { useEffect, useRef } from "react";
import { shownPath } from "@/features/browse/address";
import { EntryIcon } from "@/features/kinds/EntryIcon";
import type { SearchHit, SearchOut } from "@/api/types";
import { cx } from "@/ui/cx";
import { bytes, count, countOf, shortTime } from "@/ui/format";
import { Name } from "@/ui/Name";
import { ErrorLine, Waiting } from "@/ui/Note";
import { highlight } from "./highlight";

interface SearchResultsProps {
  query: string;
  hits: readonly SearchHit[];
  active: number;
  setActive: (index: number) => void;
  answer: SearchOut | undefined;
  error: unknown;
  waiting: boolean;
  visit: (hit: SearchHit, inFolder: boolean) => void;
}

export function SearchResults({ query, hits, active, setActive, answer, error, waiting, visit }: SearchResultsProps) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector(`#search-hit-${active}`)?.scrollIntoView({ block: "nearest" });
  }, [active]);

  return (
    <div className="absolute top-full right-0 z-40 mt-1.5 w-[min(40rem,calc(100vw-1rem))] overflow-hidden rounded-xl border border-line bg-raised shadow-pop animate-appear max-sm:fixed max-sm:inset-x-2 max-sm:top-14 max-sm:w-auto">
      {error !== null && error !== undefined && <ErrorLine error={error} className="m-2" />}
      {waiting && (error === null || error === undefined) && <Waiting>Searching…</Waiting>}
      {answer && hits.length === 0 && <p className="px-4 py-8 text-center text-soft">Nothing in the library matches. Filters such as kind:image or size:&gt;10mb narrow a search; fewer words widen it.</p>}
      <div ref={list} id="search-results" role="listbox" aria-label="Search results" className="max-h-[min(26rem,60dvh)] overflow-y-auto p-1.5 empty:hidden">
        {hits.map((hit, i) => (
          <Hit key={hit.id} id={`search-hit-${i}`} hit={hit} query={query} active={i === active} onHover={() => setActive(i)} onClick={(inFolder) => visit(hit, inFolder)} />
        ))}
      </div>
      {answer && (
        <p role="status" className="flex items-center justify-between gap-4 border-t border-line px-3.5 py-1.5 text-xs text-soft tabular">
          <span>
            {hits.length < answer.total ? `First ${count(hits.length)} of ${countOf(answer.total, "result")}` : countOf(answer.total, "result")}
            {` · ${answer.took_ms < 10 ? answer.took_ms.toFixed(1) : Math.round(answer.took_ms)} ms`}
          </span>
          <span aria-hidden className="max-sm:hidden">
            ↑↓ choose · Enter open · Ctrl Enter show in folder
          </span>
        </p>
      )}
    </div>
  );
}

interface HitProps {
  id: string;
  hit: SearchHit;
  query: string;
  active: boolean;
  onHover: () => void;
  onClick: (inFolder: boolean) => void;
}

function Hit({ id, hit, query, active, onHover, onClick }: HitProps) {
  const path = shownPath(hit);
  const folder = path.slice(0, Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"), 1));
  return (
    // The keys are handled by the search field, which keeps the focus.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={active}
      onPointerMove={onHover}
      onMouseDown={(event) => event.preventDefault()}
      onClick={(event) => onClick(event.ctrlKey || event.metaKey)}
      className={cx("flex items-center gap-3 rounded-md px-2.5 py-1.5", active && "bg-accent-soft")}
    >
      <EntryIcon entry={hit} className="size-5" />
      <div className="min-w-0 flex-1">
        <div className="truncate font-medium">
          <Name name={hit.name} raw={hit.raw} highlight={highlight(hit.name, query)} />
        </div>
        <div className={cx("truncate text-xs", active ? "text-ink/80" : "text-soft")}>
          <Name name={folder} />
        </div>
      </div>
      {hit.state === "offline" && <CloudOff role="img" aria-label="Volume is offline" className="size-4 shrink-0 text-warn" strokeWidth={1.75} />}
      <div className={cx("shrink-0 text-right text-xs tabular", active ? "text-ink/80" : "text-soft")}>
        {hit.kind === "file" && <div>{bytes(hit.size)}</div>}
        <div className="max-sm:hidden">{shortTime(hit.modified)}</div>
      </div>
    </div>
  );
}
