import { useQueries, useQuery } from "@tanstack/react-query";
import { CalendarDays } from "lucide-react";
import { type KeyboardEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { monthsQuery, photosQuery, photosPage } from "@/api/queries";
import type { Entry, EntryInfo } from "@/api/types";
import { shownPath } from "@/features/browse/address";
import { EntryTile, tileHeight, tilesAcross } from "@/features/browse/EntryTile";
import { takeListFocus } from "@/features/browse/list-focus";
import { RowPlan } from "@/features/browse/row-plan";
import { useRowWindow } from "@/features/browse/use-row-window";
import { useScrollMemory } from "@/features/browse/use-scroll-memory";
import { count, countOf } from "@/ui/format";
import { EmptyNote, ErrorNote, Waiting } from "@/ui/Note";
import type { Month } from "./months";

const size = 144;
const headHeight = 44;

interface TimelineProps {
  folder: EntryInfo;
  look: (entry: Entry) => void;
  select: (entry: Entry) => void;
}

/** The photos and films below a folder, by the month they were taken in. */
export function TimelineView(props: TimelineProps) {
  const months = useQuery(monthsQuery(shownPath(props.folder)));
  if (months.error) return <ErrorNote error={months.error} retry={() => void months.refetch()} className="flex-1" />;
  if (months.data === undefined) return <Waiting className="flex-1">Looking when the photos were taken…</Waiting>;
  if (months.data.length === 0) {
    return (
      <EmptyNote icon={CalendarDays} title="There are no photos here" className="flex-1">
        Nor in the folders below.
      </EmptyNote>
    );
  }
  return <Months {...props} months={months.data} />;
}

/** Where each month begins in the whole. */
function starts(months: readonly Month[]): number[] {
  let from = 0;
  return months.map(({ count }) => (from += count) - count);
}

function Months({ folder, look, select, months }: TimelineProps & { months: readonly Month[] }) {
  const grid = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(900);
  useLayoutEffect(() => {
    const element = grid.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const across = tilesAcross(width, size);
  const from = useMemo(() => starts(months), [months]);
  const total = (from.at(-1) ?? 0) + (months.at(-1)?.count ?? 0);
  const plan = useMemo(() => new RowPlan({ total, groups: months.map(({ title }, i) => ({ title, from: from[i] ?? 0 })), across, rowHeight: tileHeight(size), headHeight }), [months, from, total, across]);
  const rows = useRowWindow(grid, plan, 0, 2);
  const place = shownPath(folder);

  /** The page of answers that an entry stands in: its month, and which page of that. */
  const pageOf = (index: number) => {
    const month = from.findLastIndex((begin) => begin <= index);
    return { month, page: Math.floor((index - (from[month] ?? 0)) / photosPage) };
  };
  const wanted = new Map<string, { month: number; page: number }>();
  for (const row of rows.drawn) {
    if (!("first" in row)) continue;
    for (const index of [row.first, row.first + row.count - 1]) {
      const at = pageOf(index);
      wanted.set(`${at.month} ${at.page}`, at);
    }
  }
  const pages = [...wanted.values()];
  const answers = useQueries({ queries: pages.map(({ month, page }) => photosQuery(months[month]?.query ?? "", place, page)) });
  const entryAt = (index: number): Entry | undefined => {
    const { month, page } = pageOf(index);
    const answer = answers[pages.findIndex((one) => one.month === month && one.page === page)];
    return answer?.data?.[index - (from[month] ?? 0) - page * photosPage];
  };

  const [cursor, setCursor] = useState(-1);
  useEffect(() => takeListFocus(grid.current), [folder.id]);
  useScrollMemory(grid, `timeline ${place}`, true);
  const moveTo = (index: number) => {
    const next = Math.max(0, Math.min(index, total - 1));
    setCursor(next);
    rows.show(next);
    const entry = entryAt(next);
    if (entry) select(entry);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const month = pageOf(Math.max(cursor, 0)).month;
    const moves: Record<string, () => number> = {
      ArrowRight: () => cursor + 1,
      ArrowLeft: () => cursor - 1,
      ArrowDown: () => (cursor < 0 ? 0 : plan.step(cursor, 1, total)),
      ArrowUp: () => plan.step(Math.max(cursor, 0), -1, total),
      PageDown: () => from[month + 1] ?? total - 1,
      PageUp: () => (cursor > (from[month] ?? 0) ? (from[month] ?? 0) : (from[month - 1] ?? 0)),
      Home: () => 0,
      End: () => total - 1,
    };
    const move = moves[event.key];
    const entry = cursor < 0 ? undefined : entryAt(cursor);
    if (move) moveTo(move());
    else if ((event.key === "Enter" || event.key === " ") && entry) look(entry);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const at = (target: EventTarget) => {
    const tile = target instanceof Element ? target.closest("[data-index]") : null;
    return tile === null ? -1 : Number(tile.getAttribute("data-index"));
  };
  return (
    <div className="flex min-h-0 flex-1">
      <div
        ref={grid}
        role="grid"
        tabIndex={0}
        aria-label="Photos by date"
        aria-rowcount={Math.ceil(total / across)}
        aria-activedescendant={cursor >= 0 ? `photo-${cursor}` : undefined}
        data-entry-list
        onKeyDown={onKeyDown}
        onClick={(event) => {
          const index = at(event.target);
          if (index >= 0) moveTo(index);
        }}
        onDoubleClick={(event) => {
          const entry = entryAt(at(event.target));
          if (entry) look(entry);
        }}
        className="group/list relative min-h-0 flex-1 overflow-y-auto overscroll-contain outline-none select-none"
      >
        <div role="rowgroup" className="relative" style={{ height: rows.height + 8 }}>
          {rows.drawn.map((row) => {
            const top = row.top + rows.shift;
            if ("title" in row) {
              return (
                <div key={`head ${row.top}`} role="row" className="absolute inset-x-4 top-0 flex items-end pb-2" style={{ transform: `translateY(${top}px)`, height: headHeight }}>
                  <div role="gridcell" className="text-sm font-semibold">
                    {row.title} <span className="text-xs font-normal text-soft tabular">{count(row.count)}</span>
                  </div>
                </div>
              );
            }
            return (
              <div
                key={row.first}
                role="row"
                className="absolute inset-x-1.5 top-0 grid"
                style={{ transform: `translateY(${top}px)`, height: tileHeight(size), gridTemplateColumns: `repeat(${across}, minmax(0, 1fr))` }}
              >
                {Array.from({ length: row.count }, (_, i) => {
                  const index = row.first + i;
                  return <EntryTile key={index} id={`photo-${index}`} index={index} entry={entryAt(index)} selected={index === cursor} cursor={index === cursor} deep size={size} />;
                })}
              </div>
            );
          })}
        </div>
      </div>
      <MonthRail months={months} goTo={(month) => moveTo(from[month] ?? 0)} />
    </div>
  );
}

/** The years at the side: a click goes there. */
function MonthRail({ months, goTo }: { months: readonly Month[]; goTo: (month: number) => void }) {
  const years = new Map<string, { at: number; count: number }>();
  months.forEach(({ title, count }, at) => {
    const year = /\d{4}/.exec(title)?.[0] ?? "No date";
    const known = years.get(year);
    years.set(year, { at: known?.at ?? at, count: (known?.count ?? 0) + count });
  });
  return (
    <nav aria-label="Years" className="w-16 shrink-0 overflow-y-auto border-l border-line py-2 max-sm:w-14">
      {[...years].map(([year, { at, count }]) => (
        <button key={year} type="button" title={countOf(count, "file")} onClick={() => goTo(at)} className="ring-inside block w-full px-1 py-1 text-center text-xs text-soft tabular hover:bg-hover hover:text-ink pointer-coarse:py-2.5">
          {year}
        </button>
      ))}
    </nav>
  );
}
