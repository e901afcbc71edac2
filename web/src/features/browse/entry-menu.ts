import { Copy, Download, Eye, EyeOff, FolderOpen, FolderPlus, Info, RotateCw, SquareArrowOutUpRight } from "lucide-react";
import { openDialog } from "@/app/dialogs";
import { useGoSimilar } from "@/app/go";
import { similarItem } from "@/features/rows/row-menu";
import { download } from "@/features/preview/download";
import { changeItems } from "@/features/changes/change-menu";
import type { Changes } from "@/features/changes/use-changes";
import type { Entry, EntryInfo } from "@/api/types";
import { copyText } from "@/ui/clipboard";
import type { MenuItem } from "@/ui/Menu";
import { setPreferences, usePreferences } from "@/ui/preferences";
import { shownPath } from "./address";

interface EntryMenuInput {
  selected: readonly Entry[];
  folder: EntryInfo | undefined;
  open: (entry: Entry, beside?: boolean) => void;
  showDetails: () => void;
  reload: () => void;
  changes: Changes;
}

/** What a right click in the list offers: for the selected entries, or for the folder itself. */
export function useEntryMenu({ selected, folder, open, showDetails, reload, changes }: EntryMenuInput): MenuItem[] {
  const { showHidden } = usePreferences();
  const similar = useGoSimilar();
  const [entry] = selected;
  const paths = (entry === undefined ? (folder ? [folder] : []) : selected).map(shownPath);
  const items: MenuItem[] = [];
  if (entry !== undefined && selected.length === 1) {
    items.push({ label: "Open", icon: entry.kind === "folder" ? FolderOpen : Eye, keys: "Enter", run: () => open(entry) });
    if (entry.kind === "folder") {
      items.push({ label: "Open in another tab", icon: SquareArrowOutUpRight, keys: "Ctrl Enter", run: () => open(entry, true) });
    }
  }
  if (entry !== undefined) {
    const packed = selected.length > 1 || entry.kind !== "file";
    items.push({ label: packed ? "Download as a zip" : "Download", icon: Download, keys: "Alt Shift D", disabled: !selected.every(({ state }) => state === "present"), run: () => void download(selected) });
  }
  if (entry !== undefined && selected.length === 1) items.push(...similarItem(entry, similar));
  items.push({ label: "Show details", icon: Info, keys: "Ctrl I", run: showDetails });
  items.push({ label: paths.length > 1 ? "Copy paths" : "Copy path", icon: Copy, run: () => void copyText(paths.join("\n"), paths.length > 1 ? "Paths" : "Path") });
  items.push(...changeItems(changes.commands, entry !== undefined, selected.length > 1));
  const target = entry ?? folder;
  if (target?.kind === "folder" && target.id === "" && selected.length < 2) {
    items.push({ label: "Add as a location…", icon: FolderPlus, apart: true, run: () => openDialog({ kind: "add-location", path: shownPath(target) }) });
  }
  if (entry === undefined) {
    items.push({
      label: showHidden ? "Do not show hidden files" : "Show hidden files",
      icon: showHidden ? EyeOff : Eye,
      apart: true,
      run: () => setPreferences({ showHidden: !showHidden }),
    });
    items.push({ label: "Read the folder again", icon: RotateCw, run: reload });
  }
  return items;
}
