import { type HTMLAttributes, type ReactNode, useMemo, useState } from "react";
import { useGoSimilar } from "@/app/go";
import type { Entry } from "@/api/types";
import { keyOf } from "@/features/browse/address";
import { openEntryList } from "@/features/browse/list-focus";
import { all, invert, nothing, only, type Selection } from "@/features/browse/selection";
import { changeItems } from "@/features/changes/change-menu";
import { listDrag } from "@/features/changes/drag";
import { NameField } from "@/features/changes/NameField";
import { useChanges } from "@/features/changes/use-changes";
import type { Details } from "@/features/inspect/WithDetails";
import { shownNote } from "@/features/marks/commands";
import type { Commands } from "@/features/shell/commands";
import { tagDrops } from "@/features/tags/tag-drag";
import type { MenuItem } from "@/ui/Menu";
import type { Row } from "./RowList";
import { rowMenu } from "./row-menu";
import { useOpening } from "./use-opening";

interface ActingRows<R extends Row> {
  selection: Selection;
  select: (next: Selection) => void;
  /** The row that the keyboard is on. */
  row: R | undefined;
  /** The entries of what is selected, each once. */
  selected: readonly Entry[];
  open: (entry: Entry) => void;
  visit: (entry: Entry) => void;
  /** The file that is looked at; to be rendered. */
  view: ReactNode;
  commands: Commands;
  menu: MenuItem[];
  drag: HTMLAttributes<HTMLDivElement>;
  /** In place of the name of a row that is given another one. */
  namingOf: (row: R) => ReactNode;
}

/** A list out of its folders whose entries can be selected and changed as in any folder. */
export function useRows<R extends Row>(rows: readonly R[], entryOf: (row: R) => Entry | undefined, details: Details): ActingRows<R> {
  const [selection, select] = useState(nothing);
  const similar = useGoSimilar();
  const row = rows.find(({ key }) => key === selection.cursor);
  const entries = useMemo(() => rows.flatMap((one) => entryOf(one) ?? []), [rows, entryOf]);
  const selected = useMemo(() => {
    const once = new Map<string, Entry>();
    for (const one of rows) {
      const entry = selection.keys.has(one.key) ? entryOf(one) : undefined;
      if (entry) once.set(keyOf(entry), entry);
    }
    return [...once.values()];
  }, [rows, entryOf, selection.keys]);
  const { open, visit, view } = useOpening(entries, (entry) => {
    const to = rows.find((one) => entryOf(one) === entry);
    if (to) select(only(to.key));
  });
  const changes = useChanges(selected, undefined, () => undefined);
  const order = () => rows.flatMap((one) => (one.heading === true ? [] : [one.key]));
  const endNaming = (name: string | undefined) => {
    changes.named(name);
    openEntryList()?.focus({ preventScroll: true });
  };
  const commands: Commands = {
    ...changes.commands,
    ...shownNote(changes.commands, details),
    selectAll: () => select(all(selection, order())),
    invert: () => select(invert(selection, order())),
    selectNone: selected.length > 0 ? () => select({ ...selection, keys: new Set() }) : undefined,
  };
  const [first] = selected;
  const entryAt = (index: number) => {
    const one = rows[index];
    return one && entryOf(one);
  };
  const grabbed = (entry: Entry) => (selected.some((one) => keyOf(one) === keyOf(entry)) ? selected : [entry]);
  return {
    selection, select, row, selected, open, visit, view, commands,
    menu: [
      ...(selected.length === 1 ? rowMenu({ entry: first, open, visit, showDetails: () => details.show(true), similar }) : []),
      ...(first === undefined ? [] : changeItems(commands, true, selected.length > 1)),
    ],
    drag: tagDrops(listDrag(entryAt, grabbed, undefined), entryAt, grabbed),
    namingOf: (one) => {
      const entry = changes.naming === "" ? undefined : entryOf(one);
      return entry && one.key === selection.cursor && keyOf(entry) === changes.naming ? <NameField entry={entry} done={endNaming} /> : undefined;
    },
  };
}
