import { useQuery } from "@tanstack/react-query";
import { ArrowDownWideNarrow, ArrowUpNarrowWide, Bookmark, BookmarkPlus, Search, SearchX, X } from "lucide-react";
import { type ReactNode, useCallback, useMemo, useState } from "react";
import { openDialog } from "@/app/dialogs";
import { useGoSearch, useOpenAsk } from "@/app/go";
import { savedQuery } from "@/api/queries";
import type { SearchHit, SearchSort } from "@/api/types";
import { FieldChips } from "@/features/fields/FilterFields";
import { useDetails, WithDetails } from "@/features/inspect/WithDetails";
import { JobsDock } from "@/features/jobs/JobsDock";
import { only } from "@/features/browse/selection";
import type { ListState } from "@/features/browse/paged-list";
import { RowList } from "@/features/rows/RowList";
import { useRows } from "@/features/rows/use-rows";
import { useCommands } from "@/features/shell/commands";
import { TopBar } from "@/features/shell/TopBar";
import { goBack, goForward, useTabTitle } from "@/features/tabs/tabs";
import { Button, IconButton } from "@/ui/Button";
import { count, countOf } from "@/ui/format";
import { EmptyNote, ErrorNote, Waiting } from "@/ui/Note";
import { plainName } from "@/ui/names";
import { fromSaved, sameSearch, type SearchAddress, searchFor, sorts } from "./address";
import { Hints } from "./Hints";
import { ResultLine } from "./ResultLine";
import { entryOf, type ResultRow, resultRows } from "./result-rows";
import { type Found, useOpenSearch } from "./searches";

/** All that a search finds, in groups; it follows the library while it is open. */
export function SearchPage() {
  const ask = useOpenAsk() ?? searchFor("");
  const { search, state, behind } = useOpenSearch(ask);
  const { head, items } = state;
  const [all, setAll] = useState(""); // the search of which all names are shown
  const rows = useMemo(
    () => resultRows({ names: items, total: state.total, fuzzy: head?.fuzzy, texts: head?.texts, textsTotal: head?.texts_total, textsMore: head?.texts_more, similar: head?.similar, all: all === search.key }),
    [items, state.total, head, all, search.key],
  );
  const details = useDetails();
  const acting = useRows<ResultRow>(rows, entryOf, details);
  const { open, visit, view } = acting;
  useTabTitle(ask.q === "" ? "Search" : plainName(ask.q));
  const { pages } = search;
  const seen = useCallback((end: number) => pages.need(end + 200), [pages]);
  const save = () => {
    if (ask.q.trim() !== "") openDialog({ kind: "save-search", search: ask });
  };
  useCommands({ inspect: details.toggle, reload: () => pages.reload(), save, ...acting.commands });
  const openRow = (row: ResultRow, beside: boolean) => {
    const entry = entryOf(row);
    if (entry === undefined) {
      setAll(search.key);
      acting.select(only(rows.findLast((other) => other.heading !== true && other.group === "names")?.key ?? ""));
    } else if (beside) visit(entry);
    else open(entry);
  };
  return (
    <>
      <TopBar back={goBack} forward={goForward} details={details.shown} onDetails={details.toggle}>
        <h1 className="px-2 py-1 text-sm font-semibold">Search</h1>
      </TopBar>
      <WithDetails details={details} entries={acting.selected} open={open}>
        <Tools ask={ask} save={save} />
        <Hints hints={head?.hints ?? []} query={search.ask.q} partial={head?.partial === true} />
        <Content ask={ask} state={state} retry={() => pages.reload()}>
          <RowList
            label="Search results"
            rows={rows}
            selection={acting.selection}
            select={acting.select}
            drag={acting.drag}
            open={openRow}
            inspect={details.toggle}
            menu={acting.menu}
            seen={seen}
          >
            {(row, active) => <ResultLine row={row} query={search.ask.q} active={active} naming={acting.namingOf(row)} />}
          </RowList>
        </Content>
        <footer className="flex h-9 shrink-0 items-center gap-3 border-t border-line bg-surface pr-2 pl-4 text-xs text-soft">
          <p role="status" className="min-w-0 flex-1 truncate tabular">
            {behind ? <span className="animate-late">Searching…</span> : head !== undefined && ask.q.trim() !== "" && summary(state, head)}
          </p>
          <JobsDock />
        </footer>
      </WithDetails>
      {view}
    </>
  );
}

function summary(state: ListState<SearchHit, Found>, head: Found): string {
  const parts = [countOf(state.total, "name")];
  if (head.texts !== undefined && head.texts.length > 0) parts.push(countOf(head.texts_total ?? head.texts.length, "text"));
  if (head.similar !== undefined && head.similar.length > 0) parts.push(`${count(head.similar.length)} similar`);
  return `${parts.join(", ")} · ${head.took_ms < 10 ? head.took_ms.toFixed(1) : Math.round(head.took_ms)} ms`;
}

/** The order, what narrows the search, and a way to keep it. */
function Tools({ ask, save }: { ask: SearchAddress; save: () => void }) {
  const goSearch = useGoSearch();
  const { data: saved = [] } = useQuery(savedQuery);
  const kept = saved.find((known) => sameSearch(fromSaved(known), ask));
  const change = (more: Partial<SearchAddress>) => goSearch({ ...ask, ...more }, true);
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-4 py-1.5 text-xs">
      <label className="flex items-center gap-1.5 text-soft">
        Order
        <select
          value={ask.sort}
          onChange={(event) => {
            const sort = event.target.value as SearchSort;
            change({ sort, descending: sort === "size" || sort === "modified" });
          }}
          className="h-7 rounded-md bg-surface py-1 font-medium text-ink pointer-coarse:h-10"
        >
          {Object.entries(sorts).map(([sort, label]) => (
            <option key={sort} value={sort}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {ask.sort !== "relevance" && (
        <IconButton
          small
          icon={ask.descending ? ArrowDownWideNarrow : ArrowUpNarrowWide}
          label={ask.descending ? "Sort ascending" : "Sort descending"}
          onClick={() => change({ descending: !ask.descending })}
        />
      )}
      {ask.in !== undefined && <Chip label={`Below ${plainName(ask.in)}`} remove={() => change({ in: undefined })} />}
      <FieldChips ask={ask} />
      {ask.exact && <Chip label="Case and accents count" remove={() => change({ exact: false })} />}
      <span className="flex-1" />
      {kept === undefined ? (
        <Button icon={BookmarkPlus} title="Save this search (Ctrl S)" disabled={ask.q.trim() === ""} onClick={save}>
          Save search
        </Button>
      ) : (
        <span className="flex h-8 min-w-0 items-center gap-1.5 text-soft pointer-coarse:h-10">
          <Bookmark aria-hidden className="size-3.5 shrink-0 fill-current text-accent" />
          <span className="truncate">Saved as {plainName(kept.name)}</span>
        </span>
      )}
    </div>
  );
}

function Chip({ label, remove }: { label: string; remove: () => void }) {
  return (
    <span className="flex h-7 max-w-full min-w-0 items-center rounded-full bg-accent-soft pr-0.5 pl-3">
      <span className="truncate">{label}</span>
      <IconButton small icon={X} label={`Without: ${label}`} onClick={remove} />
    </span>
  );
}

function Content({ ask, state, retry, children }: { ask: SearchAddress; state: ListState<SearchHit, Found>; retry: () => void; children: ReactNode }) {
  const { head, error } = state;
  if (ask.q.trim() === "") {
    return (
      <EmptyNote icon={Search} title="What are you looking for?" className="flex-1">
        Type words of a name, or filters such as kind:image, size:&gt;10mb or modified:today.
      </EmptyNote>
    );
  }
  if (head === undefined && error !== undefined) return <ErrorNote error={error} retry={retry} className="flex-1" />;
  if (head === undefined) return <Waiting className="flex-1">Searching…</Waiting>;
  if (state.total === 0 && (head.texts ?? []).length === 0 && (head.similar ?? []).length === 0) {
    return (
      <EmptyNote icon={SearchX} title="Nothing in the library matches" className="flex-1">
        {head.partial === true ? "The index is still being made: look again in a moment." : "Fewer words find more. Filters such as kind:image narrow a search."}
      </EmptyNote>
    );
  }
  return children;
}
