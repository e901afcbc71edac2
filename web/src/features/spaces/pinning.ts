// Putting things into the sidebar, moving them there, and taking them out.
import { Pin } from "lucide-react";
import type { Space, SpaceGroup, SpaceItem } from "@/api/types";
import { change } from "@/features/marks/marking";
import { ops } from "@/gen/client";
import type { MenuItem } from "@/ui/Menu";
import { plainName } from "@/ui/names";
import { groupAt, type Place, stepOf } from "./order";
import { putSpace, shownSpace } from "./shown-space";
import { words } from "./words";

export type PinKind = Exclude<SpaceItem["kind"], "file">;

/** Something that can stand in a sidebar. */
export interface Pinned {
  kind: PinKind;
  /** Its id; the name of a saved search, the id or path of a folder. */
  ref: string;
  name: string;
}

const edit = (doIt: () => Promise<Space>, said: string): Promise<boolean> => change(async () => {
  const space = await doIt();
  putSpace(space);
  return space;
}, said);

/** Puts something into the sidebar that is shown: into a group, or the first that takes it, which is made where there is none. */
export const pin = ({ kind, ref, name }: Pinned, place?: { group: string; at?: number }): Promise<boolean> =>
  edit(() => ops.spaceItemAdd({ space: shownSpace(), kind, ref, ...place }), words.pinned(plainName(name)));

/** The same, as menus offer it. */
export const pinItem = (pinned: Pinned): MenuItem => ({ label: words.pin, icon: Pin, run: () => void pin(pinned) });

/** The focus goes back to what was moved, which may be another element now. */
const follow = (id: string) => setTimeout(() => document.querySelector<HTMLElement>(`nav [data-part="${CSS.escape(id)}"]`)?.focus(), 30);

/** Gives an item another place. It is seen, so nothing is said; undo takes it back all the same. */
export const placeItem = (item: string, { group, at }: Place): Promise<boolean> => edit(() => ops.spaceItemPlace({ item, group, at }), "");

export async function stepItem(space: Space, item: string, by: 1 | -1): Promise<void> {
  const place = stepOf(space.groups ?? [], item, by);
  if (place && (await placeItem(item, place))) follow(item);
}

export async function stepGroup(space: Space, group: string, by: 1 | -1): Promise<void> {
  const at = (space.groups ?? []).findIndex(({ id }) => id === group) + by;
  if (at < 0 || at >= (space.groups ?? []).length) return;
  if (await edit(() => ops.spaceGroupPlace({ group, at }), "")) follow(group);
}

export function dropGroup(space: Space, group: string, onto: string): void {
  const at = groupAt(space.groups ?? [], group, onto);
  if (at !== undefined) void edit(() => ops.spaceGroupPlace({ group, at }), "");
}

export const takeOut = (item: SpaceItem): Promise<boolean> => edit(() => ops.spaceItemRemove({ item: item.id ?? "" }), words.tookOut(plainName(item.name)));
export const removeGroup = (group: SpaceGroup): Promise<boolean> => edit(() => ops.spaceGroupRemove({ group: group.id }), words.groupGone(plainName(group.name)));
export const moveUp = (space: Space, at: number): Promise<boolean> => edit(() => ops.spacePlace({ space: space.id, at }), "");
