// In which ways a file can be looked into.
import type { Entry } from "@/api/types";
import { extensionOf, sortOf } from "@/features/kinds/kinds";
import { languageOf } from "./code-language";
import { largeText, previewKind } from "./preview-kind";
import type { ViewerKind } from "./Viewers";

export type Way = "view" | "text" | "bytes";

const reader: Readonly<Record<string, ViewerKind | undefined>> = { md: "markdown", markdown: "markdown", csv: "table", tsv: "table", ttf: "font", otf: "font", woff: "font", woff2: "font" };
const archives = new Set("zip jar war apk cbz tar cbt tgz tbz tbz2 txz tzst gz bz2 xz zst 7z cb7 rar cbr".split(" "));

/** Whether the daemon can look into it as into a folder. */
export const isArchive = (entry: Entry) => archives.has(extensionOf(entry.name)) && !("member" in entry);

const readerOf = (entry: Entry): ViewerKind | undefined =>
  isArchive(entry) ? "archive" : (reader[extensionOf(entry.name)] ?? (languageOf(entry.name) === "" ? undefined : "code"));

/** Whether its bytes can be had now. */
const readable = (entry: Entry) => entry.kind === "file" && entry.state === "present" && entry.size > 0;

/** The ways, the usual one first. */
export function waysOf(entry: Entry): [Way, string][] {
  if (!readable(entry)) return [["view", "As it is"]];
  if (isArchive(entry)) return [["view", "What is in it"], ["bytes", "Bytes"]];
  const text = readerOf(entry) !== undefined && previewKind(entry) === "text";
  return [["view", text ? "To be read" : "As it is"], ...(text ? ([["text", "As it is written"]] as [Way, string][]) : []), ["bytes", "Bytes"]];
}

/** The viewer of a way; undefined where the browser shows it. */
export function viewerOf(entry: Entry, way: Way): ViewerKind | undefined {
  if (!readable(entry)) return undefined;
  if (way === "bytes") return "hex";
  const long = previewKind(entry) === "text" && entry.size > largeText;
  if (way === "text") return long ? "window" : undefined;
  return readerOf(entry) ?? (long ? "window" : previewKind(entry) === "none" && !hasPicture(entry) ? "hex" : undefined);
}

const pictured = new Set(["image", "video", "audio", "pdf", "document", "slides", "sheet", "book"]);
const hasPicture = (entry: Entry) => entry.id !== "" && pictured.has(sortOf(entry).family);
