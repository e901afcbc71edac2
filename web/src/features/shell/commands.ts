// The shortcuts that hold on the whole page. A page registers what it can do;
// one listener on the window turns keys into these.
import { useEffect } from "react";
import { openDialog } from "@/app/dialogs";
import { preferences, setPreferences } from "@/ui/preferences";

export interface Commands {
  inspect?: () => void;
  editPath?: () => void;
  up?: () => void;
  reload?: () => void;
  /** Keeps what is shown (a search). */
  save?: () => void;
}

let current: Commands = {};

/** Offers what the shown page can do to the page's shortcuts. */
export function useCommands(commands: Commands): void {
  useEffect(() => {
    current = commands;
    return () => {
      if (current === commands) current = {};
    };
  });
}

export function focusSearch(): void {
  const input = document.querySelector<HTMLInputElement>("[data-search]");
  input?.focus();
  input?.select();
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** The command of a key, or undefined. */
function commandOf(event: KeyboardEvent): (() => void) | undefined {
  const modified = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  if (modified && !event.altKey) {
    if (key === "k") return focusSearch;
    if (key === "s" && !event.shiftKey) return current.save;
    if (key === "i" && !event.shiftKey) return current.inspect;
    if (event.shiftKey && (key === "." || key === ">")) return () => setPreferences({ showHidden: !preferences().showHidden });
    return undefined;
  }
  if (event.key === "F4") return current.editPath;
  if (isTyping(event.target)) return undefined;
  if (event.altKey && event.code === "KeyG") return () => setPreferences({ tiles: !preferences().tiles });
  if (event.altKey) return key === "arrowup" ? current.up : undefined;
  switch (event.key) {
    case "/": return focusSearch;
    case "?": return () => openDialog({ kind: "shortcuts" });
    case "i": return current.inspect;
    case "Backspace": return current.up;
    default: return undefined;
  }
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

/** What the sheet of shortcuts tells. */
export const shortcutSheet: { title: string; keys: [string, string][] }[] = [
  {
    title: "In a folder",
    keys: [
      ["↑ ↓ Home End PgUp PgDn", "Move; with Shift: select a range"],
      ["Enter", "Open a folder, view a file"],
      ["Backspace or Alt ↑", "The folder above"],
      ["Alt ← / Alt →", "Back / forward"],
      ["Letters", "Jump to a name"],
      ["Alt G", "A list, or pictures side by side"],
      ["Space or Ctrl I", "Show or hide details"],
      ["Ctrl A", "Select everything loaded"],
      ["Esc", "Select nothing; close what is open"],
    ],
  },
  {
    title: "In search results",
    keys: [
      ["↑ ↓", "Move; with Ctrl: to the next group"],
      ["Enter", "Open; with Ctrl: show in its folder"],
      ["Ctrl S", "Save the search"],
      ["F2 / Del", "Rename / remove a saved search in the sidebar"],
    ],
  },
  {
    title: "Anywhere",
    keys: [
      ["/ or Ctrl K", "Search; Shift Enter there: all results on a page"],
      ["F4", "Type a path"],
      ["Ctrl Shift .", "Show or hide hidden files"],
      ["i", "Details, outside the list"],
      ["?", "This sheet"],
    ],
  },
];
