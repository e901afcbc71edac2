// Everything that a key, the palette or a menu can ask of the page, in one table.

interface Command {
  id: string;
  /** What it does, imperative, as the palette and the sheet of shortcuts say it. */
  title: string;
  group: "Go" | "View" | "Select" | "Change" | "Window";
  keys: readonly string[];
  /** Holds while somebody types in a field, too. */
  typing?: true;
  /** Only by its key: in the palette it would make no sense. */
  quiet?: true;
}

const table = [
  { id: "palette", title: "Do anything: commands, places, settings", group: "Go", keys: ["Mod+K", "Mod+Shift+P"], typing: true, quiet: true },
  { id: "search", title: "Search", group: "Go", keys: ["/", "Mod+F"] },
  { id: "editPath", title: "Type a path", group: "Go", keys: ["F4", "Mod+L"], typing: true },
  { id: "up", title: "The folder above", group: "Go", keys: ["Alt+ArrowUp", "Backspace"] },
  { id: "back", title: "Back", group: "Go", keys: ["Alt+ArrowLeft"] },
  { id: "forward", title: "Forward", group: "Go", keys: ["Alt+ArrowRight"] },
  { id: "reload", title: "Read the folder again", group: "Go", keys: ["F5"] },
  { id: "addLocation", title: "Add a location", group: "Go", keys: [] },

  { id: "viewList", title: "View as a list", group: "View", keys: ["Alt+1"] },
  { id: "viewGrid", title: "View as pictures", group: "View", keys: ["Alt+2"] },
  { id: "viewColumns", title: "View as columns", group: "View", keys: ["Alt+3"] },
  { id: "viewTimeline", title: "View by date taken", group: "View", keys: ["Alt+4"] },
  { id: "viewSizes", title: "View what takes the space", group: "View", keys: ["Alt+5"] },
  { id: "toggleTiles", title: "A list, or pictures side by side", group: "View", keys: ["Alt+G"] },
  { id: "viewOptions", title: "Options of the view", group: "View", keys: ["Alt+V"] },
  { id: "larger", title: "Larger pictures", group: "View", keys: ["Mod+Shift+ArrowUp"] },
  { id: "smaller", title: "Smaller pictures", group: "View", keys: ["Mod+Shift+ArrowDown"] },
  { id: "hidden", title: "Show or hide hidden files", group: "View", keys: ["Mod+.", "Mod+>", "Mod+H"] },
  { id: "inspect", title: "Show or hide details", group: "View", keys: ["Mod+I", "I"] },
  { id: "quickLook", title: "Look into it", group: "View", keys: [] },
  { id: "theme", title: "Change the theme", group: "View", keys: [] },

  { id: "selectAll", title: "Select everything", group: "Select", keys: ["Mod+A"] },
  { id: "invert", title: "Select what is not selected", group: "Select", keys: ["Mod+Shift+A"] },
  { id: "selectNone", title: "Select nothing", group: "Select", keys: [] },

  { id: "newFolder", title: "New folder", group: "Change", keys: ["F7", "Alt+N"] },
  { id: "newFile", title: "New file", group: "Change", keys: [] },
  { id: "uploadFiles", title: "Upload files into the folder", group: "Change", keys: ["Alt+U"] },
  { id: "uploadFolder", title: "Upload a folder into the folder", group: "Change", keys: ["Alt+Shift+U"] },
  { id: "download", title: "Download; several: as a zip", group: "Change", keys: ["Alt+Shift+D"] },
  { id: "rename", title: "Rename; several: by a pattern", group: "Change", keys: ["F2"] },
  { id: "copy", title: "Copy, to be pasted", group: "Change", keys: ["Mod+C"] },
  { id: "cut", title: "Cut, to be pasted", group: "Change", keys: ["Mod+X"] },
  { id: "paste", title: "Paste", group: "Change", keys: ["Mod+V"] },
  { id: "duplicate", title: "Duplicate", group: "Change", keys: ["Mod+D"] },
  { id: "trash", title: "Move to the trash", group: "Change", keys: ["Delete"] },
  { id: "destroy", title: "Delete for good", group: "Change", keys: ["Shift+Delete"] },
  { id: "undo", title: "Undo the last change", group: "Change", keys: ["Mod+Z"] },
  { id: "save", title: "Save the search", group: "Change", keys: ["Mod+S"], typing: true },

  { id: "newTab", title: "New tab", group: "Window", keys: ["Alt+T"] },
  { id: "closeTab", title: "Close the tab", group: "Window", keys: ["Alt+W"] },
  { id: "nextTab", title: "Next tab", group: "Window", keys: ["Alt+PageDown", "Alt+."] },
  { id: "previousTab", title: "Previous tab", group: "Window", keys: ["Alt+PageUp", "Alt+,"] },
  { id: "split", title: "Two folders side by side, or one", group: "Window", keys: ["F3"] },
  { id: "otherSide", title: "Go to the other side", group: "Window", keys: ["F6"] },
  { id: "shortcuts", title: "Keyboard shortcuts", group: "Window", keys: ["?"] },
] as const satisfies readonly Command[];

export type CommandId = (typeof table)[number]["id"];

export const commandTable: readonly (Command & { id: CommandId })[] = table;

/** Keys of the lists themselves, which are as in every file manager and stay so. */
export const listKeys: readonly [string, string][] = [
  ["↑ ↓ ← → Home End PgUp PgDn", "Move; with Shift: select a range; with Ctrl: without selecting"],
  ["Enter", "Open a folder, view a file; with Ctrl: in another tab"],
  ["Space", "Look into it; Ctrl Space: select or not"],
  ["Letters", "Jump to a name"],
  ["Esc", "Select nothing; close what is open"],
  ["Ctrl ↑ ↓", "In search results: to the next group"],
  ["F2 / Del", "On a saved search in the sidebar: rename, remove"],
];
