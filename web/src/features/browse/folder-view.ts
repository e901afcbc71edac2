// How a folder is looked at. Every folder keeps its own way; the others follow
// the standard one. Kept in this browser: nothing here is needed to understand a library.
import { useMemo } from "react";
import type { EntrySort } from "@/api/types";
import { createStore, useStore } from "@/ui/store";
import type { Address } from "./address";

export type ViewMode = "list" | "grid" | "columns" | "timeline" | "sizes";
export type Grouping = "none" | "kind" | "modified" | "size";
export type Column = "size" | "modified" | "kind" | "tags" | "rating" | "created" | "extension" | "mode";

export interface FolderView {
  mode: ViewMode;
  sort: EntrySort;
  descending: boolean;
  group: Grouping;
  /** Width of a picture, in pixels. */
  tile: number;
  /** What stands beside the names, in this order. */
  columns: readonly Column[];
  widths: Readonly<Partial<Record<Column, number>>>;
}

export const modes: readonly ViewMode[] = ["list", "grid", "columns", "timeline", "sizes"];
export const tileSizes = { least: 96, most: 288, step: 32 };

export const standardView: FolderView = {
  mode: "list", sort: "name", descending: false, group: "none", tile: 128, columns: ["size", "modified", "kind"], widths: {},
};

/** What was chosen: for all folders, and for single ones by their key. */
export interface Views {
  all: Partial<FolderView>;
  folders: readonly (readonly [string, Partial<FolderView>])[];
}

const most = 300;

export const isMode = (text: string | undefined): text is ViewMode => modes.some((mode) => mode === text);

/** The name under which a folder's view is kept. */
export function viewKey(address: Address): string {
  return address.id ?? address.path ?? "";
}

export function viewOf(views: Views, key: string): FolderView {
  const own = views.folders.find(([folder]) => folder === key)?.[1];
  return { ...standardView, ...views.all, ...own };
}

/**
 * The views after a change to one folder's. A group needs its order, and another
 * order ends the group. The folder stands in front: the oldest are forgotten.
 */
export function withView(views: Views, key: string, change: Partial<FolderView>): Views {
  const before = views.folders.find(([folder]) => folder === key)?.[1] ?? {};
  const whole: Partial<FolderView> = { ...before, ...change };
  if (change.group !== undefined && change.group !== "none") {
    whole.sort = change.group;
    whole.descending = change.group !== "kind";
  } else if (change.sort !== undefined && change.sort !== viewOf(views, key).group) {
    whole.group = "none";
  }
  return { ...views, folders: [[key, whole] as const, ...views.folders.filter(([folder]) => folder !== key)].slice(0, most) };
}

const storageKey = "stardrive.views";

function stored(): Views {
  try {
    const value = JSON.parse(localStorage.getItem(storageKey) ?? "{}") as Partial<Views> | null;
    return { all: value?.all ?? {}, folders: Array.isArray(value?.folders) ? value.folders : [] };
  } catch {
    return { all: {}, folders: [] };
  }
}

const store = createStore<Views>(stored());

function keep(next: Views): void {
  store.set(next);
  try {
    localStorage.setItem(storageKey, JSON.stringify(next));
  } catch {
    // a private window: the choice lasts until the tab is closed
  }
}

export type ChangeView = (change: Partial<FolderView>) => void;

/** The view of a folder, and what changes it. */
export function useFolderView(address: Address): { view: FolderView; change: ChangeView; everywhere: () => void } {
  const views = useStore(store);
  const key = viewKey(address);
  const view = useMemo(() => viewOf(views, key), [views, key]);
  return {
    view,
    change: (change) => keep(withView(store.get(), key, change)),
    everywhere: () => keep({ all: view, folders: [] }),
  };
}
