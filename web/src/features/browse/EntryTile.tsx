import { memo, useState } from "react";
import { EntryMarks } from "@/features/marks/EntryMarks";
import { EntryIcon } from "@/features/kinds/EntryIcon";
import { Blur } from "@/features/thumbs/Blur";
import { useBlur } from "@/features/thumbs/blurs";
import { useThumb } from "@/features/thumbs/use-thumb";
import type { Entry } from "@/api/types";
import { cx } from "@/ui/cx";
import { Name } from "@/ui/Name";
import { plainName } from "@/ui/names";
import { type EntryLook, rowLook, stateMark } from "./EntryRow";

/** What a tile with a picture of this size takes, with the space around it. */
export const tileHeight = (size: number): number => size + 58;

/** How many tiles stand side by side in a list of this width. */
export function tilesAcross(width: number, size: number): number {
  return Math.max(Math.floor((width - 12) / (size + 28)), 2);
}

// Whole files are read to make pictures where nothing is known of them yet: of
// larger ones than this only where the location asks for it.
const unasked = 64_000_000;

interface TileProps extends EntryLook {
  /** Height of the picture, in pixels. */
  size: number;
  /** Everything here is looked into anyway. */
  deep: boolean;
}

/** An entry as a picture with its name below. Clicks are handled by the list, which finds the tile by data-index. */
export const EntryTile = memo(function EntryTile({ id, index, entry, selected, cursor, naming, cut, deep, size }: TileProps) {
  const mark = entry && stateMark(entry.state);
  return (
    <div
      id={id}
      role="gridcell"
      data-index={index}
      aria-selected={selected}
      aria-busy={entry === undefined}
      title={entry && plainName(entry.name, entry.raw)}
      className={cx(
        "flex min-w-0 flex-col gap-1.5 rounded-lg p-1.5",
        rowLook(selected, cursor),
        cut === true && "opacity-60",
      )}
    >
      {entry === undefined ? (
        <>
          <span className="sr-only">Loading</span>
          <span aria-hidden className="rounded bg-line" style={{ height: size }} />
          <span aria-hidden className="mx-auto h-2.5 w-2/3 rounded bg-line" />
        </>
      ) : (
        <>
          <Face entry={entry} deep={deep} size={size} />
          <div className={cx("line-clamp-2 min-h-0 text-center text-xs break-words", (entry.hidden || mark !== undefined) && "text-soft")}>
            {mark && <mark.icon role="img" aria-label={mark.label} className="mr-1 inline size-3.5 text-warn" strokeWidth={1.75} />}
            {naming ?? <Name name={entry.name} raw={entry.raw} />}
            <EntryMarks id={entry.id} />
          </div>
        </>
      )}
    </div>
  );
});

/** The picture of an entry, or the icon of its kind; either in the same box. */
function Face({ entry, deep, size }: { entry: Entry; deep: boolean; size: number }) {
  const thumb = useThumb(entry, size > 200 ? "thumb512" : "thumb256", deep || entry.size <= unasked);
  const [broken, setBroken] = useState("");
  const blur = useBlur(thumb?.state === "waiting" ? entry : undefined);
  const url = thumb?.state === "ready" && thumb.url !== broken ? thumb.url : undefined;
  return (
    <div data-handle draggable className="flex items-center justify-center" style={{ height: size }}>
      {url === undefined && blur !== undefined ? (
        <Blur hash={blur} className="h-full max-w-full rounded-sm" />
      ) : url === undefined ? (
        <EntryIcon entry={entry} className={cx("size-14", thumb?.state === "waiting" && "opacity-60")} />
      ) : (
        <img src={url} alt="" draggable={false} onError={() => setBroken(url)} className="max-h-full max-w-full rounded-sm object-contain shadow-[0_0_0_1px_var(--color-line)] animate-[appear_160ms_ease-out]" />
      )}
    </div>
  );
}
