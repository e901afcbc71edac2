import { Search, X } from "lucide-react";
import { type KeyboardEvent, useRef, useState } from "react";
import { useGo } from "@/app/go";
import { addressOf } from "@/features/browse/address";
import { placeOf } from "@/features/browse/place";
import type { SearchHit } from "@/api/types";
import { IconButton } from "@/ui/Button";
import { sayError } from "@/ui/Toasts";
import { SearchResults } from "./SearchResults";
import { queryClient, searchQuery } from "@/api/queries";
import { useSearchResults } from "./use-search";

const limit = 60;

/** Search over the whole library, with results as one types. */
export function SearchBox() {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const found = useSearchResults(text, limit);
  const go = useGo();
  const hits = found.query === "" ? [] : (found.data?.items ?? []);
  const answered = !found.isPlaceholderData && found.query === text.trim();
  const shown = open && found.query !== "";
  const at = Math.min(active, hits.length - 1);

  const leave = () => {
    setOpen(false);
    input.current?.blur();
    document.querySelector<HTMLElement>("[data-entry-list]")?.focus();
  };
  const visit = async (hit: SearchHit, inFolder: boolean) => {
    leave();
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
    const [first] = answer?.items ?? [];
    if (first && input.current?.value.trim() === query) await visit(first, false);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 8, PageUp: at - 8 };
    const move = moves[event.key];
    if (move !== undefined && hits.length > 0) {
      setOpen(true);
      setActive(Math.max(0, Math.min(move, hits.length - 1)));
    } else if (event.key === "Enter") {
      const hit = hits[at];
      if (!answered) void visitFirst(text.trim());
      else if (hit && shown) void visit(hit, event.ctrlKey || event.metaKey);
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
    // The panel closes when the focus leaves the box as a whole.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      className="relative min-w-0 flex-1 sm:w-56 sm:flex-none lg:w-80"
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setOpen(false);
      }}
    >
      <Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-faint pointer-coarse:top-3" strokeWidth={1.75} />
      <input
        ref={input}
        data-search
        type="search"
        role="combobox"
        aria-label="Search the library"
        aria-expanded={shown}
        aria-controls="search-results"
        aria-autocomplete="list"
        aria-activedescendant={shown && at >= 0 ? `search-hit-${at}` : undefined}
        placeholder="Search"
        value={text}
        spellCheck={false}
        autoComplete="off"
        onFocus={() => setOpen(true)}
        onChange={(event) => {
          setText(event.target.value);
          setActive(0);
          setOpen(true);
        }}
        onKeyDown={onKeyDown}
        className="h-8 w-full rounded-md border border-line bg-sunken pr-8 pl-8.5 text-sm placeholder:text-faint focus:border-accent focus:bg-surface focus:outline-none pointer-coarse:h-10 [&::-webkit-search-cancel-button]:hidden"
      />
      {text === "" ? (
        <kbd aria-hidden className="pointer-events-none absolute top-1.5 right-2 rounded border border-line px-1.5 font-sans text-xs leading-4.5 text-faint pointer-coarse:hidden">/</kbd>
      ) : (
        <IconButton
          icon={X}
          label="Clear the search"
          small
          className="absolute top-1 right-1 pointer-coarse:top-0.5"
          onClick={() => {
            setText("");
            input.current?.focus();
          }}
        />
      )}
      {shown && (
        <SearchResults
          query={found.query}
          hits={hits}
          active={at}
          setActive={setActive}
          answer={found.data}
          error={found.isPlaceholderData ? undefined : found.error}
          waiting={found.isPending}
          visit={(hit, inFolder) => void visit(hit, inFolder)}
        />
      )}
    </div>
  );
}

