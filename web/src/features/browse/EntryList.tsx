import { type MouseEvent, type ReactNode, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { Entry } from "@/api/types";
import { count } from "@/ui/format";
import { ContextMenu, type MenuItem } from "@/ui/Menu";
import { isMeant, keyOf } from "./address";
import { columnsIn, type RowLayout, template } from "./columns";
import { type EntryLook, EntryRow, rowHeight } from "./EntryRow";
import { EntryTile, tileHeight, tilesAcross } from "./EntryTile";
import type { ChangeView, FolderView } from "./folder-view";
import { groupsOf } from "./groups";
import { takeListFocus } from "./list-focus";
import { ListHeader } from "./ListHeader";
import type { Head, OpenList } from "./open-folders";
import type { ListState } from "./paged-list";
import { RowPlan } from "./row-plan";
import { extend, framed, only, type Selection, toggle } from "./selection";
import { useListKeys } from "./use-list-keys";
import { useRowWindow } from "./use-row-window";
import { useRubberBand } from "./use-rubber-band";
import { useScrollMemory } from "./use-scroll-memory";

interface EntryListProps {
  label: string;
  list: OpenList;
  state: ListState<Entry, Head>;
  view: FolderView;
  change: ChangeView;
  /** Row of every loaded entry, by key. */
  indexes: ReadonlyMap<string, number>;
  selection: Selection;
  select: (next: Selection) => void;
  /** An entry to bring into view and select, wherever in the list it is; `wish` tells repeated ones apart. */
  reveal: { key: string; wish: string } | undefined;
  /** `beside`: in another tab. */
  open: (entry: Entry, beside?: boolean) => void;
  up: () => void;
  look: () => void;
  menu: MenuItem[];
  /** Everything here is looked into anyway. */
  deep: boolean;
  /** In place of the name of the entry with this key. */
  naming: { key: string; field: ReactNode } | undefined;
  /** Keys of what was cut. */
  cut: ReadonlySet<string>;
  /** What dragging does here. */
  drag?: React.HTMLAttributes<HTMLDivElement>;
}

const headHeight = 33;
const groupHeight = 34;
const ahead = 400; // rows fetched beyond the screen

export function EntryList(props: EntryListProps) {
  const { list, state, indexes, selection, select, view } = props;
  const grid = useRef<HTMLDivElement>(null);
  const tiles = view.mode === "grid";
  const { layout, across } = useLayout(grid, tiles ? view.tile : 0);
  const height = tiles ? tileHeight(view.tile) : rowHeight[layout];
  const [aim, setAim] = useState<{ list: string; index: number }>();
  const cursor = indexes.get(selection.cursor) ?? -1;

  const groups = useMemo(() => groupsOf(state.items, view.group), [state.items, view.group]);
  const plan = useMemo(() => new RowPlan({ total: state.total, groups, across, rowHeight: height, headHeight: groupHeight }), [state.total, groups, across, height]);
  const rows = useRowWindow(grid, plan, headHeight, tiles ? 2 : 16);
  const { show } = rows;

  const revealing = useReveal(props, (index) => show(index, "center"));
  const aimed = aim?.list === list.key ? aim.index + 1 : 0;
  const lastShown = rows.drawn.at(-1);
  const seenTo = lastShown === undefined ? 0 : "first" in lastShown ? lastShown.first + lastShown.count : state.items.length;
  const end = Math.max(seenTo + ahead, aimed, revealing ? state.items.length + 1 : 0);
  useEffect(() => list.pages.need(end), [list, end]);

  const before = useRef(view.mode);
  useEffect(() => {
    if (before.current === view.mode) return;
    before.current = view.mode;
    if (cursor >= 0) show(cursor, "center"); // the other view begins where one was
  });

  const selectAndShow = (next: Selection) => {
    setAim(undefined);
    select(next);
    const index = indexes.get(next.cursor);
    if (index !== undefined) show(index);
  };

  // A row that was asked for before it was loaded has come.
  const arrived = aimed > 0 ? state.items[aimed - 1] : undefined;
  useEffect(() => {
    if (arrived) select(only(keyOf(arrived)));
  }, [arrived, select]);

  useEffect(() => takeListFocus(grid.current), [list.key]); // arrows work at once
  useScrollMemory(grid, `${list.key} ${view.mode}`, props.reveal === undefined);

  const onKeyDown = useListKeys(list, {
    items: state.items,
    total: state.total,
    cursor,
    across,
    step: (from, by) => plan.step(from, by, state.total),
    selection,
    pageRows: () => Math.max(Math.floor(((grid.current?.clientHeight ?? 300) - headHeight) / height - (tiles ? 0 : 1)), 1),
    select: selectAndShow,
    aim: (index) => {
      setAim({ list: list.key, index });
      show(index);
    },
    open: props.open,
    up: props.up,
    look: props.look,
  });

  const started = useRef(selection);
  const band = useRubberBand(grid, {
    planY: rows.planY,
    begin: () => (started.current = selection),
    touched: (top, bottom, left, right, adding) => {
      const width = (grid.current?.clientWidth ?? 0) / across;
      const touched = plan.within(top, bottom, Math.floor(left / width), Math.floor(right / width)).flatMap((index) => state.items[index] ?? []);
      select(framed(started.current, touched.map(keyOf), adding));
    },
  });

  const rowAt = (event: MouseEvent): Entry | undefined => {
    const row = event.target instanceof Element ? event.target.closest("[data-index]") : null;
    return row === null ? undefined : state.items[Number(row.getAttribute("data-index"))];
  };
  const onClick = (event: MouseEvent) => {
    if (isField(event.target)) return;
    const entry = rowAt(event);
    if (!entry) {
      if (event.target instanceof Element && event.target.closest("button, [role=columnheader]") === null && !event.ctrlKey) select({ ...selection, keys: new Set() });
      return;
    }
    setAim(undefined);
    const touch = "pointerType" in event.nativeEvent && event.nativeEvent.pointerType === "touch";
    if (event.shiftKey) select(extend(selection, keyOf(entry), state.items.map(keyOf)));
    else if (event.ctrlKey || event.metaKey) select(toggle(selection, keyOf(entry)));
    else select(only(keyOf(entry)));
    if (touch) props.open(entry);
  };

  const look = (index: number): EntryLook => {
    const entry = state.items[index];
    const key = entry === undefined ? "" : keyOf(entry);
    return {
      id: rowId(index), index, entry,
      selected: key !== "" && selection.keys.has(key),
      cursor: key !== "" && key === selection.cursor,
      naming: key !== "" && props.naming?.key === key ? props.naming.field : undefined,
      cut: props.cut.has(key),
    };
  };
  const columns = columnsIn(view, layout);
  const grids = template(view, columns);
  const visible = rows.drawn.some((row) => "first" in row && cursor >= row.first && cursor < row.first + row.count);

  return (
    <ContextMenu items={props.menu}>
      <div
        ref={grid}
        role="grid"
        tabIndex={0}
        aria-label={props.label}
        aria-rowcount={Math.ceil(state.total / across) + 1}
        aria-multiselectable
        aria-busy={state.loading}
        aria-activedescendant={cursor >= 0 && visible ? rowId(cursor) : undefined}
        data-entry-list
        className="group/list relative min-h-0 flex-1 overflow-y-auto overscroll-contain outline-none select-none"
        onKeyDown={onKeyDown}
        onClick={onClick}
        onDoubleClick={(event) => {
          const entry = rowAt(event);
          if (entry && !isField(event.target)) props.open(entry);
        }}
        onAuxClick={(event) => {
          const entry = rowAt(event);
          if (event.button === 1 && entry?.kind === "folder") props.open(entry, true);
        }}
        onContextMenu={(event) => {
          const entry = rowAt(event);
          if (!entry && !isField(event.target)) select({ ...selection, keys: new Set() });
          else if (entry && !selection.keys.has(keyOf(entry))) select(only(keyOf(entry)));
        }}
        {...props.drag}
        {...band.handlers}
      >
        <div className="sticky top-0 z-10 bg-surface">
          <ListHeader view={view} change={props.change} layout={tiles ? "compact" : layout} />
          {band.frame && <div aria-hidden style={band.frame} className="pointer-events-none absolute z-20 rounded-xs border border-accent bg-accent/15" />}
        </div>
        <div role="rowgroup" className="relative" style={{ height: rows.height + 6 }}>
          {rows.drawn.map((row) => {
            const top = row.top + rows.shift + 3;
            if ("title" in row) {
              return (
                <div key={`head ${row.top}`} role="row" className="absolute inset-x-4 top-0 flex items-end gap-2 pb-1.5" style={{ transform: `translateY(${top}px)`, height: groupHeight }}>
                  <div role="gridcell" className="text-xs font-semibold">
                    {row.title} <span className="font-normal text-soft tabular">{state.complete || row.title !== groups.at(-1)?.title ? count(row.count) : ""}</span>
                  </div>
                </div>
              );
            }
            const ariaRow = Math.floor(row.first / across) + 2;
            if (!tiles) return <EntryRow key={row.first} top={top} layout={layout} columns={columns} template={grids} ariaRow={ariaRow} {...look(row.first)} />;
            return (
              <div
                key={row.first}
                role="row"
                aria-rowindex={ariaRow}
                className="absolute inset-x-1.5 top-0 grid"
                style={{ transform: `translateY(${top}px)`, height, gridTemplateColumns: `repeat(${across}, minmax(0, 1fr))` }}
              >
                {Array.from({ length: row.count }, (_, i) => (
                  <EntryTile key={row.first + i} deep={props.deep} size={view.tile} {...look(row.first + i)} />
                ))}
              </div>
            );
          })}
        </div>
      </div>
    </ContextMenu>
  );
}

const rowId = (index: number) => `entry-row-${index}`;
const isField = (target: EventTarget | null) => target instanceof Element && target.closest("input") !== null;

/** Which layout fits the width of the list (not of the window: panels take their share), and how many tiles do. */
function useLayout(ref: React.RefObject<HTMLElement | null>, tile: number): { layout: RowLayout; across: number } {
  const [width, setWidth] = useState(900);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, [ref]);
  return { layout: width >= 680 ? "wide" : width >= 480 ? "medium" : "compact", across: tile > 0 ? tilesAcross(width, tile) : 1 };
}

/** Selects and shows the entry that the address names, once for every wish. Tells whether it is still looked for. */
function useReveal({ list, state, reveal, select }: EntryListProps, show: (index: number) => void): boolean {
  const granted = useRef("");
  const asked = useRef({ wish: "", at: 0 });
  const key = reveal?.key;
  const index = useMemo(() => (key === undefined ? -1 : state.items.findIndex((entry) => isMeant(entry, key))), [state.items, key]);
  useEffect(() => {
    const wish = `${list.key} ${reveal?.wish ?? ""}`;
    if (key === undefined || granted.current === wish) return;
    if (asked.current.wish !== wish) asked.current = { wish, at: performance.now() };
    const entry = state.items[index];
    if (entry === undefined) {
      // What was made just now may come with the next reading.
      if (state.complete && performance.now() - asked.current.at > 5000) granted.current = wish;
      return;
    }
    granted.current = wish;
    select(only(keyOf(entry)));
    show(index);
  });
  return key !== undefined && index < 0 && !state.complete;
}
