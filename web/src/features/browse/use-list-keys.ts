import { type KeyboardEvent, useRef } from "react";
import type { Entry } from "@/api/types";
import { bare } from "@/features/shell/command-table";
import { canRun } from "@/features/shell/commands";
import { chordOf, chosenKeys, commandAt } from "@/features/shell/keymap";
import { keyOf } from "./address";
import type { OpenList } from "./open-folders";
import { extend, moved, nothing, only, type Selection, toggle, typeahead } from "./selection";

interface Keys {
  items: readonly Entry[];
  total: number;
  /** Row of the cursor, or -1. */
  cursor: number;
  /** How many stand side by side: 1 in a list, more among tiles. */
  across: number;
  /** The entry so many rows below another, or above. */
  step: (from: number, rows: number) => number;
  selection: Selection;
  /** How many rows fit on the screen. */
  pageRows: () => number;
  select: (next: Selection) => void;
  /** Goes to a row that may not be loaded yet. */
  aim: (index: number) => void;
  open: (entry: Entry, beside?: boolean) => void;
  up: () => void;
  look: () => void;
}

/** Whether a sign is a command of the page; letters and numbers are one only at the beginning, and begin names otherwise. */
function isCommand(event: KeyboardEvent, typing: boolean): boolean {
  const id = commandAt(chordOf(event), chosenKeys());
  if (id === undefined) return false;
  return !/[\p{L}\d]/u.test(event.key) || (bare.has(id) && !typing && canRun(id));
}

/** What the keyboard does in the list. Returns the handler for its grid. */
export function useListKeys(list: OpenList, keys: Keys): (event: KeyboardEvent) => void {
  const typed = useRef({ text: "", at: 0, list: "", found: -1 });

  const goTo = (index: number, { shiftKey, ctrlKey }: { shiftKey: boolean; ctrlKey: boolean }) => {
    const target = Math.max(0, Math.min(index, keys.total - 1));
    const entry = keys.items[target];
    if (entry === undefined) keys.aim(target);
    else if (shiftKey) keys.select(extend(keys.selection, keyOf(entry), keys.items.map(keyOf)));
    else if (ctrlKey) keys.select(moved(keys.selection, keyOf(entry)));
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
    t.found = found >= 0 ? found : keys.cursor;
    if (found >= 0) goTo(found, { shiftKey: false, ctrlKey: false });
  };

  return (event) => {
    if (event.target !== event.currentTarget) return; // buttons in the header have keys of their own
    const modified = event.ctrlKey || event.metaKey;
    const typing = typed.current.list === list.key && typed.current.found === keys.cursor && event.timeStamp - typed.current.at < 900;
    const current = keys.items[keys.cursor];
    const from = keys.cursor;
    const moves: Record<string, () => number> = {
      ArrowDown: () => (from < 0 ? 0 : keys.step(from, 1)),
      ArrowUp: () => (from < 0 ? 0 : keys.step(from, -1)),
      ...(keys.across > 1 && { ArrowRight: () => from + 1, ArrowLeft: () => Math.max(from, 1) - 1 }),
      PageDown: () => keys.step(Math.max(from, 0), keys.pageRows()),
      PageUp: () => keys.step(Math.max(from, 0), -keys.pageRows()),
      Home: () => 0,
      End: () => keys.total - 1,
    };
    const move = event.altKey || (modified && event.shiftKey) ? undefined : moves[event.key];
    if (move) {
      goTo(move(), { shiftKey: event.shiftKey, ctrlKey: modified });
    } else if (event.key === "Enter" && !event.altKey) {
      if (current) keys.open(current, modified);
    } else if (event.key === "Escape") {
      if (keys.selection.keys.size === 0) return;
      keys.select(nothing);
    } else if (event.key === " " && modified) {
      if (current) keys.select(toggle(keys.selection, keyOf(current)));
    } else if (event.key === " " && !typing) {
      keys.look();
    } else if (event.key.length === 1 && !modified && !event.altKey && !isCommand(event, typing)) {
      typeTo(event.key, event.timeStamp);
    } else {
      return; // the page's commands
    }
    event.preventDefault();
    event.stopPropagation();
  };
}
