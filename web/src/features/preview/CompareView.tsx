import { useQuery } from "@tanstack/react-query";
import { ArrowLeftRight } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { entryQuery } from "@/api/queries";
import type { Entry } from "@/api/types";
import { addressOf, keyOf } from "@/features/browse/address";
import { isPictured } from "@/features/thumbs/use-thumb";
import { IconButton } from "@/ui/Button";
import { bytes, count, shortTime } from "@/ui/format";
import { Name } from "@/ui/Name";
import { Preview } from "./Preview";
import { type Near, nextImage } from "./walk";
import { fitted } from "./zoom";
import { ZoomBox } from "./ZoomBox";

interface CompareViewProps {
  first: Entry;
  second: Entry;
  near: Near;
  /** Leads back to one picture. */
  leave: () => void;
}

/** Two pictures side by side, looked at from near in step; the arrows bring others to the right. */
export function CompareView({ first, second, near, leave }: CompareViewProps) {
  const [[left, right], setPair] = useState([first, second]);
  const [look, setLook] = useState(fitted);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  const bring = (by: 1 | -1) => {
    const next = nextImage(near, right, by, left);
    if (next) setPair([left, next]);
  };
  const swap = () => setPair([right, left]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowLeft") bring(-1);
    else if (event.key === "ArrowRight") bring(1);
    else if (event.key === "x" || event.key === "X") swap();
    else if (event.key === "Escape" || event.key === "c" || event.key === "C") leave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- keys of what is in it
    <div ref={box} tabIndex={-1} onKeyDown={onKeyDown} data-compare className="relative grid h-full w-full grid-cols-2 gap-2 outline-none max-sm:grid-cols-1 max-sm:grid-rows-2">
      {[left, right].map((entry, i) => (
        <figure key={i} aria-label={i === 0 ? "Left" : "Right"} className="flex min-h-0 min-w-0 flex-col gap-1">
          <div className="min-h-0 flex-1 [container-type:size]">
            <ZoomBox look={look} setLook={setLook} bare={i === 0}>
              <Preview key={keyOf(entry)} entry={entry} />
            </ZoomBox>
          </div>
          <PictureFacts entry={entry} />
        </figure>
      ))}
      <IconButton icon={ArrowLeftRight} label="Change sides" keys="X" small onClick={swap} className="absolute top-2 left-1/2 -translate-x-1/2 border border-line bg-raised shadow-pop" />
    </div>
  );
}

function PictureFacts({ entry }: { entry: Entry }) {
  const info = useQuery({ ...entryQuery(addressOf(entry)), enabled: isPictured(entry) });
  const { width = 0, height = 0 } = info.data?.facts ?? {};
  return (
    <figcaption className="flex min-w-0 flex-wrap gap-x-3 text-xs text-soft">
      <span className="min-w-0 truncate font-semibold text-ink"><Name name={entry.name} raw={entry.raw} /></span>
      {width > 0 && <span className="tabular">{count(width)} × {count(height)}</span>}
      <span className="tabular">{bytes(entry.size)}</span>
      <span>{shortTime(info.data?.facts?.taken ?? entry.modified)}</span>
    </figcaption>
  );
}
