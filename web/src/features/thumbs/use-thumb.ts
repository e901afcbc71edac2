import { useCallback, useSyncExternalStore } from "react";
import { fetchPicture, type PictureKind } from "@/api/sidecars";
import type { Entry } from "@/api/types";
import { sortOf, type Family } from "@/features/kinds/kinds";
import { type Thumb, ThumbLoader } from "./loader";

const loader = new ThumbLoader({
  fetch: fetchPicture,
  makeUrl: (bytes) => URL.createObjectURL(bytes),
  dropUrl: (url) => URL.revokeObjectURL(url),
  now: () => performance.now(),
  wait: (ms, fn) => setTimeout(fn, ms),
});

const waiting: Thumb = { state: "waiting" };
const pictured: ReadonlySet<Family> = new Set<Family>(["image", "video", "audio", "pdf", "document", "slides", "sheet", "book", "font"]);

/** Whether there may be a picture of an entry. Only what stands in the index has one. */
export function isPictured(entry: Pick<Entry, "id" | "kind" | "name" | "mime">): boolean {
  return entry.id !== "" && entry.kind === "file" && pictured.has(sortOf(entry).family);
}

/** A picture of a file while the component is there; undefined where there can be none. */
export function useThumb(entry: Entry, kind: PictureKind, wanted = true): Thumb | undefined {
  const asks = wanted && isPictured(entry) && entry.size > 0;
  const { id } = entry;
  const mark = `${entry.size} ${entry.modified ?? ""}`;
  const subscribe = useCallback((listener: () => void) => (asks ? loader.watch({ id, mark, kind }, listener) : () => undefined), [asks, id, mark, kind]);
  const thumb = useSyncExternalStore(subscribe, () => (asks ? loader.get({ id, mark, kind }) : waiting));
  return asks ? thumb : undefined;
}

/** The pictures of a file are made anew. */
export function forgetThumbs(id: string): void {
  loader.forget(id);
}

/** Something was made of these files: what could not be had before is asked for again. */
export function picturesMade(ids: readonly string[]): void {
  for (const id of ids) loader.retry(id);
}
