import { useEffect, type KeyboardEvent, useMemo, useRef, useState } from "react";
import { useGo, useGoSearch, useOpenAsk } from "@/app/go";
import { addressOf } from "@/features/browse/address";
import { placeOf } from "@/features/browse/place";
import type { Entry } from "@/api/types";
import { stepFrom } from "@/features/rows/row-moves";
import { sayError } from "@/ui/Toasts";
import { queryClient, searchQuery } from "@/api/queries";
import { type SearchAddress, searchFor } from "./address";
import { entryOf, type ResultRow, resultRows } from "./result-rows";
import { completed, remember, useCompletions, useRecent } from "./completions";
import { SearchField } from "./SearchField";
import { SearchResults } from "./SearchResults";
import { RecentList } from "./Suggestions";
import { useSearchResults } from "./use-search";

const limit = 40;
const few = 5; // hits in texts, and by meaning: the page of the search has more

/** Search over the whole library: results below the field as one types, or on the page of a search that is open. */
export function SearchBox() {
  const ask = useOpenAsk();
  return ask === undefined ? <QuickSearch /> : <PageSearch ask={ask} />;
}

function leaveFor(input: HTMLInputElement | null): void {
  input?.blur();
  document.querySelector<HTMLElement>("[data-entry-list]")?.focus();
}

/** On the page of a search: what is typed changes what the page shows. */
function PageSearch({ ask }: { ask: SearchAddress }) {
  const input = useRef<HTMLInputElement>(null);
  const goSearch = useGoSearch();
  const [text, setText] = useState(ask.q);
  const [sent, setSent] = useState(ask.q);
  // Another search was opened: back, forward, or a saved one.
  const [seen, setSeen] = useState(ask.q);
  if (ask.q !== seen) {
    setSeen(ask.q);
    if (ask.q !== sent) setText(ask.q);
    setSent(ask.q);
  }
  useEffect(() => {
    if (text === sent) return;
    const timer = setTimeout(() => {
      setSent(text);
      goSearch({ ...ask, q: text }, true);
    }, 120);
    return () => clearTimeout(timer);
  });
  const onKeyDown = (event: KeyboardEvent) => {
    if (!["ArrowDown", "Enter", "Escape"].includes(event.key)) return;
    leaveFor(input.current);
    event.preventDefault();
  };
  return (
    <SearchField input={input} text={text} setText={setText} onKeyDown={onKeyDown} open={false} setOpen={() => undefined} active={undefined}>
      {undefined}
    </SearchField>
  );
}

/** On any other page: the first results, below the field. */
function QuickSearch() {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const found = useSearchResults(text, limit);
  const go = useGo();
  const goSearch = useGoSearch();
  const answer = found.query === "" ? undefined : found.data;
  const rows = useMemo(
    () => (answer === undefined ? [] : resultRows({ names: answer.items, total: answer.total, fuzzy: answer.fuzzy, texts: answer.texts?.slice(0, few), textsTotal: answer.texts_total, textsMore: answer.texts_more, similar: answer.similar?.slice(0, few) })),
    [answer],
  );
  const answered = !found.isPlaceholderData && found.query === text.trim();
  const shown = open && found.query !== "";
  const recent = useRecent(open && text === "");
  const [chosen, setChosen] = useState(-1); // of the recent ones; none until an arrow is pressed
  const completions = useCompletions(text, shown);
  const type = (next: string) => {
    setText(next);
    setActive(0);
    setChosen(-1);
  };
  const last = stepFrom(rows, rows.length, -1);
  const at = last < 0 ? -1 : rows[active] !== undefined && rows[active].heading !== true ? active : active > last ? last : stepFrom(rows, active, 1);

  const leave = () => {
    setOpen(false);
    leaveFor(input.current);
  };
  const visit = async (hit: Entry, inFolder: boolean) => {
    leave();
    remember(text);
    try {
      if (hit.kind === "folder" && !inFolder) go(addressOf(hit));
      else {
        const { address, select } = await placeOf(hit);
        go(address, select);
      }
    } catch (thrown) {
      sayError(thrown);
    }
  };
  /** Enter came before the answer: the first result is opened as soon as it is there. */
  const visitFirst = async (query: string) => {
    const answer = await queryClient.query(searchQuery(query, limit)).catch(() => undefined); // the panel tells what failed
    const first = answer?.items[0] ?? answer?.texts?.[0] ?? answer?.similar?.[0];
    if (first && input.current?.value.trim() === query) await visit(first, false);
  };
  const showAll = () => {
    if (text.trim() === "") return;
    remember(text);
    goSearch(searchFor(text.trim()));
  };
  const choose = (row: ResultRow, inFolder: boolean) => {
    const entry = entryOf(row);
    if (entry === undefined) showAll();
    else void visit(entry, inFolder);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    const move = moves[event.key];
    const [completion] = completions;
    const atEnd = input.current?.selectionStart === text.length && input.current.selectionEnd === text.length;
    if (text === "" && recent.length > 0 && move !== undefined) {
      setOpen(true);
      setChosen(Math.max(0, Math.min(chosen + move, recent.length - 1)));
    } else if (text === "" && event.key === "Enter" && recent[chosen] !== undefined) {
      goSearch(searchFor(recent[chosen]));
    } else if (event.key === "ArrowRight" && completion && atEnd && shown) {
      type(completed(text, completion));
    } else if (move !== undefined && rows.length > 0) {
      setOpen(true);
      setActive(stepFrom(rows, at, move));
    } else if (event.key === "Enter" && event.shiftKey) {
      showAll();
    } else if (event.key === "Enter") {
      const row = rows[at];
      if (!answered) void visitFirst(text.trim());
      else if (row && shown) choose(row, event.ctrlKey || event.metaKey);
      setOpen(true);
    } else if (event.key === "Escape") {
      if (text === "" || !shown) leave();
      else setOpen(false);
    } else {
      return;
    }
    event.preventDefault();
  };

  return (
    <SearchField
      input={input}
      text={text}
      setText={type}
      onKeyDown={onKeyDown}
      open={shown || recent.length > 0}
      setOpen={setOpen}
      active={shown && at >= 0 ? `search-hit-${at}` : recent[chosen] !== undefined ? `search-hit-${chosen}` : undefined}
    >
      {recent.length > 0 && <RecentList items={recent} active={chosen} setActive={setChosen} choose={(query) => goSearch(searchFor(query))} />}
      {shown && (
        <SearchResults
          query={found.query}
          rows={rows}
          active={at}
          setActive={setActive}
          answer={answer}
          error={found.isPlaceholderData ? undefined : found.error}
          waiting={found.isPending}
          choose={choose}
          showAll={showAll}
          completions={completions}
          complete={(item) => type(completed(text, item))}
        />
      )}
    </SearchField>
  );
}
