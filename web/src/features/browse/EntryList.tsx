import { useVirtualizer } from "@tanstack/react-virtual";
import { type MouseEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { Entry } from "@/api/types";
import { ContextMenu, type MenuItem } from "@/ui/Menu";
import { isMeant, keyOf } from "./address";
import { EntryRow, rowHeight, type RowLayout } from "./EntryRow";
import { EntryTile, tileHeight, tilesAcross } from "./EntryTile";
import { takeListFocus } from "./list-focus";
import { ListHeader } from "./ListHeader";
import type { Head, OpenList } from "./lists";
import type { ListState } from "./paged-list";
import { extend, only, type Selection, toggle } from "./selection";
import { useListKeys } from "./use-list-keys";

interface EntryListProps {
  label: string;
  list: OpenList;
  state: ListState<Entry, Head>;
  /** Row of every loaded entry, by key. */
  indexes: ReadonlyMap<string, number>;
  selection: Selection;
  select: (next: Selection) => void;
  /** An entry to bring into view and select, wherever in the list it is; `wish` tells repeated ones apart. */
  reveal: { key: string; wish: string } | undefined;
  open: (entry: Entry) => void;
  up: () => void;
  inspect: () => void;
  menu: MenuItem[];
  /** As pictures side by side. */
  tiles: boolean;
  /** Everything here is looked into anyway. */
  deep: boolean;
}

const headHeight = 33;
const ahead = 400; // rows fetched beyond the screen

/** Where each folder was scrolled to, so that going back leads to the same place. */
const scrolled = new Map<string, number>();

export function EntryList(props: EntryListProps) {
  const { list, state, indexes, selection, select } = props;
  const grid = useRef<HTMLDivElement>(null);
  const { layout, across } = useLayout(grid, props.tiles);
  const height = props.tiles ? tileHeight : rowHeight[layout];
  const [aim, setAim] = useState<{ list: string; index: number }>();
  const cursor = indexes.get(selection.cursor) ?? -1;

  // eslint-disable-next-line react-hooks/incompatible-library -- the compiler is not in use
  const rows = useVirtualizer({
    count: Math.ceil(state.total / across),
    getScrollElement: () => grid.current,
    estimateSize: () => height,
    overscan: props.tiles ? 2 : 16,
    scrollMargin: headHeight,
    scrollPaddingStart: headHeight,
    scrollPaddingEnd: 4,
  });
  useEffect(() => rows.measure(), [height, across, rows]);
  const show = (index: number, align: "auto" | "center" = "auto") => rows.scrollToIndex(Math.floor(index / across), { align });

  const revealing = useReveal(props, (index) => show(index, "center"));
  const shown = rows.getVirtualItems();
  const aimed = aim?.list === list.key ? aim.index + 1 : 0;
  const end = Math.max(((shown.at(-1)?.index ?? 0) + 1) * across + ahead, aimed, revealing ? state.items.length + 1 : 0);
  useEffect(() => list.pages.need(end), [list, end]);

  const before = useRef(props.tiles);
  useEffect(() => {
    if (before.current === props.tiles) return;
    before.current = props.tiles;
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
  useScrollMemory(grid, `${list.key}${props.tiles ? " tiles" : ""}`, props.reveal === undefined);

  const onKeyDown = useListKeys(list, {
    items: state.items,
    total: state.total,
    cursor,
    across,
    selection,
    pageRows: () => Math.max(Math.floor(((grid.current?.clientHeight ?? 300) - headHeight) / height - (props.tiles ? 0 : 1)), 1),
    select: selectAndShow,
    aim: (index) => {
      setAim({ list: list.key, index });
      show(index);
    },
    open: props.open,
    up: props.up,
    inspect: props.inspect,
  });

  const rowAt = (event: MouseEvent): Entry | undefined => {
    const row = event.target instanceof Element ? event.target.closest("[data-index]") : null;
    return row === null ? undefined : state.items[Number(row.getAttribute("data-index"))];
  };
  const onClick = (event: MouseEvent) => {
    const entry = rowAt(event);
    if (!entry) return;
    setAim(undefined);
    const touch = "pointerType" in event.nativeEvent && event.nativeEvent.pointerType === "touch";
    if (event.shiftKey) select(extend(selection, keyOf(entry), state.items.map(keyOf)));
    else if (event.ctrlKey || event.metaKey) select(toggle(selection, keyOf(entry)));
    else select(only(keyOf(entry)));
    if (touch) props.open(entry);
  };

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
        aria-activedescendant={cursor >= 0 && shown.some((row) => row.index === Math.floor(cursor / across)) ? rowId(cursor) : undefined}
        data-entry-list
        className="group/list relative min-h-0 flex-1 overflow-y-auto overscroll-contain outline-none select-none"
        onKeyDown={onKeyDown}
        onClick={onClick}
        onDoubleClick={(event) => {
          const entry = rowAt(event);
          if (entry) props.open(entry);
        }}
        onContextMenu={(event) => {
          const entry = rowAt(event);
          if (entry && !selection.keys.has(keyOf(entry))) select(only(keyOf(entry)));
        }}
      >
        <div className="sticky top-0 z-10 bg-surface">
          <ListHeader layout={props.tiles ? "compact" : layout} />
        </div>
        <div role="rowgroup" className="relative" style={{ height: rows.getTotalSize() + 4 }}>
          {shown.map((row) => {
            const top = row.start - headHeight + 3;
            const look = (index: number) => {
              const entry = state.items[index];
              const key = entry === undefined ? "" : keyOf(entry);
              return { id: rowId(index), index, entry, selected: key !== "" && selection.keys.has(key), cursor: key !== "" && key === selection.cursor };
            };
            if (!props.tiles) return <EntryRow key={row.index} top={top} layout={layout} {...look(row.index)} />;
            const first = row.index * across;
            return (
              <div
                key={row.index}
                role="row"
                aria-rowindex={row.index + 2}
                className="absolute inset-x-1.5 top-0 grid"
                style={{ transform: `translateY(${top}px)`, height: tileHeight, gridTemplateColumns: `repeat(${across}, minmax(0, 1fr))` }}
              >
                {Array.from({ length: Math.min(across, state.total - first) }, (_, i) => (
                  <EntryTile key={first + i} deep={props.deep} {...look(first + i)} />
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

/** Which layout fits the width of the list (not of the window: panels take their share), and how many tiles do. */
function useLayout(ref: React.RefObject<HTMLElement | null>, tiles: boolean): { layout: RowLayout; across: number } {
  const [layout, setLayout] = useState<RowLayout>("wide");
  const [across, setAcross] = useState(4);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      const width = element.clientWidth;
      setLayout(width >= 680 ? "wide" : width >= 480 ? "medium" : "compact");
      setAcross(tilesAcross(width));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [ref]);
  return { layout, across: tiles ? across : 1 };
}

/** Selects and shows the entry that the address names, once for every wish. Tells whether it is still looked for. */
function useReveal({ list, state, reveal, select }: EntryListProps, show: (index: number) => void): boolean {
  const granted = useRef("");
  const key = reveal?.key;
  const index = useMemo(() => (key === undefined ? -1 : state.items.findIndex((entry) => isMeant(entry, key))), [state.items, key]);
  useEffect(() => {
    const wish = `${list.key} ${reveal?.wish ?? ""}`;
    if (key === undefined || granted.current === wish || (index < 0 && !state.complete)) return;
    granted.current = wish;
    const entry = state.items[index];
    if (entry === undefined) return;
    select(only(keyOf(entry)));
    show(index);
  });
  return key !== undefined && index < 0 && !state.complete;
}

function useScrollMemory(ref: React.RefObject<HTMLElement | null>, key: string, restore: boolean): void {
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    if (restore) element.scrollTop = scrolled.get(key) ?? 0;
    const remember = () => {
      scrolled.delete(key);
      scrolled.set(key, element.scrollTop);
      const oldest = scrolled.keys().next().value;
      if (scrolled.size > 100 && oldest !== undefined) scrolled.delete(oldest);
    };
    element.addEventListener("scroll", remember, { passive: true });
    return () => element.removeEventListener("scroll", remember);
  }, [ref, key, restore]);
}
