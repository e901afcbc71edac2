import { CalendarDays, ChartNoAxesGantt, Columns3, LayoutGrid, List, type LucideIcon, SlidersHorizontal } from "lucide-react";
import { useEffect, useRef } from "react";
import type { EntrySort } from "@/api/types";
import { useKeyWords } from "@/features/shell/keymap";
import { Button, IconButton } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { setPreferences, usePreferences } from "@/ui/preferences";
import { createStore, useStore } from "@/ui/store";
import { say } from "@/ui/Toasts";
import { allColumns, columnSpecs } from "./columns";
import { type ChangeView, type FolderView, type Grouping, tileSizes, type ViewMode } from "./folder-view";
import { sortNames } from "./ListHeader";

export const modeWords: Readonly<Record<ViewMode, { icon: LucideIcon; label: string; keys: string }>> = {
  list: { icon: List, label: "As a list", keys: "Alt 1" },
  grid: { icon: LayoutGrid, label: "As pictures", keys: "Alt 2" },
  columns: { icon: Columns3, label: "As columns", keys: "Alt 3" },
  timeline: { icon: CalendarDays, label: "By date taken", keys: "Alt 4" },
  sizes: { icon: ChartNoAxesGantt, label: "What takes the space", keys: "Alt 5" },
};

const groupings: Readonly<Record<Grouping, string>> = { none: "Nothing", kind: "Kind", modified: "Date", size: "Size" };

export const viewOptionsOpen = createStore(false);

interface ViewProps {
  view: FolderView;
  change: ChangeView;
  setMode: (mode: ViewMode) => void;
  everywhere: () => void;
}

/** The ways to look at a folder, and what can be chosen about each. */
export function ViewSwitch(props: ViewProps) {
  const open = useStore(viewOptionsOpen);
  const keys = useKeyWords("viewOptions");
  const button = useRef<HTMLButtonElement>(null);
  return (
    <div className="relative flex shrink-0 items-center gap-1">
      <div role="group" aria-label="View" className="flex max-sm:hidden">
        {Object.entries(modeWords).map(([mode, { icon, label, keys }]) => (
          <IconButton key={mode} icon={icon} small label={label} keys={keys} aria-pressed={props.view.mode === mode} onClick={() => props.setMode(mode as ViewMode)} />
        ))}
      </div>
      <IconButton
        ref={button}
        icon={SlidersHorizontal}
        small
        label="Options of the view"
        {...(keys === undefined ? {} : { keys })}
        aria-expanded={open}
        aria-controls="view-options"
        onClick={() => viewOptionsOpen.set(!open)}
      />
      {open && (
        <ViewPanel
          {...props}
          close={() => {
            viewOptionsOpen.set(false);
            button.current?.focus();
          }}
        />
      )}
    </div>
  );
}

function ViewPanel({ view, change, setMode, everywhere, close }: ViewProps & { close: () => void }) {
  const { showHidden } = usePreferences();
  const panel = useRef<HTMLElement>(null);
  useEffect(() => panel.current?.focus(), []);
  const lists = view.mode === "list" || view.mode === "grid" || view.mode === "columns";
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Escape, from whatever is in it
    <section
      ref={panel}
      id="view-options"
      tabIndex={-1}
      aria-label="Options of the view"
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        close();
      }}
      onBlur={(event) => {
        if (event.relatedTarget instanceof Node && !event.currentTarget.parentElement?.contains(event.relatedTarget)) viewOptionsOpen.set(false);
      }}
      className="absolute right-0 bottom-full z-30 mb-2 flex max-h-[70dvh] w-72 flex-col gap-3 overflow-y-auto rounded-xl border border-line bg-raised p-4 text-sm text-ink shadow-pop outline-none animate-appear"
    >
      <fieldset className="flex flex-col gap-0.5">
        <legend className="mb-1 text-xs font-semibold text-soft">View</legend>
        {Object.entries(modeWords).map(([mode, { icon: Icon, label }]) => (
          <label key={mode} className={cx("flex items-center gap-2 rounded px-1.5 py-1 pointer-coarse:py-2", view.mode === mode ? "bg-accent-soft" : "hover:bg-hover")}>
            <input type="radio" name="mode" checked={view.mode === mode} onChange={() => setMode(mode as ViewMode)} className="accent-accent" />
            <Icon aria-hidden className="size-4 text-soft" strokeWidth={1.75} />
            {label}
          </label>
        ))}
      </fieldset>
      {lists && (
        <>
          <div className="flex gap-3">
            <Choice label="Sort by" value={view.sort} all={sortNames} onChoose={(sort: EntrySort) => change({ sort })} />
            <Choice label="Group by" value={view.group} all={groupings} onChoose={(group: Grouping) => change({ group })} />
          </div>
          <Tick label="The other way round" checked={view.descending} set={(descending) => change({ descending })} />
        </>
      )}
      {view.mode === "grid" && (
        <label className="flex flex-col gap-1">
          <span className="text-xs font-semibold text-soft">Size of the pictures</span>
          <input type="range" min={tileSizes.least} max={tileSizes.most} step={tileSizes.step} value={view.tile} onChange={(event) => change({ tile: Number(event.target.value) })} className="accent-accent" />
        </label>
      )}
      {view.mode === "list" && (
        <fieldset className="grid grid-cols-2 gap-x-2">
          <legend className="mb-1 text-xs font-semibold text-soft">Columns</legend>
          {allColumns.map((column) => (
            <Tick
              key={column}
              label={columnSpecs[column].label}
              checked={view.columns.includes(column)}
              set={(on) => change({ columns: on ? allColumns.filter((one) => one === column || view.columns.includes(one)) : view.columns.filter((one) => one !== column) })}
            />
          ))}
        </fieldset>
      )}
      <Tick label="Hidden files" checked={showHidden} set={(on) => setPreferences({ showHidden: on })} />
      <Button
        onClick={() => {
          everywhere();
          say("All folders are looked at this way now.");
        }}
      >
        Look at all folders this way
      </Button>
    </section>
  );
}

function Choice<T extends string>({ label, value, all, onChoose }: { label: string; value: T; all: Readonly<Record<T, string>>; onChoose: (value: T) => void }) {
  return (
    <label className="flex min-w-0 flex-1 flex-col gap-1">
      <span className="text-xs font-semibold text-soft">{label}</span>
      <select value={value} onChange={(event) => onChoose(event.target.value as T)} className="h-8 rounded-md border border-line bg-surface px-1.5 pointer-coarse:h-10">
        {(Object.entries(all) as [T, string][]).map(([one, words]) => (
          <option key={one} value={one}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}

function Tick({ label, checked, set }: { label: string; checked: boolean; set: (on: boolean) => void }) {
  return (
    <label className="flex items-center gap-2 rounded px-1.5 py-1 hover:bg-hover pointer-coarse:py-2">
      <input type="checkbox" checked={checked} onChange={(event) => set(event.target.checked)} className="accent-accent" />
      {label}
    </label>
  );
}
