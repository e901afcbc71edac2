// Which sidebar is shown, and which of its groups are folded: kept in this browser.
import { useQuery } from "@tanstack/react-query";
import { queryClient, spaceQuery, spacesQuery } from "@/api/queries";
import type { Space, SpaceFill, SpaceGroup } from "@/api/types";
import { createStore, useStore } from "@/ui/store";
import { roundTo } from "./order";
import { words } from "./words";

const [spaceKey, foldedKey] = ["stardrive.space", "stardrive.folded"];

function kept(key: string): string {
  try {
    return localStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // a private window: it lasts until the tab is closed
  }
}

const chosen = createStore(kept(spaceKey));
const folded = createStore<ReadonlySet<string>>(new Set(kept(foldedKey).split(" ").filter((id) => id !== "")));

export function showSpace(space: Pick<Space, "id" | "default">): void {
  const id = space.default === true ? "" : space.id;
  chosen.set(id);
  keep(spaceKey, id);
}

export const useFolded = (): ReadonlySet<string> => useStore(folded);

export function foldGroup(id: string, shut: boolean): void {
  folded.set((before) => new Set(shut ? [...before, id] : [...before].filter((one) => one !== id)));
  keep(foldedKey, [...folded.get()].join(" "));
}

const standard: readonly SpaceGroup[] = (["locations", "saved", "tags", "collections", "favourites", "volumes"] satisfies SpaceFill[]).map((fill) => ({ id: "", name: words.standard[fill], fill, items: [] }));

/** What stands in the sidebar until the daemon has told, or where it cannot. */
export const standardSpace: Space = { id: "default", name: words.home, default: true, stored: false, groups: [...standard] };

/** All sidebars, and the one that is shown. */
export function useSpaces(): { spaces: readonly Space[]; space: Space } {
  const wanted = useStore(chosen);
  const { data: spaces = [] } = useQuery(spacesQuery);
  const there = wanted === "" || spaces.length === 0 || spaces.some(({ id }) => id === wanted);
  const { data } = useQuery(spaceQuery(there ? wanted : ""));
  return { spaces, space: data ?? standardSpace };
}

/** The name or id of the shown sidebar, as operations take it. */
export const shownSpace = (): string => {
  const wanted = chosen.get();
  const spaces = queryClient.getQueryData(spacesQuery.queryKey) ?? [];
  return wanted !== "" && spaces.some(({ id }) => id === wanted) ? wanted : standardSpace.id;
};

/** Shows the next sidebar, or the one before. */
export function stepSpace(by: 1 | -1): void {
  const next = roundTo(queryClient.getQueryData(spacesQuery.queryKey) ?? [], shownSpace(), by);
  if (next) showSpace(next);
}

/** A sidebar as an operation has just told it. */
export const putSpace = (space: Space): void => {
  if (space.groups !== undefined) queryClient.setQueryData(spaceQuery(space.default === true ? "" : space.id).queryKey, space);
};
