// The commands that hold on the whole page. A page registers what it can do;
// one listener on the window turns keys into these.
import { useEffect } from "react";
import { openDialog } from "@/app/dialogs";
import { preferences, setPreferences, type Theme } from "@/ui/preferences";
import { type CommandId, commandTable, quiet, whileTyping } from "./command-table";
import { chordOf, chosenKeys, commandAt } from "./keymap";

export type Commands = Partial<Record<CommandId, (() => void) | undefined>>;

let current: Commands = {};
let standing: Commands = {};

export function focusSearch(): void {
  const input = document.querySelector<HTMLInputElement>("[data-search]");
  input?.focus();
  input?.select();
}

const nextTheme: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };

/** What works on every page. */
const everywhere: Commands = {
  palette: () => openDialog({ kind: "palette" }),
  search: focusSearch,
  shortcuts: () => openDialog({ kind: "shortcuts" }),
  addLocation: () => openDialog({ kind: "add-location", path: "" }),
  hidden: () => setPreferences({ showHidden: !preferences().showHidden }),
  theme: () => setPreferences({ theme: nextTheme[preferences().theme] }),
};

const handlerOf = (id: CommandId): (() => void) | undefined => current[id] ?? standing[id] ?? everywhere[id];

/** Offers what the shown page can do; undefined while another part of the page does. */
export function useCommands(commands: Commands | undefined): void {
  useEffect(() => {
    if (commands === undefined) return;
    current = commands;
    return () => {
      if (current === commands) current = {};
    };
  });
}

/** The same for the shell, which is always there. */
export function useStandingCommands(commands: Commands): void {
  useEffect(() => {
    standing = commands;
    return () => {
      if (standing === commands) standing = {};
    };
  });
}

/** Whether the page can do what a command says now. */
export const canRun = (id: CommandId): boolean => handlerOf(id) !== undefined;

/** Does what a command says, where the page can. */
export function runCommand(id: CommandId): void {
  handlerOf(id)?.();
}

/** The commands that can be done now. */
export function offered(): (typeof commandTable)[number][] {
  return commandTable.filter(({ id }) => !quiet.has(id) && handlerOf(id) !== undefined);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** The command of a key, or undefined. */
function commandOf(event: KeyboardEvent): (() => void) | undefined {
  const id = commandAt(chordOf(event), chosenKeys());
  if (id === undefined) return undefined;
  if (id === "copy" && String(getSelection()) !== "") return undefined; // the text that is marked is meant
  return whileTyping.has(id) || !isTyping(event.target) ? handlerOf(id) : undefined;
}

/** Listens for the page's shortcuts; once, in the shell. */
export function useShortcuts(): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || document.querySelector("dialog:modal") !== null) return;
      const command = commandOf(event);
      if (!command) return;
      event.preventDefault();
      command();
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, []);
}
