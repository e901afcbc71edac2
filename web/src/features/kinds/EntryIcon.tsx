import {
  Binary, BookOpen, Box, Disc3, File, FileArchive, FileCode2, FileImage, FileKey2, FileMusic, FileSpreadsheet,
  FileText, FileType2, FileVideoCamera, Folder, Link2, type LucideIcon, Plug, Presentation, ScrollText, Type,
} from "lucide-react";
import type { Entry } from "@/api/types";
import { cx } from "@/ui/cx";
import { type Family, sortOf } from "./kinds";

const icons: Record<Family, [LucideIcon, string]> = {
  folder: [Folder, "text-kind-folder"],
  image: [FileImage, "text-kind-image"],
  video: [FileVideoCamera, "text-kind-video"],
  audio: [FileMusic, "text-kind-audio"],
  text: [ScrollText, "text-kind-document"],
  document: [FileText, "text-kind-document"],
  pdf: [FileType2, "text-bad"],
  sheet: [FileSpreadsheet, "text-kind-sheet"],
  slides: [Presentation, "text-kind-code"],
  book: [BookOpen, "text-kind-code"],
  code: [FileCode2, "text-kind-code"],
  archive: [FileArchive, "text-kind-archive"],
  disk: [Disc3, "text-kind-other"],
  font: [Type, "text-kind-document"],
  model: [Box, "text-kind-video"],
  program: [Binary, "text-kind-other"],
  key: [FileKey2, "text-kind-archive"],
  link: [Link2, "text-kind-other"],
  special: [Plug, "text-kind-other"],
  other: [File, "text-kind-other"],
};

/** The icon of an entry. Decorative: the kind stands beside it in words. */
export function EntryIcon({ entry, className }: { entry: Pick<Entry, "kind" | "name" | "mime">; className?: string }) {
  const { family } = sortOf(entry);
  const [Icon, colour] = icons[family];
  return <Icon aria-hidden strokeWidth={1.6} className={cx("shrink-0", colour, family === "folder" && "fill-current/20", className)} />;
}
