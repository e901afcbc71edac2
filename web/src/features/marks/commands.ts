import { openDialog } from "@/app/dialogs";
import type { Entry } from "@/api/types";
import type { Commands } from "@/features/shell/commands";
import { markingOf, rate, toggleFavourite, whatOf } from "./marking";
import { noteWanted } from "./NoteEditor";

/** What can be added to the selected entries by a key or a menu. Files that the library does not know take nothing. */
export function marksOf(selected: readonly Entry[]): Commands {
  const known = selected.filter(({ id }) => id !== "");
  const [first] = known;
  if (first === undefined) return {};
  const stars = (n: number) => () => void rate(n, markingOf(known), whatOf(known));
  return {
    tag: () => openDialog({ kind: "tags", entries: known }),
    collect: () => openDialog({ kind: "collect", entries: known }),
    field: () => openDialog({ kind: "set-field", entries: known, field: undefined }),
    favourite: () => void toggleFavourite(known),
    rate0: stars(0), rate1: stars(1), rate2: stars(2), rate3: stars(3), rate4: stars(4), rate5: stars(5),
    note: known.length === 1 ? () => noteWanted.set(first.id) : undefined,
  };
}

/** The same command, with the details opened in which notes are written. */
export function shownNote({ note }: Commands, details: { show: (shown: boolean) => void }): Commands {
  if (note === undefined) return {};
  return {
    note: () => {
      details.show(true);
      note();
    },
  };
}
