import { useQuery } from "@tanstack/react-query";
import { ChartNoAxesGantt } from "lucide-react";
import { type KeyboardEvent, useLayoutEffect, useRef, useState } from "react";
import { usageQuery } from "@/api/queries";
import type { Entry, EntryInfo } from "@/api/types";
import { keyOf } from "@/features/browse/address";
import { takeListFocus } from "@/features/browse/list-focus";
import { EntryIcon } from "@/features/kinds/EntryIcon";
import { sortOf } from "@/features/kinds/kinds";
import { cx } from "@/ui/cx";
import { bytes } from "@/ui/format";
import { Name } from "@/ui/Name";
import { EmptyNote, ErrorNote, Waiting } from "@/ui/Note";
import { plainName } from "@/ui/names";
import { boxes } from "./treemap";

const most = 120;

/** What takes the space in a folder: the larger, the larger its box. */
export function SizesView({ folder, open }: { folder: EntryInfo; open: (entry: Entry) => void }) {
  const usage = useQuery(usageQuery(folder.path, most));
  const room = useRef<HTMLUListElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const found = usage.data?.items.filter((entry) => entry.size > 0) ?? [];
  const drawn = found.length > 0;
  useLayoutEffect(() => {
    const element = room.current;
    if (!element) return;
    const look = () => setSize({ width: element.clientWidth, height: element.clientHeight });
    const observer = new ResizeObserver(look);
    observer.observe(element);
    look();
    takeListFocus(element.querySelector("button"));
    return () => observer.disconnect();
  }, [drawn, folder.path]);
  if (usage.error) return <ErrorNote error={usage.error} retry={() => void usage.refetch()} className="flex-1" />;
  if (usage.data === undefined) return <Waiting className="flex-1">Adding up what is in here…</Waiting>;
  if (!drawn) {
    return (
      <EmptyNote icon={ChartNoAxesGantt} title="Nothing here takes any space" className="flex-1">
        {folder.id === "" && "Folders that are not indexed are not added up. Add this one as a location."}
      </EmptyNote>
    );
  }
  const total = found.reduce((sum, entry) => sum + entry.size, 0) + usage.data.rest;
  const placed = boxes([...found.map((entry) => entry.size), ...(usage.data.rest > 0 ? [usage.data.rest] : [])].sort((a, b) => b - a), { x: 0, y: 0, ...size });
  // What is left over may be larger than some: it takes the box of its rank.
  const rest = usage.data.rest > 0 ? found.filter((entry) => entry.size >= usage.data.rest).length : -1;
  const boxOf = (i: number) => placed[rest >= 0 && i >= rest ? i + 1 : i];
  const onKeyDown = (event: KeyboardEvent) => {
    const all = [...event.currentTarget.querySelectorAll("button")];
    const at = all.findIndex((button) => button === document.activeElement);
    const by = event.key === "ArrowRight" || event.key === "ArrowDown" ? 1 : event.key === "ArrowLeft" || event.key === "ArrowUp" ? -1 : 0;
    if (by === 0 || event.altKey) return;
    event.preventDefault();
    all[Math.max(0, Math.min(at + by, all.length - 1))]?.focus();
  };
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the arrows walk through its buttons
    <ul ref={room} aria-label="What takes the space, the largest first" onKeyDown={onKeyDown} data-sizes className="relative m-2 min-h-0 flex-1 overflow-hidden">
      {found.map((entry, i) => {
        const box = boxOf(i);
        if (!box) return null;
        const wide = box.width > 60 && box.height > 34;
        const words = `${bytes(entry.size)}, ${percent(entry.size / total)}`;
        return (
          <li key={keyOf(entry)} className="absolute p-px" style={{ left: box.x, top: box.y, width: box.width, height: box.height }}>
            <button
              type="button"
              onClick={() => open(entry)}
              title={`${plainName(entry.name, entry.raw)}: ${words}`}
              aria-label={`${plainName(entry.name, entry.raw)}, ${words}`}
              className={cx("ring-inside flex h-full w-full flex-col items-start gap-0.5 overflow-hidden rounded-sm p-1.5 text-left text-xs", tone(entry), "hover:brightness-95 dark:hover:brightness-125")}
            >
              {wide && (
                <>
                  <span className="flex max-w-full items-center gap-1.5">
                    <EntryIcon entry={entry} className="size-4" />
                    <Name name={entry.name} raw={entry.raw} className="truncate font-medium" />
                  </span>
                  {box.height > 52 && <span className="text-soft tabular">{words}</span>}
                </>
              )}
            </button>
          </li>
        );
      })}
      {rest >= 0 && placed[rest] && (
        <li className="absolute p-px" style={{ left: placed[rest].x, top: placed[rest].y, width: placed[rest].width, height: placed[rest].height }}>
          <span className="flex h-full w-full overflow-hidden rounded-sm bg-sunken p-1.5 text-xs text-soft">Everything else, {bytes(usage.data.rest)}</span>
        </li>
      )}
    </ul>
  );
}

const percent = (share: number) => (share < 0.001 ? "under 0.1 %" : `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`);

function tone(entry: Entry): string {
  if (entry.kind === "folder") return "bg-accent-soft";
  const { family } = sortOf(entry);
  if (family === "image" || family === "video" || family === "audio") return "bg-kind-image/15";
  return family === "archive" || family === "disk" ? "bg-kind-archive/15" : "bg-kind-document/15";
}
