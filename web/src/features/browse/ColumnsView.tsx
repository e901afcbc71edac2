import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef } from "react";
import { useGo } from "@/app/go";
import { EntryIcon } from "@/features/kinds/EntryIcon";
import { cx } from "@/ui/cx";
import { useNarrow } from "@/ui/media";
import { Name } from "@/ui/Name";
import { plainName } from "@/ui/names";
import { usePreferences } from "@/ui/preferences";
import { type Address, addressOf, isMeant, keyOf } from "./address";
import { useList } from "./use-list";
import { RowPlan } from "./row-plan";
import type { OpenFolder } from "./use-folder";
import { useRowWindow } from "./use-row-window";

/** The open folder between the ones above it and the one that is selected in it. */
export function ColumnsView({ open, list }: { open: OpenFolder; list: ReactNode }) {
  const narrow = useNarrow();
  const go = useGo();
  const strip = useRef<HTMLDivElement>(null);
  const { way, selected, selection, indexes, state, folder } = open;
  const above = narrow ? [] : way.slice(-3, -1);
  const current = state.items[indexes.get(selection.cursor) ?? -1];
  const child = selected.length === 1 && current?.kind === "folder" ? current : undefined;
  useEffect(() => {
    const element = strip.current;
    if (element) element.scrollLeft = element.scrollWidth;
  }, [folder?.id, folder?.path, child]);
  // Left and right lead up and down; the list itself leaves these keys.
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || !(event.target instanceof Element && event.target.matches("[data-entry-list]"))) return;
    if (event.key === "ArrowLeft" && open.parent) go(open.parent, folder?.path, "columns");
    else if (event.key === "ArrowRight" && child) go(addressOf(child), undefined, "columns");
    else return;
    event.preventDefault();
  };
  return (
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- keys that its list lets pass
    <div ref={strip} onKeyDown={onKeyDown} className="flex min-h-0 flex-1 divide-x divide-line overflow-x-auto">
      {above.map((crumb, i) => (
        <Beside key={crumb.path} address={crumb.address} label={plainName(crumb.name)} chosen={(i === above.length - 1 ? folder?.path : above[i + 1]?.path) ?? ""} />
      ))}
      <div className="flex min-w-64 flex-1 flex-col">{list}</div>
      {child && !narrow && <Beside key={keyOf(child)} address={addressOf(child)} label={plainName(child.name, child.raw)} chosen="" />}
    </div>
  );
}

const height = 28;

/** A folder beside the open one. A click goes to what it holds. */
function Beside({ address, label, chosen }: { address: Address; label: string; chosen: string }) {
  const { showHidden } = usePreferences();
  const go = useGo();
  const box = useRef<HTMLDivElement>(null);
  const { list, state } = useList(address, { sort: "name", descending: false, hidden: showHidden });
  const plan = useMemo(() => new RowPlan({ total: state.total, groups: [], across: 1, rowHeight: height, headHeight: 0 }), [state.total]);
  const rows = useRowWindow(box, plan, 0, 8);
  const last = rows.drawn.at(-1);
  const end = last !== undefined && "first" in last ? last.first + 200 : 200;
  useEffect(() => list.pages.need(end), [list, end]);
  const at = useMemo(() => state.items.findIndex((entry) => isMeant(entry, chosen)), [state.items, chosen]);
  const shown = useRef("");
  useEffect(() => {
    if (at < 0 || shown.current === chosen) return;
    shown.current = chosen;
    rows.show(at, "center");
  });
  return (
    <div ref={box} role="group" aria-label={label} className="w-56 shrink-0 overflow-y-auto">
      <div className="relative" style={{ height: rows.height + 8 }}>
        {rows.drawn.map((row) => {
          const entry = "first" in row ? state.items[row.first] : undefined;
          if (entry === undefined || !("first" in row)) return null;
          const here = row.first === at;
          return (
            <button
              key={keyOf(entry)}
              type="button"
              tabIndex={here || (at < 0 && row.first === 0) ? 0 : -1}
              aria-current={here ? "true" : undefined}
              onClick={() => (entry.kind === "folder" ? go(addressOf(entry), undefined, "columns") : go(address, keyOf(entry), "columns"))}
              style={{ transform: `translateY(${row.top + rows.shift + 4}px)`, height }}
              className={cx("ring-inside absolute inset-x-1 top-0 flex items-center gap-2 rounded px-2 text-left", here ? "bg-accent-soft" : "hover:bg-hover")}
            >
              <EntryIcon entry={entry} className="size-4" />
              <Name name={entry.name} raw={entry.raw} className="truncate" />
            </button>
          );
        })}
      </div>
    </div>
  );
}
