import { useVirtualizer } from "@tanstack/react-virtual";
import { type HTMLAttributes, type KeyboardEvent, type MouseEvent, type ReactNode, useEffect, useId, useLayoutEffect, useMemo, useRef } from "react";
import { takeListFocus } from "@/features/browse/list-focus";
import { extend, only, type Selection, toggle } from "@/features/browse/selection";
import { cx } from "@/ui/cx";
import { ContextMenu, type MenuItem } from "@/ui/Menu";
import { nearest, nextGroup, stepFrom } from "./row-moves";

/** A row of a list with headings. Heights are known beforehand, so nothing jumps. */
export interface Row {
  key: string;
  height: number;
  /** It names what follows; the cursor passes over it. */
  heading?: boolean;
}

interface RowListProps<R extends Row> {
  label: string;
  rows: readonly R[];
  /** Which rows are selected, by key. */
  selection: Selection;
  select: (next: Selection) => void;
  children: (row: R, active: boolean) => ReactNode;
  /** Enter or a double click; `beside` with Ctrl. */
  open: (row: R, beside: boolean) => void;
  inspect: () => void;
  /** Keys of the list's own; true when one was taken. */
  onKey?: (event: KeyboardEvent, row: R | undefined) => boolean;
  menu: MenuItem[];
  /** What dragging does here. */
  drag?: HTMLAttributes<HTMLDivElement>;
  /** Told how many rows are looked at. */
  seen?: (end: number) => void;
}

/** A long list in groups: virtual, moved through by keyboard across its headings. */
export function RowList<R extends Row>(props: RowListProps<R>) {
  const { rows, selection, select, open } = props;
  const grid = useRef<HTMLDivElement>(null);
  const own = useId(); // a dialog over a list may have one, too
  const rowId = (index: number) => `${own}-${index}`;
  const at = useCursor(rows, selection, select);
  const keyAt = useMemo(() => (index: number) => rows[index]?.key ?? index, [rows]); // another for other rows: they are measured anew
  // eslint-disable-next-line react-hooks/incompatible-library -- the compiler is not in use
  const drawn = useVirtualizer({
    count: rows.length,
    getScrollElement: () => grid.current,
    estimateSize: (index) => rows[index]?.height ?? 0,
    getItemKey: keyAt,
    overscan: 10,
    paddingEnd: 8,
    scrollPaddingStart: 40,
    scrollPaddingEnd: 8,
  });
  useEffect(() => drawn.measure(), [rows, drawn]);
  const shown = drawn.getVirtualItems();
  const end = (shown.at(-1)?.index ?? 0) + 1;
  const { seen } = props;
  useEffect(() => seen?.(end), [seen, end]);
  useEffect(() => takeListFocus(grid.current), []);

  const moveTo = (index: number, ranging: boolean) => {
    const row = rows[index];
    if (row === undefined) return;
    select(ranging ? extend(selection, row.key, keysOf(rows)) : only(row.key));
    drawn.scrollToIndex(index === firstOf(rows) ? 0 : index);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return; // buttons in rows have keys of their own
    const row = rows[at];
    const page = Math.max(Math.floor((grid.current?.clientHeight ?? 300) / 60), 1);
    const modified = event.ctrlKey || event.metaKey;
    const moves: Record<string, () => number> = {
      ArrowDown: () => (modified ? nextGroup(rows, at, 1) : stepFrom(rows, at, 1)),
      ArrowUp: () => (modified ? nextGroup(rows, at, -1) : stepFrom(rows, at, -1)),
      PageDown: () => stepFrom(rows, at, page),
      PageUp: () => stepFrom(rows, at, -page),
      Home: () => stepFrom(rows, -1, 1),
      End: () => stepFrom(rows, rows.length, -1),
    };
    const move = event.altKey ? undefined : moves[event.key];
    if (props.onKey?.(event, row) === true) {
      // taken
    } else if (move) {
      moveTo(move(), event.shiftKey);
    } else if (event.key === " " && modified) {
      if (row) select(toggle(selection, row.key));
    } else if (event.key === "Escape") {
      if (selection.keys.size === 0) return;
      select({ ...selection, keys: new Set() });
    } else if (event.key === "Enter" && row) {
      open(row, modified);
    } else if (event.key === " ") {
      props.inspect();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  const rowOf = (event: MouseEvent): R | undefined => {
    const element = event.target instanceof Element ? event.target.closest("[data-index]") : null;
    const row = element === null ? undefined : rows[Number(element.getAttribute("data-index"))];
    return row?.heading === true ? undefined : row;
  };
  const click = (event: MouseEvent) => {
    const row = rowOf(event);
    if (row === undefined || (event.target instanceof Element && event.target.closest("button, a, input, select, label"))) return;
    if (event.shiftKey) select(extend(selection, row.key, keysOf(rows)));
    else if (event.ctrlKey || event.metaKey) select(toggle(selection, row.key));
    else select(only(row.key));
    const touch = "pointerType" in event.nativeEvent && event.nativeEvent.pointerType === "touch";
    if (touch && event.type === "click") open(row, false);
  };

  return (
    <ContextMenu items={props.menu}>
      <div
        ref={grid}
        role="grid"
        tabIndex={0}
        aria-label={props.label}
        aria-rowcount={rows.length}
        aria-multiselectable
        aria-activedescendant={at >= 0 && shown.some((row) => row.index === at) ? rowId(at) : undefined}
        data-entry-list
        className="group/list relative min-h-0 flex-1 overflow-y-auto overscroll-contain outline-none select-none"
        onKeyDown={onKeyDown}
        onClick={click}
        onMouseDown={(event) => {
          const row = event.button === 2 ? rowOf(event) : undefined; // before the menu is asked what it offers
          if (row && !selection.keys.has(row.key)) select(only(row.key));
        }}
        {...props.drag}
        onDoubleClick={(event) => {
          const row = rowOf(event);
          if (row) open(row, event.ctrlKey || event.metaKey);
        }}
      >
        <div role="rowgroup" className="relative" style={{ height: drawn.getTotalSize() }}>
          {shown.map(({ index, start, size }) => {
            const row = rows[index];
            if (row === undefined) return null;
            const active = selection.keys.has(row.key);
            return (
              <div
                key={row.key}
                id={rowId(index)}
                role="row"
                data-index={index}
                aria-rowindex={index + 1}
                aria-selected={row.heading === true ? undefined : active}
                style={{ transform: `translateY(${start}px)`, height: size }}
                className={cx(
                  "absolute inset-x-1.5 top-0 rounded-md",
                  row.heading !== true && (active ? "bg-accent-faint group-focus-visible/list:bg-accent-soft group-focus/list:bg-accent-soft" : "hover:bg-hover"),
                  index === at && "group-focus-visible/list:ring-2 group-focus-visible/list:ring-accent group-focus-visible/list:ring-inset",
                  "data-drop:bg-accent-soft data-drop:ring-2 data-drop:ring-accent data-drop:ring-inset",
                )}
              >
                <div role="gridcell" className="h-full">
                  {props.children(row, active)}
                </div>
              </div>
            );
          })}
        </div>
      </div>
    </ContextMenu>
  );
}

const firstOf = (rows: readonly Row[]) => rows.findIndex((row) => row.heading !== true);

/** The rows that can be selected, in their order. */
const keysOf = (rows: readonly Row[]): string[] => rows.flatMap(({ key, heading }) => (heading === true ? [] : [key]));

/** Where the cursor is. When its row has gone, it stays at the place where that was; what is selected and gone is not selected any more. */
function useCursor(rows: readonly Row[], selection: Selection, select: (next: Selection) => void): number {
  const last = useRef(0);
  const { cursor } = selection;
  const at = useMemo(() => rows.findIndex((row) => row.key === cursor), [rows, cursor]);
  useLayoutEffect(() => {
    if (at >= 0) last.current = at;
    else if (cursor !== "" && rows.length > 0) select(only(rows[nearest(rows, last.current)]?.key ?? ""));
  }, [at, cursor, rows, select]);
  return at;
}
