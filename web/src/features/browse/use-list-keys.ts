import { type KeyboardEvent, useRef } from "react";
import type { Entry } from "@/api/types";
import { keyOf } from "./address";
import type { OpenList } from "./lists";
import { all, extend, nothing, only, type Selection, typeahead } from "./selection";

interface Keys {
  items: readonly Entry[];
  total: number;
  /** Row of the cursor, or -1. */
  cursor: number;
  /** How many stand side by side: 1 in a list, more among tiles. */
  across: number;
  selection: Selection;
  /** How many rows fit on the screen. */
  pageRows: () => number;
  select: (next: Selection) => void;
  /** Goes to a row that may not be loaded yet. */
  aim: (index: number) => void;
  open: (entry: Entry) => void;
  up: () => void;
  inspect: () => void;
}

/** The place below `from`: in the last row, where that is shorter, its last one. */
function below(from: number, across: number, total: number): number {
  const last = total - 1;
  if (from + across <= last) return from + across;
  return Math.floor(from / across) === Math.floor(last / across) ? from : last;
}

/** What the keyboard does in the list. Returns the handler for its grid. */
export function useListKeys(list: OpenList, keys: Keys): (event: KeyboardEvent) => void {
  const typed = useRef({ text: "", at: 0, list: "" });

  const goTo = (index: number, extending: boolean) => {
    const target = Math.max(0, Math.min(index, keys.total - 1));
    const entry = keys.items[target];
    if (entry === undefined) keys.aim(target);
    else if (extending) keys.select(extend(keys.selection, keyOf(entry), keys.items.map(keyOf)));
    else keys.select(only(keyOf(entry)));
  };

  const typeTo = (character: string, time: number) => {
    const t = typed.current;
    const fresh = t.list !== list.key || time - t.at > 900;
    const repeated = !fresh && t.text === character; // "bbb" walks through the names with b
    t.text = fresh || repeated ? character : t.text + character;
    t.at = time;
    t.list = list.key;
    const from = fresh || repeated ? keys.cursor + 1 : keys.cursor;
    const found = typeahead(keys.items.map((entry) => entry.name), t.text, from);
    if (found >= 0) goTo(found, false);
  };

  return (event) => {
    if (event.target !== event.currentTarget) return; // buttons in the header have keys of their own
    const modified = event.ctrlKey || event.metaKey;
    const typing = typed.current.list === list.key && event.timeStamp - typed.current.at < 900;
    const current = keys.items[keys.cursor];
    const from = keys.cursor;
    const moves: Record<string, () => number> = {
      ArrowDown: () => (from < 0 ? 0 : below(from, keys.across, keys.total)),
      ArrowUp: () => (from < keys.across ? Math.max(from, 0) : from - keys.across),
      ...(keys.across > 1 && { ArrowRight: () => from + 1, ArrowLeft: () => Math.max(from, 1) - 1 }),
      PageDown: () => Math.max(from, 0) + keys.pageRows() * keys.across,
      PageUp: () => Math.max(from, 0) - keys.pageRows() * keys.across,
      Home: () => 0,
      End: () => keys.total - 1,
    };
    const move = moves[event.key];
    if (event.altKey) {
      if (event.key !== "ArrowUp") return;
      keys.up();
    } else if (move) {
      goTo(move(), event.shiftKey);
    } else if (modified) {
      if (event.key.toLowerCase() !== "a") return;
      keys.select(all(keys.selection, keys.items.map(keyOf)));
    } else if (event.key === "Enter") {
      if (current) keys.open(current);
    } else if (event.key === "Backspace") {
      keys.up();
    } else if (event.key === "Escape") {
      if (keys.selection.keys.size === 0) return;
      keys.select(nothing);
    } else if (event.key === " " && !typing) {
      keys.inspect();
    } else if (event.key.length === 1 && event.key !== "/" && event.key !== "?") {
      typeTo(event.key, event.timeStamp);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
}
