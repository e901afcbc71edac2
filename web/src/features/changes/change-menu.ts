import { ClipboardPaste, CopyPlus, FilePlus, Files, FolderPlus, FolderUp, Heart, Library, ListPlus, type LucideIcon, PencilLine, Pin, Scissors, StickyNote, Tag, Trash2, Undo2, Upload } from "lucide-react";
import type { Commands } from "@/features/shell/commands";
import type { MenuItem } from "@/ui/Menu";

/** What changes files: the selected ones, or what the folder holds. */
export function changeItems(commands: Commands, some: boolean, several: boolean): MenuItem[] {
  const item = (label: string, icon: LucideIcon, keys: string, run: (() => void) | undefined, more: Partial<MenuItem> = {}): MenuItem => ({
    label, icon, run: () => run?.(), disabled: run === undefined, ...(keys !== "" && { keys }), ...more,
  });
  if (!some) {
    return [
      item("New folder…", FolderPlus, "F7", commands.newFolder, { apart: true }),
      item("New file…", FilePlus, "", commands.newFile),
      item("Upload files…", Upload, "Alt U", commands.uploadFiles),
      item("Upload a folder…", FolderUp, "Alt Shift U", commands.uploadFolder),
      item("Paste", ClipboardPaste, "Ctrl V", commands.paste),
      ...(commands.pin === undefined ? [] : [item("Pin to the sidebar", Pin, "Alt P", commands.pin)]),
      item("Undo the last change", Undo2, "Ctrl Z", commands.undo),
    ];
  }
  return [
    item("Copy", Files, "Ctrl C", commands.copy, { apart: true }),
    item("Cut", Scissors, "Ctrl X", commands.cut),
    item("Duplicate", CopyPlus, "Ctrl D", commands.duplicate),
    item(several ? "Rename by a pattern…" : "Rename", PencilLine, "F2", commands.rename),
    item("Tag…", Tag, "T", commands.tag, { apart: true }),
    item("Favourite, or no more", Heart, "*", commands.favourite),
    item("Put into a collection…", Library, "Alt C", commands.collect),
    item("Set a field…", ListPlus, "=", commands.field),
    item("Write a note", StickyNote, "Alt M", commands.note),
    ...(commands.pin === undefined ? [] : [item("Pin to the sidebar", Pin, "Alt P", commands.pin)]),
    item("Move to the trash…", Trash2, "Del", commands.trash, { apart: true, danger: true }),
  ];
}
