import { CircleHelp, CloudOff, FileX2, Filter } from "lucide-react";
import { memo } from "react";
import { EntryMarks } from "@/features/marks/EntryMarks";
import { EntryIcon } from "@/features/kinds/EntryIcon";
import type { Entry } from "@/api/types";
import { cx } from "@/ui/cx";
import { shortTime } from "@/ui/format";
import { Name } from "@/ui/Name";
import { plainName } from "@/ui/names";
import { columnSpecs, type RowLayout, sizeText } from "./columns";
import type { Column } from "./folder-view";

export const rowHeight: Record<RowLayout, number> = { wide: 30, medium: 30, compact: 54 };

const states: Record<string, { icon: typeof CloudOff; label: string } | undefined> = {
  excluded: { icon: Filter, label: "Left out by the rules" },
  absent: { icon: FileX2, label: "No longer there" },
  offline: { icon: CloudOff, label: "Volume is offline" },
  unknown: { icon: CircleHelp, label: "Not seen lately" },
};

/** What is to be said of an entry that is not simply there. */
export function stateMark(state: string): { icon: typeof CloudOff; label: string } | undefined {
  return states[state];
}

/** How an entry in a list looks: what all lists share. */
export interface EntryLook {
  id: string;
  index: number;
  entry: Entry | undefined;
  selected: boolean;
  cursor: boolean;
  /** In place of its name, while that is changed. */
  naming?: React.ReactNode;
  /** It was cut: it goes as soon as it is pasted. */
  cut?: boolean;
}

interface RowProps extends EntryLook {
  top: number;
  layout: RowLayout;
  columns: readonly Column[];
  template: string;
  /** Which row of all it is, headings included. */
  ariaRow: number;
}

export const rowLook = (selected: boolean, cursor: boolean): string =>
  cx(
    selected ? "bg-accent-faint group-focus-visible/list:bg-accent-soft group-focus/list:bg-accent-soft" : "hover:bg-hover",
    cursor && "group-focus-visible/list:ring-2 group-focus-visible/list:ring-accent group-focus-visible/list:ring-inset",
    "data-drop:bg-accent-soft data-drop:ring-2 data-drop:ring-accent data-drop:ring-inset",
  );

/** One row of the list. Clicks are handled by the list, which finds the row by data-index. */
export const EntryRow = memo(function EntryRow({ id, index, top, layout, columns, template, ariaRow, entry, selected, cursor, naming, cut }: RowProps) {
  const compact = layout === "compact";
  return (
    <div
      id={id}
      role="row"
      data-index={index}
      aria-rowindex={ariaRow}
      aria-selected={selected}
      aria-busy={entry === undefined}
      style={{ transform: `translateY(${top}px)`, height: rowHeight[layout], gridTemplateColumns: compact ? "minmax(0,1fr)" : template }}
      className={cx("absolute inset-x-1.5 top-0 grid items-center gap-x-4 rounded-md px-2.5", rowLook(selected, cursor), cut === true && "opacity-60")}
    >
      {entry === undefined ? <Placeholder index={index} /> : compact ? <Compact entry={entry} naming={naming} /> : <Cells entry={entry} columns={columns} naming={naming} />}
    </div>
  );
});

function Cells({ entry, columns, naming }: { entry: Entry; columns: readonly Column[]; naming: React.ReactNode }) {
  const state = states[entry.state];
  return (
    <>
      <div role="gridcell" className="flex min-w-0 items-center" title={entry.name.length > 30 ? plainName(entry.name, entry.raw) : undefined}>
        <span data-handle draggable className="flex min-w-0 items-center gap-2.5">
          <EntryIcon entry={entry} className="size-4" />
          {naming ?? <Name name={entry.name} raw={entry.raw} className={cx("truncate", (entry.hidden || state !== undefined) && "text-soft")} />}
          <EntryMarks id={entry.id} tags={!columns.includes("tags")} />
          {state && <state.icon role="img" aria-label={state.label} className="size-3.5 shrink-0 text-warn" strokeWidth={1.75} />}
        </span>
      </div>
      {columns.map((column) => {
        const spec = columnSpecs[column];
        return (
          <div key={column} role="gridcell" className={cx("truncate text-soft tabular", spec.right === true && "text-right", column === "mode" && "font-mono text-xs")} title={spec.more?.(entry)}>
            {spec.cell ? <spec.cell id={entry.id} /> : spec.text(entry)}
          </div>
        );
      })}
    </>
  );
}

function Compact({ entry, naming }: { entry: Entry; naming: React.ReactNode }) {
  return (
    <div role="gridcell" className="flex min-w-0 items-center gap-3">
      <EntryIcon entry={entry} className="size-6" />
      <div className="min-w-0 flex-1">
        <div className="flex min-w-0 items-center gap-2">
          <span data-handle draggable className="flex min-w-0">
            {naming ?? <Name name={entry.name} raw={entry.raw} className={cx("truncate", entry.hidden && "text-soft")} />}
          </span>
          <EntryMarks id={entry.id} />
        </div>
        <div className="truncate text-xs text-soft tabular">
          {sizeText(entry)} · {shortTime(entry.modified)}
          {states[entry.state] && ` · ${states[entry.state]?.label ?? ""}`}
        </div>
      </div>
    </div>
  );
}

function Placeholder({ index }: { index: number }) {
  const width = `${30 + ((index * 37) % 40)}%`;
  return (
    <div role="gridcell" className="flex items-center gap-2.5">
      <span className="sr-only">Loading</span>
      <span aria-hidden className="size-4 shrink-0 rounded bg-line" />
      <span aria-hidden className="h-2.5 rounded bg-line" style={{ width }} />
    </div>
  );
}
