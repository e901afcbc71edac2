// Notes that are being written. What somebody typed lasts until it is saved or left,
// whatever else the page shows meanwhile; and it is never put over a text that
// somebody else has written since.

/** Between texts that are put into one. */
const between = "\n\n---\n\n";

export interface Draft {
  /** The note that it began from. */
  base: string;
  text: string;
}

const drafts = new Map<string, Draft>();

export const draftOf = (id: string): Draft | undefined => drafts.get(id);

export function keepDraft(id: string, draft: Draft | undefined): void {
  if (draft === undefined || draft.text === draft.base) drafts.delete(id);
  else drafts.set(id, draft);
}

/** What saving a draft over the note as it stands would be: nothing, a plain saving, or a loss of somebody's words. */
export function outcomeOf({ base, text }: Draft, now: string): "same" | "save" | "conflict" {
  if (text === now) return "same";
  return now === base ? "save" : "conflict";
}

/** Both texts in one, the other's first; a text that holds the other stands for both. */
export function joined(theirs: string, mine: string): string {
  if (theirs.trim() === "" || mine.includes(theirs)) return mine;
  return theirs.includes(mine) ? theirs : theirs + between + mine;
}
