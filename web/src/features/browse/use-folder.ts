import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { entryQuery, locationsQuery } from "@/api/queries";
import type { Entry, EntryInfo, Location } from "@/api/types";
import { usePreferences } from "@/ui/preferences";
import { type Address, addressOf, crumbs, parentOf, pathCrumbs } from "./address";
import { isMode, useFolderView } from "./folder-view";
import { useList } from "./use-list";
import { useSelection } from "./use-selection";

const none: readonly Entry[] = [];

/** Everything about one open folder: its list, how it is looked at, what is selected, and the way up. */
export function useFolder(address: Address, wantedMode: string | undefined) {
  const { id, path } = address;
  const wanted = useMemo(() => ({ id, path }), [id, path]);
  const { showHidden } = usePreferences();
  const kept = useFolderView(wanted);
  const view = useMemo(() => (isMode(wantedMode) ? { ...kept.view, mode: wantedMode } : kept.view), [kept.view, wantedMode]);
  const order = useMemo(() => ({ sort: view.sort, descending: view.descending, hidden: showHidden }), [view.sort, view.descending, showHidden]);
  const { list, state, reordering } = useList(wanted, order);
  const selection = useSelection(list.address, state.items);
  // The photos of the timeline stand in folders below, and not in the list: those that are chosen are kept by themselves.
  const [photos, setPhotos] = useState<{ of: Address; entries: readonly Entry[] }>();
  const chosen = photos?.of === list.address ? photos.entries : none;
  const choose = useCallback((entries: readonly Entry[]) => setPhotos({ of: list.address, entries }), [list.address]);
  const folder = useParents(state.head?.folder);
  const { data: locations = [] } = useQuery(locationsQuery);
  const way = folder ? crumbs(folder) : pathCrumbs(wanted.path ?? "");
  return {
    wanted,
    view,
    change: kept.change,
    everywhere: kept.everywhere,
    list,
    state,
    reordering,
    ...selection,
    selected: view.mode === "timeline" ? chosen : selection.selected,
    choose,
    folder,
    way,
    // A folder that cannot be opened still has a path to lead out of it.
    parent: folder ? parentOf(folder) : way.at(-2)?.address,
    deep: folder !== undefined && isDeep(folder, locations),
    reload: () => list.pages.reload(),
  };
}

export type OpenFolder = ReturnType<typeof useFolder>;

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
