import { useRouter } from "@tanstack/react-router";
import { FolderOpen } from "lucide-react";
import type { ReactNode } from "react";
import { useGo } from "@/app/go";
import type { Entry } from "@/api/types";
import { listDrag } from "@/features/changes/drag";
import { NameField } from "@/features/changes/NameField";
import { shownNote } from "@/features/marks/commands";
import { useChanges } from "@/features/changes/use-changes";
import type { Details } from "@/features/inspect/WithDetails";
import { HeldBanner } from "@/features/locations/HeldBanner";
import { type Commands, useCommands } from "@/features/shell/commands";
import { SizesView } from "@/features/sizes/SizesView";
import { openTab } from "@/features/tabs/tabs";
import { tagDrops } from "@/features/tags/tag-drag";
import { TimelineView } from "@/features/timeline/TimelineView";
import { cx } from "@/ui/cx";
import { EmptyNote, ErrorNote, Waiting } from "@/ui/Note";
import { Name } from "@/ui/Name";
import { plainName } from "@/ui/names";
import { addressOf, keyOf } from "./address";
import { ColumnsView } from "./ColumnsView";
import { EntryList } from "./EntryList";
import { useEntryMenu } from "./entry-menu";
import { tileSizes, type ViewMode } from "./folder-view";
import { openEntryList } from "./list-focus";
import { all, invert, nothing } from "./selection";
import type { OpenFolder } from "./use-folder";
import { viewOptionsOpen } from "./ViewOptions";

interface PaneProps {
  open: OpenFolder;
  /** Keys and commands mean this one. */
  active: boolean;
  split: boolean;
  reveal: string | undefined;
  wish: string;
  activate: () => void;
  details: Details;
  /** Looks into a file. */
  look: (entry: Entry) => void;
  commands: Commands;
  setMode: (mode: ViewMode) => void;
  hiddenShown: boolean;
}

/** One open folder: its entries, in the way that was chosen. */
export function Pane({ open: here, active, split, reveal, wish, activate, details, look, commands, setMode, hiddenShown }: PaneProps) {
  const { view, change, list, state, selection, select, selected, indexes, folder, parent, reload } = here;
  const go = useGo();
  const router = useRouter();
  const order = () => state.items.map(keyOf);
  const sticky = view.mode === "columns" ? "columns" : undefined; // the folders beside are part of this view
  const up = () => {
    if (parent) go(parent, folder?.path, sticky);
  };
  const open = (entry: Entry, beside = false) => {
    if (entry.kind !== "folder") { look(entry); return; }
    if (!beside) { go(addressOf(entry), undefined, sticky); return; }
    openTab(router.buildLocation({ to: "/browse", search: addressOf(entry) }).href, plainName(entry.name, entry.raw), false);
  };
  const lookInto = () => {
    const [first] = selected;
    if (first) look(first);
  };
  const changes = useChanges(selected, folder, (path) => go(here.wanted, path, view.mode === "list" ? undefined : view.mode));
  const endNaming = (name: string | undefined) => {
    changes.named(name);
    openEntryList()?.focus({ preventScroll: true });
  };
  const resize = (by: number) => change({ tile: Math.min(Math.max(view.tile + by * tileSizes.step, tileSizes.least), tileSizes.most) });
  useCommands(
    active
      ? {
          inspect: details.toggle,
          reload,
          quickLook: selected.length > 0 ? lookInto : undefined,
          selectAll: () => select(all(selection, order())),
          invert: () => select(invert(selection, order())),
          selectNone: selected.length > 0 ? () => (view.mode === "timeline" ? here.choose([]) : select(nothing)) : undefined,
          viewList: () => setMode("list"),
          viewGrid: () => setMode("grid"),
          viewColumns: () => setMode("columns"),
          viewTimeline: () => setMode("timeline"),
          viewSizes: () => setMode("sizes"),
          toggleTiles: () => setMode(view.mode === "grid" ? "list" : "grid"),
          larger: view.mode === "grid" ? () => resize(1) : undefined,
          smaller: view.mode === "grid" ? () => resize(-1) : undefined,
          viewOptions: () => viewOptionsOpen.set(true),
          ...changes.commands,
          ...shownNote(changes.commands, details),
          ...commands,
        }
      : undefined,
  );
  const grabbed = (entry: Entry) => (selection.keys.has(keyOf(entry)) ? selected : [entry]);
  const named = selected[0];
  const menu = useEntryMenu({ selected, folder, open, showDetails: () => details.show(true), reload, changes });

  const entries = (mode: "list" | "grid" | "columns") => (
    <EntryList
      label={folder ? plainName(folder.name, folder.raw) : "Folder"}
      list={list}
      state={state}
      view={mode === "columns" ? { ...view, columns: [] } : view}
      change={change}
      indexes={indexes}
      selection={selection}
      select={select}
      reveal={reveal === undefined ? undefined : { key: reveal, wish }}
      open={open}
      up={up}
      look={lookInto}
      menu={menu}
      deep={here.deep}
      naming={named && changes.naming !== "" && changes.naming === keyOf(named) ? { key: changes.naming, field: <NameField entry={named} done={(name) => endNaming(name)} /> } : undefined}
      cut={changes.cut}
      drag={tagDrops(listDrag((index) => state.items[index], grabbed, folder), (index) => state.items[index], grabbed)}
    />
  );
  const ways: Record<ViewMode, () => ReactNode> = {
    list: () => entries("list"),
    grid: () => entries("grid"),
    columns: () => <ColumnsView open={here} list={entries("columns")} />,
    timeline: () => folder && <TimelineView folder={folder} look={look} chosen={selected} choose={here.choose} menu={menu} />,
    sizes: () => folder && <SizesView folder={folder} open={open} />,
  };
  const failed = state.head === undefined ? state.error : undefined;
  const empty = state.complete && state.total === 0 && view.mode !== "timeline" && view.mode !== "sizes";
  return (
    // Coming to a side makes it the one that is meant; everything in it has keys of its own.
    <section
      aria-label={split ? `${folder ? plainName(folder.name, folder.raw) : "Folder"}${active ? ", in use" : ""}` : undefined}
      data-active-pane={active ? "" : undefined}
      onFocusCapture={activate}
      onPointerDownCapture={activate}
      className="flex min-w-0 flex-1 flex-col"
    >
      {split && (
        <p className={cx("truncate border-b-2 px-4 py-1 text-xs", active ? "border-accent font-semibold" : "border-line text-soft")}>
          {folder ? <Name name={folder.name} raw={folder.raw} /> : "…"}
        </p>
      )}
      <HeldBanner folder={folder} />
      {failed !== undefined ? (
        <ErrorNote error={failed} retry={reload} className="flex-1" />
      ) : state.head === undefined ? (
        <Waiting className="flex-1">Opening the folder…</Waiting>
      ) : (
        <div className="relative flex min-h-0 flex-1 flex-col">
          {ways[view.mode]()}
          {empty && (
            <EmptyNote icon={FolderOpen} title="This folder is empty" className="pointer-events-none absolute inset-0">
              {hiddenShown ? undefined : "Hidden files are not shown."}
            </EmptyNote>
          )}
        </div>
      )}
    </section>
  );
}
