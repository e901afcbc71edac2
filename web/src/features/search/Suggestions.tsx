import { History, Trash2 } from "lucide-react";
import { cx } from "@/ui/cx";
import { Name } from "@/ui/Name";
import { sayError } from "@/ui/Toasts";
import { type Completion, forgetRecent } from "./completions";

const stay = (event: { preventDefault: () => void }) => event.preventDefault(); // the focus stays in the field

/** How the query may go on; the first by the right arrow key. */
export function CompletionBar({ items, choose }: { items: readonly Completion[]; choose: (item: Completion) => void }) {
  if (items.length === 0) return null;
  return (
    <div role="group" aria-label="Completions" className="flex items-center gap-1.5 overflow-x-auto border-b border-line px-2.5 py-1.5 [scrollbar-width:none]">
      {items.map((item, i) => (
        <button
          key={item.text}
          type="button"
          tabIndex={-1}
          title={item.help}
          onMouseDown={stay}
          onClick={() => choose(item)}
          className="flex h-6 shrink-0 items-center gap-1.5 rounded-full bg-accent-faint px-2.5 font-mono text-xs hover:bg-accent-soft pointer-coarse:h-9"
        >
          <Name name={item.text} />
          {i === 0 && (
            <kbd aria-hidden className="font-sans text-soft pointer-coarse:hidden">
              →
            </kbd>
          )}
        </button>
      ))}
    </div>
  );
}

interface RecentListProps {
  items: readonly string[];
  active: number;
  setActive: (index: number) => void;
  choose: (query: string) => void;
}

/** The searches that were made lately, below the empty field. */
export function RecentList({ items, active, setActive, choose }: RecentListProps) {
  return (
    <div className="absolute top-full right-0 z-40 mt-1.5 w-[min(24rem,calc(100vw-1rem))] overflow-hidden rounded-xl border border-line bg-raised shadow-pop animate-appear max-sm:fixed max-sm:inset-x-2 max-sm:top-14 max-sm:w-auto">
      <div id="search-results" role="listbox" aria-label="Recent searches" className="p-1.5">
        {items.map((query, i) => (
          // The keys are handled by the search field, which keeps the focus.
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events
          <div
            key={query}
            id={`search-hit-${i}`}
            role="option"
            tabIndex={-1}
            aria-selected={i === active}
            onPointerMove={() => setActive(i)}
            onMouseDown={stay}
            onClick={() => choose(query)}
            className={cx("flex h-8 items-center gap-2.5 rounded-md px-2.5 pointer-coarse:h-10", i === active && "bg-accent-soft")}
          >
            <History aria-hidden className="size-4 shrink-0 text-soft" strokeWidth={1.6} />
            <Name name={query} className="truncate" />
          </div>
        ))}
      </div>
      <div className="border-t border-line px-1.5 py-1">
        <button type="button" onMouseDown={stay} onClick={() => void forgetRecent().catch(sayError)} className="flex h-7 items-center gap-1.5 rounded-md px-2 text-xs text-soft hover:bg-hover hover:text-ink pointer-coarse:h-10">
          <Trash2 aria-hidden className="size-3.5" />
          Forget recent searches
        </button>
      </div>
    </div>
  );
}
