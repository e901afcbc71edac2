import { ArrowDownWideNarrow, ArrowUpNarrowWide, ChevronDown, ChevronUp } from "lucide-react";
import { type KeyboardEvent, type PointerEvent, useRef } from "react";
import type { EntrySort } from "@/api/types";
import { IconButton } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { columnSpecs, columnsIn, columnWidths, type RowLayout, template, widthOf } from "./columns";
import type { ChangeView, Column, FolderView } from "./folder-view";

interface HeaderProps {
  view: FolderView;
  change: ChangeView;
  layout: RowLayout;
}

/** Sorts by a column; a second time turns the order around. Sizes and times begin with the largest and newest. */
function sortBy(sort: EntrySort, { view, change }: HeaderProps): void {
  change({ sort, descending: sort === view.sort ? !view.descending : sort === "size" || sort === "modified" });
}

export const sortNames: Readonly<Record<EntrySort, string>> = { name: "Name", size: "Size", modified: "Modified", kind: "Kind", taken: "Taken" };

export function ListHeader(props: HeaderProps) {
  const { view, layout } = props;
  const columns = columnsIn(view, layout);
  return (
    <div role="rowgroup" className="border-b border-line">
      <div
        role="row"
        aria-rowindex={1}
        style={{ gridTemplateColumns: layout === "compact" ? "minmax(0,1fr) auto" : template(view, columns) }}
        className="mx-1.5 grid h-8 items-center gap-x-4 px-2.5"
      >
        {layout === "compact" ? (
          <SortPicker {...props} />
        ) : (
          <>
            <Head {...props} label="Name" sort="name" />
            {columns.map((column) => {
              const { label, sort, right } = columnSpecs[column];
              return <Head key={column} {...props} column={column} label={label} sort={sort} right={right} />;
            })}
          </>
        )}
      </div>
    </div>
  );
}

interface HeadProps extends HeaderProps {
  label: string;
  column?: Column;
  sort?: EntrySort | undefined;
  right?: boolean | undefined;
}

function Head({ label, column, sort, right = false, ...props }: HeadProps) {
  const { view } = props;
  const Arrow = view.descending ? ChevronDown : ChevronUp;
  const sorted = sort === view.sort;
  return (
    <div
      role="columnheader"
      aria-sort={sort === undefined ? undefined : !sorted ? "none" : view.descending ? "descending" : "ascending"}
      className={cx("relative flex min-w-0", right && "justify-end")}
    >
      {column !== undefined && <Edge {...props} column={column} label={label} />}
      {sort === undefined ? (
        <span className="truncate text-xs font-medium text-soft">{label}</span>
      ) : (
        <button
          type="button"
          onClick={() => sortBy(sort, props)}
          className={cx("-mx-1 flex h-6 items-center gap-1 rounded px-1 text-xs font-medium hover:text-ink", sorted ? "text-ink" : "text-soft", right && "flex-row-reverse")}
        >
          {label}
          {sorted && <Arrow aria-hidden className="size-3.5" />}
        </button>
      )}
    </div>
  );
}

/** The left edge of a column, which draws it wider or narrower: by the mouse, or by the arrows while it has the focus. */
function Edge({ view, change, column, label }: HeaderProps & { column: Column; label: string }) {
  const from = useRef<{ x: number; width: number }>(undefined);
  const width = widthOf(view, column);
  const set = (next: number) => change({ widths: { ...view.widths, [column]: Math.round(Math.min(Math.max(next, columnWidths.least), columnWidths.most)) } });
  const onPointerMove = (event: PointerEvent) => {
    if (from.current) set(from.current.width - (event.clientX - from.current.x));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowLeft") set(width + 16);
    else if (event.key === "ArrowRight") set(width - 16);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    // A separator that can be moved has keys and a value (WAI-ARIA: window splitter).
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label={`Width of ${label}`}
      aria-valuenow={width}
      aria-valuemin={columnWidths.least}
      aria-valuemax={columnWidths.most}
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      onKeyDown={onKeyDown}
      onDoubleClick={() => set(columnSpecs[column].width)}
      onPointerDown={(event) => {
        event.stopPropagation();
        event.currentTarget.setPointerCapture(event.pointerId);
        from.current = { x: event.clientX, width };
      }}
      onPointerMove={onPointerMove}
      onPointerUp={() => (from.current = undefined)}
      className="absolute inset-y-0 -left-3 flex w-2 cursor-col-resize touch-none items-center justify-center after:h-4 after:w-px after:bg-line-strong hover:after:w-0.5 hover:after:bg-accent"
    />
  );
}

/** In two-line rows there are no columns to click on. */
function SortPicker({ view, change }: HeaderProps) {
  return (
    <div role="columnheader" className="col-start-2 flex items-center gap-1 text-xs text-soft">
      <label className="flex items-center gap-1">
        Sort by
        <select value={view.sort} onChange={(event) => change({ sort: event.target.value as EntrySort, descending: false })} className="rounded bg-surface py-1 font-medium text-ink">
          {Object.entries(sortNames).map(([sort, label]) => (
            <option key={sort} value={sort}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <IconButton
        small
        icon={view.descending ? ArrowDownWideNarrow : ArrowUpNarrowWide}
        label={view.descending ? "Sort ascending" : "Sort descending"}
        onClick={() => change({ descending: !view.descending })}
      />
    </div>
  );
}
