// Where things go in a sidebar: by one step of a key, or where they are dropped.
import type { SpaceGroup } from "@/api/types";

/** A place in a group, as the daemon counts: how many others are to stand before. */
export interface Place {
  group: string;
  at: number;
}

type Groups = readonly Pick<SpaceGroup, "id" | "fill" | "items">[];

/** Where an item goes by one step up or down: beyond the end of its group into the next one that takes items. Undefined: no further. */
export function stepOf(groups: Groups, item: string, by: 1 | -1): Place | undefined {
  const own = groups.filter(({ fill }) => fill === undefined);
  const from = own.findIndex(({ items }) => items.some(({ id }) => id === item));
  const group = own[from];
  if (group === undefined) return undefined;
  const to = group.items.findIndex(({ id }) => id === item) + by;
  if (to >= 0 && to < group.items.length) return { group: group.id, at: to };
  const next = own[from + by];
  return next && { group: next.id, at: by < 0 ? next.items.length : 0 };
}

/** Where a dropped thing goes that shall stand before the item at an index; `moved` is the item that is moved, if it is one of the sidebar. */
export function dropAt(group: Pick<SpaceGroup, "id" | "items">, before: number, moved: string | undefined): Place {
  const own = moved === undefined ? -1 : group.items.findIndex(({ id }) => id === moved);
  return { group: group.id, at: own >= 0 && own < before ? before - 1 : before };
}

/** Where a group goes that is dropped on another one. */
export function groupAt(groups: Groups, moved: string, onto: string): number | undefined {
  const [from, to] = [groups.findIndex(({ id }) => id === moved), groups.findIndex(({ id }) => id === onto)];
  return from < 0 || to < 0 || from === to ? undefined : to;
}

/** Whether a point in a line means before it, after it, or the line itself, which takes files. */
export function partOf(y: number, height: number, takes: boolean): "before" | "after" | "on" {
  const edge = takes ? height / 4 : height / 2;
  if (y < edge) return "before";
  return y >= height - edge ? "after" : "on";
}

/** The next of several, round and round. */
export function roundTo<T extends { id: string }>(all: readonly T[], id: string, by: number): T | undefined {
  const at = all.findIndex((one) => one.id === id);
  return all[(Math.max(at, 0) + by + all.length) % all.length];
}
