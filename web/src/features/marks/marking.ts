// Adding to files: tags, stars, favourites, notes, places in collections. Each is
// done at once, said with a way back, and refused where it makes no sense.
import { queryClient } from "@/api/queries";
import type { Entry, Marked } from "@/api/types";
import { forgetDeed, noteDeed, takeDeed } from "@/features/changes/last-deed";
import { undo as undoPlan } from "@/features/changes/flow";
import { ops } from "@/gen/client";
import { countOf } from "@/ui/format";
import { plainName } from "@/ui/names";
import { say, sayError } from "@/ui/Toasts";
import { marksMoved } from "./use-marks";
import { words } from "./words";

/** Files as these operations name them. */
export interface Marking {
  ids?: string[];
  paths?: string[];
}

/** What users added is otherwise: all that shows it asks anew. */
export function addedMoved(): void {
  marksMoved();
  void queryClient.invalidateQueries({ queryKey: ["added"] });
}

/** Takes back one change of what users added. */
export async function unmark(id: string): Promise<void> {
  forgetDeed(id);
  try {
    const { title, kept = 0 } = await ops.organizeUndo({ id });
    say(words.undone(title, kept));
  } catch (thrown) {
    sayError(thrown);
  }
  addedMoved();
}

/** Takes back what was done last, of files or of what was added to them. */
export async function undoLast(): Promise<void> {
  const deed = takeDeed();
  await (deed === undefined ? undoPlan() : unmark(deed));
}

/** Does a change of what users add, and says so with a way back. Tells whether it was done. */
export async function mark(doIt: () => Promise<Marked>, said: (changed: number) => string): Promise<boolean> {
  try {
    const { changed, undo } = await doIt();
    const back = undo === undefined || undo === "" ? undefined : undo;
    if (back !== undefined) noteDeed(back);
    say(changed === 0 ? words.same : said(changed), back === undefined ? {} : { undo: () => void unmark(back) });
    return true;
  } catch (thrown) {
    sayError(thrown);
    return false;
  } finally {
    addedMoved();
  }
}

/** What a change of tags, collections and the like answers with: above all what takes just this change back. */
interface Changed {
  undo?: string;
}

/** Says what was done to tags, collections and the like, with a way back from it; "" for what is seen anyway. */
export function told({ undo = "" }: Changed, said: string): void {
  if (undo !== "") noteDeed(undo);
  if (said !== "") say(said, undo === "" ? {} : { undo: () => void unmark(undo) });
  addedMoved();
}

/** Does such a change, and says so. Tells whether it was done. */
export async function change(what: () => Promise<Changed>, said: string): Promise<boolean> {
  try {
    told(await what(), said);
    return true;
  } catch (thrown) {
    sayError(thrown);
    addedMoved();
    return false;
  }
}

/** How entries are named: only what the library knows can have anything added. */
export function markingOf(entries: readonly Pick<Entry, "id">[]): Marking {
  return { ids: entries.flatMap(({ id }) => (id === "" ? [] : [id])) };
}

/** The entries in words: the name of one, the number of several. */
export function whatOf(entries: readonly Pick<Entry, "name" | "raw">[]): string {
  const [first] = entries;
  return entries.length === 1 && first ? plainName(first.name, first.raw) : countOf(entries.length, words.thing);
}

export const applyTag = (tag: { id: string; name: string }, files: Marking, what: string): Promise<boolean> =>
  mark(() => ops.tagApply({ tag: tag.id, ...files }), () => words.tagged(what, plainName(tag.name)));

export const dropTag = (tag: { id: string; name: string }, files: Marking, what: string): Promise<boolean> =>
  mark(() => ops.tagDrop({ tag: tag.id, ...files }), () => words.untagged(what, plainName(tag.name)));

/** Applies a tag that there is not yet. */
export const applyNewTag = (name: string, files: Marking, what: string): Promise<boolean> =>
  mark(() => ops.tagApply({ tag: name, create: true, ...files }), () => words.tagged(what, plainName(name)));

export const rate = (stars: number, files: Marking, what: string): Promise<boolean> =>
  mark(() => ops.rateSet({ stars, ...files }), () => words.rated(what, stars));

export const setFavourite = (on: boolean, files: Marking, what: string): Promise<boolean> =>
  mark(() => ops.favouriteSet({ off: !on, ...files }), () => (on ? words.favourite(what) : words.noFavourite(what)));

/** Makes favourites of entries, or takes that from them where all are. */
export async function toggleFavourite(entries: readonly Entry[]): Promise<void> {
  const files = markingOf(entries);
  try {
    const { items } = await ops.organizeMarks({ ids: (files.ids ?? []).slice(0, 2000) });
    const all = items.filter(({ favourite }) => favourite === true).length === files.ids?.length;
    await setFavourite(!all, files, whatOf(entries));
  } catch (thrown) {
    sayError(thrown);
  }
}
