import { Pause, Play, StepBack, StepForward, X } from "lucide-react";
import { type KeyboardEvent, useEffect, useEffectEvent, useRef, useState } from "react";
import type { Entry } from "@/api/types";
import { keyOf } from "@/features/browse/address";
import { IconButton } from "@/ui/Button";
import { Name } from "@/ui/Name";
import { Preview } from "./Preview";
import { type Near, nextImage } from "./walk";

const paces = [3, 5, 10, 30];

interface SlideshowProps {
  entry: Entry;
  near: Near;
  /** Makes another picture the one that is looked at. */
  show: (entry: Entry) => void;
  leave: () => void;
}

/** One picture after the other, over the whole screen where the browser lets it; to the end, and no further. */
export function Slideshow({ entry, near, show, leave }: SlideshowProps) {
  const box = useRef<HTMLDivElement>(null);
  const [seconds, setSeconds] = useState(5);
  const [running, setRunning] = useState(true);
  const next = nextImage(near, entry, 1);
  const before = nextImage(near, entry, -1);
  const plays = running && next !== undefined;
  const goOn = useEffectEvent(() => next && show(next));
  const current = keyOf(entry);
  useEffect(() => {
    if (!plays) return;
    const timer = setTimeout(goOn, seconds * 1000);
    return () => clearTimeout(timer);
  }, [plays, current, seconds]);
  useEffect(() => {
    const element = box.current;
    element?.focus();
    if (document.fullscreenEnabled) element?.requestFullscreen().catch(() => undefined); // without, it is as large as the dialog
    return () => {
      if (document.fullscreenElement === element && element) void document.exitFullscreen().catch(() => undefined);
    };
  }, []);
  useEffect(() => {
    const left = () => {
      if (document.fullscreenElement === null) leave(); // by the browser's own Escape
    };
    document.addEventListener("fullscreenchange", left);
    return () => document.removeEventListener("fullscreenchange", left);
  }, [leave]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLSelectElement) return;
    if (event.key === "ArrowRight" && next) show(next);
    else if (event.key === "ArrowLeft" && before) show(before);
    else if (event.key === " " && !(event.target instanceof HTMLButtonElement)) setRunning(!running);
    else if (event.key === "Escape" || event.key === "s" || event.key === "S") leave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- keys of what is in it
    <div ref={box} tabIndex={-1} onKeyDown={onKeyDown} data-slideshow={plays ? "runs" : "rests"} className="group flex h-full w-full flex-col bg-sunken outline-none">
      <div className="flex min-h-0 flex-1 items-center justify-center [container-type:size]">
        <Preview key={current} entry={entry} />
      </div>
      <div role="group" aria-label="Slideshow" className="flex items-center gap-1.5 border-t border-line bg-raised px-3 py-1.5 text-xs text-soft">
        <IconButton icon={StepBack} small label="Picture before" keys="←" disabled={!before} onClick={() => before && show(before)} />
        <IconButton icon={running ? Pause : Play} small label={running ? "Pause" : "Go on"} keys="Space" onClick={() => setRunning(!running)} />
        <IconButton icon={StepForward} small label="Next picture" keys="→" disabled={!next} onClick={() => next && show(next)} />
        <select aria-label="Seconds for each picture" value={seconds} onChange={(event) => setSeconds(Number(event.target.value))} className="h-6 rounded border border-line bg-surface px-1 pointer-coarse:h-9">
          {paces.map((pace) => <option key={pace} value={pace}>{pace} s</option>)}
        </select>
        <span aria-live="off" className="min-w-0 flex-1 truncate text-ink"><Name name={entry.name} raw={entry.raw} /></span>
        {!next && <span>The last picture.</span>}
        <IconButton icon={X} small label="End the slideshow" keys="Esc" onClick={leave} />
      </div>
    </div>
  );
}
