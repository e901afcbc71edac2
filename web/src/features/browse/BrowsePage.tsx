import { useQuery } from "@tanstack/react-query";
import { useLocation, useRouter, useSearch } from "@tanstack/react-router";
import { FolderOpen } from "lucide-react";
import { useMemo, useState } from "react";
import { type BrowseSearch, useGo } from "@/app/go";
import { entryQuery, locationsQuery } from "@/api/queries";
import { useCommands } from "@/features/shell/commands";
import { TopBar } from "@/features/shell/TopBar";
import { useDetails, WithDetails } from "@/features/inspect/WithDetails";
import { HeldBanner } from "@/features/locations/HeldBanner";
import { QuickView } from "@/features/preview/QuickView";
import type { Entry, EntryInfo, Location } from "@/api/types";
import { EmptyNote, ErrorNote, Waiting } from "@/ui/Note";
import { plainName } from "@/ui/names";
import { usePreferences } from "@/ui/preferences";
import { addressOf, crumbs, keyOf, parentOf, pathCrumbs, shownPath } from "./address";
import { EntryList } from "./EntryList";
import { useEntryMenu } from "./entry-menu";
import { useList } from "./lists";
import { PathBar } from "./PathBar";
import { only } from "./selection";
import { StatusBar } from "./StatusBar";
import { useSelection } from "./use-selection";

/** One folder: its path, its entries, and the facts of what is selected. */
export function BrowsePage() {
  const search: BrowseSearch = useSearch({ strict: false });
  const { sort, descending, showHidden, tiles } = usePreferences();
  const wanted = useMemo(() => ({ id: search.id, path: search.path }), [search.id, search.path]);
  const view = useMemo(() => ({ sort, descending, hidden: showHidden }), [sort, descending, showHidden]);
  const { list, state, reordering } = useList(wanted, view);
  const { selection, select, selected, indexes } = useSelection(list.address, state.items);
  const folder = useParents(state.head?.folder);
  const { data: locations = [] } = useQuery(locationsQuery);
  const go = useGo();
  const router = useRouter();
  const wish = useLocation().state.__TSR_key ?? ""; // another for every step, even to the same place
  const details = useDetails();
  const [viewed, setViewed] = useState<Entry>();
  const [editing, setEditing] = useState(false);

  // A folder that cannot be opened still has a path to lead out of it.
  const parent = folder ? parentOf(folder) : pathCrumbs(wanted.path ?? "").at(-2)?.address;
  const up = () => {
    if (parent) go(parent, folder?.path);
  };
  const open = (entry: Entry) => {
    if (entry.kind === "folder") go(addressOf(entry));
    else setViewed(entry);
  };
  const reload = () => list.pages.reload();

  useCommands({
    inspect: details.toggle,
    editPath: () => setEditing(true),
    up,
    reload,
  });
  const menu = useEntryMenu({ selected, folder, open, showDetails: () => details.show(true), reload });

  const step = (by: 1 | -1) => {
    const at = viewed === undefined ? -1 : (indexes.get(keyOf(viewed)) ?? -1);
    if (at < 0) return undefined;
    for (let i = at + by; i >= 0 && i < state.items.length; i += by) {
      const entry = state.items[i];
      if (entry && entry.kind !== "folder") {
        return () => {
          setViewed(entry);
          select(only(keyOf(entry)));
        };
      }
    }
    return undefined;
  };

  const inspected = selected.length > 0 ? selected : folder ? [folder] : [];
  return (
    <>
      <TopBar
        back={() => router.history.back()}
        forward={() => router.history.forward()}
        up={parent && up}
        details={details.shown}
        onDetails={details.toggle}
      >
        <PathBar
          crumbs={folder ? crumbs(folder) : pathCrumbs(wanted.path ?? "")}
          path={folder ? shownPath(folder) : (wanted.path ?? "")}
          editing={editing}
          setEditing={setEditing}
        />
      </TopBar>
      <WithDetails details={details} entries={inspected} open={open}>
        <HeldBanner folder={folder} />
        <FolderContent
          failed={state.head === undefined ? state.error : undefined}
          waiting={state.head === undefined}
          empty={state.complete && state.total === 0}
          hiddenShown={showHidden}
          retry={reload}
        >
          <EntryList
            label={folder ? plainName(folder.name, folder.raw) : "Folder"}
            list={list}
            state={state}
            indexes={indexes}
            selection={selection}
            select={select}
            reveal={search.select === undefined ? undefined : { key: search.select, wish }}
            open={open}
            up={up}
            inspect={details.toggle}
            menu={menu}
            tiles={tiles}
            deep={folder !== undefined && isDeep(folder, locations)}
          />
        </FolderContent>
        <StatusBar state={state} reordering={reordering} selected={selected} reload={reload} />
      </WithDetails>
      {viewed && <QuickView entry={viewed} step={step} onClose={() => setViewed(undefined)} />}
    </>
  );
}

/** Whether a folder stands in a location whose files are looked into. */
function isDeep(folder: Entry, locations: readonly Location[]): boolean {
  return locations.some(({ mode, path }) => mode === "deep" && (folder.path === path || folder.path.startsWith(`${path}/`)));
}

/** The folder with the way up to it, which the list does not always tell. */
function useParents(folder: EntryInfo | undefined): EntryInfo | undefined {
  const lacking = folder !== undefined && folder.id !== "" && folder.parents === undefined;
  const info = useQuery({ ...entryQuery(folder === undefined ? {} : addressOf(folder)), enabled: lacking });
  return lacking && info.data !== undefined ? { ...folder, parents: info.data.parents } : folder;
}

interface FolderContentProps {
  failed: unknown;
  waiting: boolean;
  empty: boolean;
  hiddenShown: boolean;
  retry: () => void;
  children: React.ReactNode;
}

function FolderContent({ failed, waiting, empty, hiddenShown, retry, children }: FolderContentProps) {
  if (failed !== undefined) return <ErrorNote error={failed} retry={retry} className="flex-1" />;
  if (waiting) return <Waiting className="flex-1">Opening the folder…</Waiting>;
  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      {children}
      {empty && (
        <EmptyNote icon={FolderOpen} title="This folder is empty" className="pointer-events-none absolute inset-0">
          {hiddenShown ? undefined : "Hidden files are not shown."}
        </EmptyNote>
      )}
    </div>
  );
}
