// Everything that a key, the palette or a menu can ask of the page, in one table.

type Group = "Go" | "View" | "Select" | "Change" | "Mark" | "Window";

// By group and id: what it does, imperative, as the palette and the sheet of
// shortcuts say it, and the keys that it comes with.
const table = {
  Go: {
    palette: ["Do anything: commands, places, settings", "Mod+K", "Mod+Shift+P"],
    search: ["Search", "/", "Mod+F"],
    editPath: ["Type a path", "F4", "Mod+L"],
    up: ["The folder above", "Alt+ArrowUp", "Backspace"],
    back: ["Back", "Alt+ArrowLeft"],
    forward: ["Forward", "Alt+ArrowRight"],
    reload: ["Read the folder again", "F5"],
    addLocation: ["Add a location"],
    sidebar: ["Go to the sidebar", "Alt+B"],
    nextSpace: ["Next sidebar", "Alt+S"],
    previousSpace: ["Previous sidebar", "Alt+Shift+S"],
    newSpace: ["New sidebar"],
    addToSidebar: ["Add something to the sidebar"],
  },
  View: {
    viewList: ["View as a list", "Alt+1"],
    viewGrid: ["View as pictures", "Alt+2"],
    viewColumns: ["View as columns", "Alt+3"],
    viewTimeline: ["View by date taken", "Alt+4"],
    viewSizes: ["View what takes the space", "Alt+5"],
    toggleTiles: ["A list, or pictures side by side", "Alt+G"],
    viewOptions: ["Options of the view", "Alt+V"],
    larger: ["Larger pictures", "Mod+Shift+ArrowUp"],
    smaller: ["Smaller pictures", "Mod+Shift+ArrowDown"],
    hidden: ["Show or hide hidden files", "Mod+.", "Mod+>", "Mod+H"],
    inspect: ["Show or hide details", "Mod+I", "I"],
    quickLook: ["Look into it"],
    theme: ["Change the theme"],
  },
  Select: {
    selectAll: ["Select everything", "Mod+A"],
    invert: ["Select what is not selected", "Mod+Shift+A"],
    selectNone: ["Select nothing"],
  },
  Change: {
    newFolder: ["New folder", "F7", "Alt+N"],
    newFile: ["New file"],
    uploadFiles: ["Upload files into the folder", "Alt+U"],
    uploadFolder: ["Upload a folder into the folder", "Alt+Shift+U"],
    download: ["Download; several: as a zip", "Alt+Shift+D"],
    rename: ["Rename; several: by a pattern", "F2"],
    copy: ["Copy, to be pasted", "Mod+C"],
    cut: ["Cut, to be pasted", "Mod+X"],
    paste: ["Paste", "Mod+V"],
    duplicate: ["Duplicate", "Mod+D"],
    trash: ["Move to the trash", "Delete"],
    destroy: ["Delete for good", "Shift+Delete"],
    undo: ["Undo the last change", "Mod+Z"],
    save: ["Save the search", "Mod+S"],
  },
  Mark: {
    tag: ["Tag", "T", "#"],
    favourite: ["Favourite, or no more", "*"],
    rate1: ["One star", "1"],
    rate2: ["Two stars", "2"],
    rate3: ["Three stars", "3"],
    rate4: ["Four stars", "4"],
    rate5: ["Five stars", "5"],
    rate0: ["No stars", "0"],
    field: ["Set a field of your own", "="],
    note: ["Write a note", "Alt+M"],
    pin: ["Pin the folder to the sidebar", "Alt+P"],
    collect: ["Put into a collection", "Alt+C"],
  },
  Window: {
    newTab: ["New tab", "Alt+T"],
    closeTab: ["Close the tab", "Alt+W"],
    nextTab: ["Next tab", "Alt+PageDown", "Alt+."],
    previousTab: ["Previous tab", "Alt+PageUp", "Alt+,"],
    split: ["Two folders side by side, or one", "F3"],
    otherSide: ["Go to the other side", "F6"],
    shortcuts: ["Keyboard shortcuts", "?"],
  },
} as const satisfies Record<Group, Record<string, readonly [title: string, ...keys: string[]]>>;

export type CommandId = { [G in Group]: keyof (typeof table)[G] }[Group];

interface Command {
  id: CommandId;
  title: string;
  group: Group;
  keys: readonly string[];
}

/** All commands, in the order in which people read them. */
export const commandTable: readonly Command[] = Object.entries<Record<string, readonly string[]>>(table).flatMap(([group, commands]) =>
  Object.entries(commands).map(([id, [title = "", ...keys]]) => ({ id: id as CommandId, title, group: group as Group, keys })),
);

/** Those that hold while somebody types in a field, too. */
export const whileTyping: ReadonlySet<CommandId> = new Set<CommandId>(["palette", "editPath", "save"]);

/** Those that are had only by their keys: in the palette they would make no sense. */
export const quiet: ReadonlySet<CommandId> = new Set<CommandId>(["palette"]);

/** Letters and numbers by themselves: they mean this while something is selected, and else begin a name. */
export const bare: ReadonlySet<CommandId> = new Set<CommandId>(["tag", "rate1", "rate2", "rate3", "rate4", "rate5", "rate0"]);

/** Keys of the lists themselves, which are as in every file manager and stay so. */
export const listKeys: readonly [string, string][] = [
  ["↑ ↓ ← → Home End PgUp PgDn", "Move; with Shift: select a range; with Ctrl: without selecting"],
  ["Enter", "Open a folder, view a file; with Ctrl: in another tab"],
  ["Space", "Look into it; Ctrl Space: select or not"],
  ["Letters", "Jump to a name; T and 0 to 5 only while nothing is selected"],
  ["Esc", "Select nothing; close what is open"],
  ["Ctrl ↑ ↓", "In search results: to the next group"],
  ["F2 / Del", "On a line of the sidebar: rename, take away"],
  ["Alt ↑ ↓", "On a line or group of the sidebar: move it"],
];
