import { Copy, Download, Eye, FolderOpen, FolderSearch, Info, Sparkles } from "lucide-react";
import type { Entry } from "@/api/types";
import { shownPath } from "@/features/browse/address";
import { download } from "@/features/preview/download";
import { copyText } from "@/ui/clipboard";
import type { MenuItem } from "@/ui/Menu";

interface RowMenuInput {
  entry: Entry | undefined;
  open: (entry: Entry) => void;
  /** Shows it in the folder it stands in. */
  visit: (entry: Entry) => void;
  showDetails: () => void;
  /** Shows what is about the same. */
  similar: (id: string) => void;
}

/** "More like this", for files that are known. */
export function similarItem(entry: Entry, similar: (id: string) => void): MenuItem[] {
  return entry.kind === "file" && entry.id !== "" ? [{ label: "More like this", icon: Sparkles, run: () => similar(entry.id) }] : [];
}

/** What a right click on an entry out of its folder offers. */
export function rowMenu({ entry, open, visit, showDetails, similar }: RowMenuInput): MenuItem[] {
  if (entry === undefined) return [];
  return [
    { label: "Open", icon: entry.kind === "folder" ? FolderOpen : Eye, keys: "Enter", run: () => open(entry) },
    { label: "Show in its folder", icon: FolderSearch, keys: "Ctrl Enter", run: () => visit(entry) },
    ...(entry.kind === "file" ? [{ label: "Download", icon: Download, disabled: entry.state !== "present", run: () => void download([entry]) }] : []),
    ...similarItem(entry, similar),
    { label: "Show details", icon: Info, keys: "Space", run: showDetails },
    { label: "Copy path", icon: Copy, run: () => void copyText(shownPath(entry), "Path") },
  ];
}
