import { useQuery } from "@tanstack/react-query";
import { CalendarDays } from "lucide-react";
import { type KeyboardEvent, type MouseEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { monthsQuery } from "@/api/queries";
import type { Entry, EntryInfo } from "@/api/types";
import { keyOf, shownPath } from "@/features/browse/address";
import { EntryTile, tileHeight, tilesAcross } from "@/features/browse/EntryTile";
import { takeListFocus } from "@/features/browse/list-focus";
import { RowPlan } from "@/features/browse/row-plan";
import { useRowWindow } from "@/features/browse/use-row-window";
import { useScrollMemory } from "@/features/browse/use-scroll-memory";
import { count, countOf } from "@/ui/format";
import { ContextMenu, type MenuItem } from "@/ui/Menu";
import { EmptyNote, ErrorNote, Waiting } from "@/ui/Note";
import { sayError } from "@/ui/Toasts";
import type { Month } from "./months";
import { usePhotos } from "./use-photos";

const size = 144;
const headHeight = 44;

interface TimelineProps {
  folder: EntryInfo;
  look: (entry: Entry) => void;
  /** Those that commands mean. */
  chosen: readonly Entry[];
  choose: (entries: readonly Entry[]) => void;
  menu: MenuItem[];
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

function Months({ folder, look, chosen, choose, menu, months }: TimelineProps & { months: readonly Month[] }) {
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

  const { pageOf, entryAt, entriesIn } = usePhotos(months, from, place, rows.drawn.flatMap((row) => ("first" in row ? [row] : [])));

  const [cursor, setCursor] = useState(-1);
  const anchor = useRef(-1);
  const turns = useRef(0); // of moving: only what was wanted last is chosen
  const before = useRef(total);
  useEffect(() => {
    if (before.current !== total) choose([]); // photos came or went: those that were chosen stand elsewhere, or nowhere
    before.current = total;
  }, [total, choose]);
  const keys = useMemo(() => new Set(chosen.map(keyOf)), [chosen]);
  useEffect(() => takeListFocus(grid.current), [folder.id]);
  useScrollMemory(grid, `timeline ${place}`, true);
  /** Goes to a photo: it alone is chosen, or all from where the choosing began. */
  const moveTo = (index: number, ranging = false) => {
    const next = Math.max(0, Math.min(index, total - 1));
    setCursor(next);
    rows.show(next);
    if (!ranging || anchor.current < 0) anchor.current = next;
    const turn = ++turns.current;
    entriesIn(anchor.current, next).then((entries) => turn === turns.current && choose(entries), sayError);
  };
  const toggle = (index: number) => {
    const entry = entryAt(index);
    if (!entry) return;
    setCursor(index);
    anchor.current = index;
    choose(keys.has(keyOf(entry)) ? chosen.filter((one) => keyOf(one) !== keyOf(entry)) : [...chosen, entry]);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const modified = event.ctrlKey || event.metaKey;
    if (event.altKey || (modified && event.key !== " ")) return;
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
    if (move) moveTo(move(), event.shiftKey);
    else if (event.key === " " && modified) toggle(cursor);
    else if (event.key === "Escape" && chosen.length > 0) choose([]);
    else if ((event.key === "Enter" || event.key === " ") && entry) look(entry);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const at = (target: EventTarget) => {
    const tile = target instanceof Element ? target.closest("[data-index]") : null;
    return tile === null ? -1 : Number(tile.getAttribute("data-index"));
  };
  const click = (event: MouseEvent) => {
    const index = at(event.target);
    if (index < 0) return;
    if (event.ctrlKey || event.metaKey) toggle(index);
    else moveTo(index, event.shiftKey);
  };
  return (
    <div className="flex min-h-0 flex-1">
      <ContextMenu items={menu}>
        <div
          ref={grid}
          role="grid"
          tabIndex={0}
          aria-label="Photos by date"
          aria-rowcount={Math.ceil(total / across)}
          aria-activedescendant={cursor >= 0 ? `photo-${cursor}` : undefined}
          data-entry-list
          aria-multiselectable
          onKeyDown={onKeyDown}
          onClick={click}
          onMouseDown={(event) => {
            const entry = event.button === 2 ? entryAt(at(event.target)) : undefined; // before the menu is asked what it offers
            if (entry && !keys.has(keyOf(entry))) moveTo(at(event.target));
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
                    const entry = entryAt(index);
                    return <EntryTile key={index} id={`photo-${index}`} index={index} entry={entry} selected={entry !== undefined && keys.has(keyOf(entry))} cursor={index === cursor} deep size={size} />;
                  })}
                </div>
              );
            })}
          </div>
        </div>
      </ContextMenu>
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
