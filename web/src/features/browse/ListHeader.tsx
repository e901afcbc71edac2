import { ArrowDownWideNarrow, ArrowUpNarrowWide, ChevronDown, ChevronUp } from "lucide-react";
import type { EntrySort } from "@/api/types";
import { IconButton } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { setPreferences, usePreferences } from "@/ui/preferences";
import { columns, type RowLayout } from "./EntryRow";

const heads: { sort: EntrySort; label: string; in: RowLayout[]; right?: boolean }[] = [
  { sort: "name", label: "Name", in: ["wide", "medium"] },
  { sort: "size", label: "Size", in: ["wide", "medium"], right: true },
  { sort: "modified", label: "Modified", in: ["wide", "medium"] },
  { sort: "kind", label: "Kind", in: ["wide"] },
];

/** Sorts by a column; a second time turns the order around. Sizes and times begin with the largest and newest. */
function sortBy(sort: EntrySort, now: EntrySort, descending: boolean): void {
  setPreferences({ sort, descending: sort === now ? !descending : sort === "size" || sort === "modified" });
}

export function ListHeader({ layout }: { layout: RowLayout }) {
  const { sort, descending } = usePreferences();
  const Arrow = descending ? ChevronDown : ChevronUp;
  return (
    <div role="rowgroup" className="border-b border-line">
      <div role="row" aria-rowindex={1} className={cx("mx-1.5 grid h-8 items-center gap-x-4 px-2.5", columns[layout])}>
        {heads.filter((head) => head.in.includes(layout)).map((head) => (
          <div
            key={head.sort}
            role="columnheader"
            aria-sort={head.sort !== sort ? "none" : descending ? "descending" : "ascending"}
            className={cx("flex min-w-0", head.right === true && "justify-end")}
          >
            <button
              type="button"
              onClick={() => sortBy(head.sort, sort, descending)}
              className={cx("-mx-1 flex h-6 items-center gap-1 rounded px-1 text-xs font-medium hover:text-ink", head.sort === sort ? "text-ink" : "text-soft", head.right === true && "flex-row-reverse")}
            >
              {head.label}
              {head.sort === sort && <Arrow aria-hidden className="size-3.5" />}
            </button>
          </div>
        ))}
        {layout === "compact" && <SortPicker />}
      </div>
    </div>
  );
}

/** In two-line rows there are no columns to click on. */
function SortPicker() {
  const { sort, descending } = usePreferences();
  return (
    <div role="columnheader" className="flex items-center gap-1 text-xs text-soft">
      <label className="flex items-center gap-1">
        Sort by
        <select
          value={sort}
          onChange={(event) => setPreferences({ sort: event.target.value as EntrySort, descending: false })}
          className="rounded bg-surface py-1 font-medium text-ink"
        >
          {heads.map((head) => (
            <option key={head.sort} value={head.sort}>
              {head.label}
            </option>
          ))}
        </select>
      </label>
      <IconButton
        small
        icon={descending ? ArrowDownWideNarrow : ArrowUpNarrowWide}
        label={descending ? "Sort ascending" : "Sort descending"}
        onClick={() => setPreferences({ descending: !descending })}
      />
    </div>
  );
}
