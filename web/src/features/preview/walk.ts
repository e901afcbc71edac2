// Walking through the files around the one that is looked at.
import type { Entry } from "@/api/types";
import { sortOf } from "@/features/kinds/kinds";

/** The file before (-1) or after (1) another, in the order in which they are shown; undefined at the end. */
export type Near = (from: Entry, by: 1 | -1) => Entry | undefined;

const mostLooked = 2000; // files that are passed over to come to a picture

export const isImage = (entry: Entry) => entry.kind === "file" && sortOf(entry).family === "image";

/** The next picture in a direction that is not `except`. */
export function nextImage(near: Near, from: Entry, by: 1 | -1, except?: Entry): Entry | undefined {
  let at = near(from, by);
  for (let i = 0; i < mostLooked && at !== undefined; i++, at = near(at, by)) {
    if (isImage(at) && at !== except) return at;
  }
  return undefined;
}

/** The picture to be compared with another: the next one, or else the one before. */
export const companion = (near: Near, entry: Entry) => nextImage(near, entry, 1) ?? nextImage(near, entry, -1);
