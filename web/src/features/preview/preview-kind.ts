import type { Entry } from "@/api/types";
import { extensionOf, sortOf } from "@/features/kinds/kinds";

/** How the bytes of a file can be shown. */
export type PreviewKind = "image" | "video" | "audio" | "pdf" | "text" | "none";

// What browsers decode. A drawing (SVG) can carry programs, which never run in
// an <img>; pages (HTML) are served as plain text.
const images = new Set(["jpg", "jpeg", "jpe", "jfif", "png", "gif", "webp", "avif", "bmp", "ico", "svg"]);
const videos = new Set(["mp4", "m4v", "webm", "ogv", "mov"]);
const audios = new Set(["mp3", "flac", "wav", "m4a", "aac", "ogg", "oga", "opus"]);
const tables = new Set(["csv", "tsv"]);
const plainNames = new Set(["readme", "license", "licence", "copying", "makefile", "dockerfile", "changelog", "authors", "todo", "notes"]);

export function previewKind(entry: Pick<Entry, "kind" | "name" | "mime">): PreviewKind {
  if (entry.kind !== "file") return "none";
  const extension = extensionOf(entry.name);
  if (images.has(extension)) return "image";
  if (videos.has(extension)) return "video";
  if (audios.has(extension)) return "audio";
  if (extension === "pdf") return "pdf";
  const { family } = sortOf(entry);
  if (family === "text" || family === "code" || tables.has(extension)) return "text";
  if (extension === "" && plainNames.has(entry.name.toLowerCase())) return "text";
  return entry.mime?.startsWith("text/") === true ? "text" : "none";
}

/** Text longer than this is not fetched unasked. */
export const largeText = 4_000_000;

/** Whether bytes of this media type are text that a frame shows. */
export function isTextType(type: string): boolean {
  return /^(text\/|application\/(json|javascript|xml|xhtml\+xml)\b|image\/svg\+xml)/.test(type);
}
