// Which keys do what: the keys that commands come with, and those that a person
// chose instead. A chord is written "Mod+Shift+K"; Mod is Ctrl, or Command on a Mac.
import { createStore, useStore } from "@/ui/store";
import { type CommandId, commandTable } from "./command-table";

export type Chosen = Readonly<Partial<Record<CommandId, readonly string[]>>>;

interface Pressed {
  key: string;
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

const modifiers = new Set(["Control", "Meta", "Alt", "Shift", "AltGraph", "CapsLock", "Dead", "Process", "Unidentified"]);

/** The chord of a key event, or "" while only modifiers are down. */
export function chordOf(event: Pressed): string {
  if (modifiers.has(event.key)) return "";
  // With Alt some systems write another letter: the key itself counts then.
  const letter = event.altKey ? /^(?:Key([A-Z])|Digit(\d))$/.exec(event.code) : null;
  const key = letter?.[1] ?? letter?.[2] ?? (event.key === " " ? "Space" : event.key.length === 1 ? event.key.toUpperCase() : event.key);
  // What Shift makes of a sign is the sign: "?" is "?", on whichever key it stands.
  const sign = key.length === 1 && !/[\p{L}\d]/u.test(key);
  const parts = [
    (event.ctrlKey || event.metaKey) && "Mod",
    event.altKey && "Alt",
    event.shiftKey && !sign && "Shift",
    key,
  ];
  return parts.filter(Boolean).join("+");
}

const mac = typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.userAgent);
const shown: Readonly<Record<string, string>> = {
  Mod: mac ? "⌘" : "Ctrl", Alt: mac ? "⌥" : "Alt", ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→", Delete: "Del", Escape: "Esc",
};

/** A chord as people read it: "Ctrl Shift K". */
export function chordWords(chord: string): string {
  return chord.split("+").map((part) => shown[part] ?? part).join(" ");
}

/** The keys of a command: those that were chosen, or those it comes with. */
export function keysOf(id: CommandId, chosen: Chosen): readonly string[] {
  return chosen[id] ?? commandTable.find((command) => command.id === id)?.keys ?? [];
}

/** The command of a chord, or undefined. */
export function commandAt(chord: string, chosen: Chosen): CommandId | undefined {
  return chord === "" ? undefined : commandTable.find(({ id }) => keysOf(id, chosen).includes(chord))?.id;
}

/** Gives a chord to a command, and takes it from any other. */
export function withChord(chosen: Chosen, id: CommandId, chord: string): Chosen {
  const after: Partial<Record<CommandId, readonly string[]>> = { ...chosen };
  for (const other of commandTable) {
    const keys = keysOf(other.id, chosen);
    if (other.id !== id && keys.includes(chord)) after[other.id] = keys.filter((key) => key !== chord);
  }
  after[id] = [chord];
  return after;
}

const storageKey = "stardrive.keys";

function stored(): Chosen {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(storageKey) ?? "{}");
    if (typeof value !== "object" || value === null) return {};
    const known = Object.entries(value).filter(([id, keys]) => commandTable.some((command) => command.id === id) && Array.isArray(keys) && keys.every((key) => typeof key === "string"));
    return Object.fromEntries(known);
  } catch {
    return {};
  }
}

const store = createStore<Chosen>(stored());

export const chosenKeys = (): Chosen => store.get();
export const useChosenKeys = (): Chosen => useStore(store);

export function chooseKeys(next: Chosen): void {
  store.set(next);
  try {
    localStorage.setItem(storageKey, JSON.stringify(next));
  } catch {
    // a private window: the choice lasts until the tab is closed
  }
}

/** The first key of a command as people read it, for menus and tooltips. */
export function useKeyWords(id: CommandId): string | undefined {
  const [first] = keysOf(id, useChosenKeys());
  return first === undefined ? undefined : chordWords(first);
}
