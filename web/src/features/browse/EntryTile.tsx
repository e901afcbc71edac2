import { memo, useState } from "react";
import { EntryIcon } from "@/features/kinds/EntryIcon";
import { useThumb } from "@/features/thumbs/use-thumb";
import type { Entry } from "@/api/types";
import { cx } from "@/ui/cx";
import { Name } from "@/ui/Name";
import { plainName } from "@/ui/names";
import { stateMark } from "./EntryRow";

/** What a tile takes, with the space around it. */
export const tileHeight = 186;
const tileWidth = 156;

/** How many tiles stand side by side in a list of this width. */
export function tilesAcross(width: number): number {
  return Math.max(Math.floor((width - 12) / tileWidth), 2);
}

// Whole files are read to make pictures where nothing is known of them yet: of
// larger ones than this only where the location asks for it.
const unasked = 64_000_000;

interface TileProps {
  id: string;
  index: number;
  entry: Entry | undefined;
  selected: boolean;
  cursor: boolean;
  /** Everything here is looked into anyway. */
  deep: boolean;
}

/** An entry as a picture with its name below. Clicks are handled by the list, which finds the tile by data-index. */
export const EntryTile = memo(function EntryTile({ id, index, entry, selected, cursor, deep }: TileProps) {
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
        selected ? "bg-accent-faint group-focus-visible/list:bg-accent-soft group-focus/list:bg-accent-soft" : "hover:bg-hover",
        cursor && "group-focus-visible/list:ring-2 group-focus-visible/list:ring-accent group-focus-visible/list:ring-inset",
      )}
    >
      {entry === undefined ? (
        <>
          <span className="sr-only">Loading</span>
          <span aria-hidden className="h-32 rounded bg-line" />
          <span aria-hidden className="mx-auto h-2.5 w-2/3 rounded bg-line" />
        </>
      ) : (
        <>
          <Face entry={entry} deep={deep} />
          <div className={cx("line-clamp-2 min-h-0 text-center text-xs break-words", (entry.hidden || mark !== undefined) && "text-soft")}>
            {mark && <mark.icon role="img" aria-label={mark.label} className="mr-1 inline size-3.5 text-warn" strokeWidth={1.75} />}
            <Name name={entry.name} raw={entry.raw} />
          </div>
        </>
      )}
    </div>
  );
});

/** The picture of an entry, or the icon of its kind; either in the same box. */
function Face({ entry, deep }: { entry: Entry; deep: boolean }) {
  const thumb = useThumb(entry, "thumb256", deep || entry.size <= unasked);
  const [broken, setBroken] = useState("");
  const url = thumb?.state === "ready" && thumb.url !== broken ? thumb.url : undefined;
  return (
    <div className="flex h-32 items-center justify-center">
      {url === undefined ? (
        <EntryIcon entry={entry} className={cx("size-14", thumb?.state === "waiting" && "opacity-60")} />
      ) : (
        <img src={url} alt="" draggable={false} onError={() => setBroken(url)} className="max-h-full max-w-full rounded-sm object-contain shadow-[0_0_0_1px_var(--color-line)] animate-[appear_160ms_ease-out]" />
      )}
    </div>
  );
}
