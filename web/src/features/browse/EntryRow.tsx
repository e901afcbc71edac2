import { CircleHelp, CloudOff, FileX2, Filter } from "lucide-react";
import { memo } from "react";
import { EntryIcon } from "@/features/kinds/EntryIcon";
import { sortOf } from "@/features/kinds/kinds";
import type { Entry } from "@/api/types";
import { cx } from "@/ui/cx";
import { bytes, fullTime, shortTime } from "@/ui/format";
import { Name } from "@/ui/Name";
import { plainName } from "@/ui/names";
import { weight } from "./address";

/** How much a row shows: all columns, without the kind, or two lines. */
export type RowLayout = "wide" | "medium" | "compact";

export const rowHeight: Record<RowLayout, number> = { wide: 30, medium: 30, compact: 54 };

export const columns: Record<RowLayout, string> = {
  wide: "grid-cols-[minmax(0,1fr)_5.5rem_8.5rem_9rem]",
  medium: "grid-cols-[minmax(0,1fr)_6rem_9rem]",
  compact: "grid-cols-[minmax(0,1fr)_auto]",
};

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

interface RowProps {
  id: string;
  index: number;
  top: number;
  layout: RowLayout;
  entry: Entry | undefined;
  selected: boolean;
  cursor: boolean;
}

/** One row of the list. Clicks are handled by the list, which finds the row by data-index. */
export const EntryRow = memo(function EntryRow({ id, index, top, layout, entry, selected, cursor }: RowProps) {
  return (
    <div
      id={id}
      role="row"
      data-index={index}
      aria-rowindex={index + 2}
      aria-selected={selected}
      aria-busy={entry === undefined}
      style={{ transform: `translateY(${top}px)`, height: rowHeight[layout] }}
      className={cx(
        "absolute inset-x-1.5 top-0 grid items-center gap-x-4 rounded-md px-2.5",
        columns[layout],
        selected ? "bg-accent-faint group-focus-visible/list:bg-accent-soft group-focus/list:bg-accent-soft" : "hover:bg-hover",
        cursor && "group-focus-visible/list:ring-2 group-focus-visible/list:ring-accent group-focus-visible/list:ring-inset",
      )}
    >
      {entry === undefined ? <Placeholder layout={layout} index={index} /> : layout === "compact" ? <Compact entry={entry} /> : <Cells entry={entry} layout={layout} />}
    </div>
  );
});

function NameCell({ entry }: { entry: Entry }) {
  const state = states[entry.state];
  return (
    <>
      <EntryIcon entry={entry} className="size-4" />
      <Name name={entry.name} raw={entry.raw} className={cx("truncate", (entry.hidden || state !== undefined) && "text-soft")} />
      {state && <state.icon role="img" aria-label={state.label} className="size-3.5 shrink-0 text-warn" strokeWidth={1.75} />}
    </>
  );
}

function sizeText(entry: Entry): string {
  const size = weight(entry);
  return size === undefined ? "–" : bytes(size);
}

function Cells({ entry, layout }: { entry: Entry; layout: RowLayout }) {
  return (
    <>
      <div role="gridcell" className="flex min-w-0 items-center gap-2.5" title={entry.name.length > 30 ? plainName(entry.name, entry.raw) : undefined}>
        <NameCell entry={entry} />
      </div>
      <div role="gridcell" className="text-right text-soft tabular">
        {sizeText(entry)}
      </div>
      <div role="gridcell" className="truncate text-soft tabular" title={fullTime(entry.modified)}>
        {shortTime(entry.modified)}
      </div>
      {layout === "wide" && (
        <div role="gridcell" className="truncate text-soft">
          {sortOf(entry).label}
        </div>
      )}
    </>
  );
}

function Compact({ entry }: { entry: Entry }) {
  return (
    <div role="gridcell" className="col-span-2 flex min-w-0 items-center gap-3">
      <EntryIcon entry={entry} className="size-6" />
      <div className="min-w-0 flex-1">
        <div className="flex min-w-0 items-center gap-2">
          <Name name={entry.name} raw={entry.raw} className={cx("truncate", entry.hidden && "text-soft")} />
        </div>
        <div className="truncate text-xs text-soft tabular">
          {sizeText(entry)} · {shortTime(entry.modified)}
          {states[entry.state] && ` · ${states[entry.state]?.label ?? ""}`}
        </div>
      </div>
    </div>
  );
}

function Placeholder({ layout, index }: { layout: RowLayout; index: number }) {
  const width = `${30 + ((index * 37) % 40)}%`;
  return (
    <div role="gridcell" className={cx("flex items-center gap-2.5", layout === "compact" && "col-span-2")}>
      <span className="sr-only">Loading</span>
      <span aria-hidden className="size-4 shrink-0 rounded bg-line" />
      <span aria-hidden className="h-2.5 rounded bg-line" style={{ width }} />
    </div>
  );
}
