import { ChevronLeft, ChevronRight, Columns2, Download, Play } from "lucide-react";
import { lazy, Suspense, useCallback, useRef, useState } from "react";
import type { Entry } from "@/api/types";
import { IconButton } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { bytes, fullTime } from "@/ui/format";
import { Name } from "@/ui/Name";
import { Waiting } from "@/ui/Note";
import { keyOf } from "@/features/browse/address";
import { sortOf } from "@/features/kinds/kinds";
import { download } from "./download";
import { FileContent } from "./FileContent";
import { type Way, waysOf } from "./ways";
import { companion, isImage, type Near } from "./walk";

interface QuickViewProps {
  entry: Entry;
  near: Near;
  /** Makes another file the one that is looked at. */
  show: (entry: Entry) => void;
  onClose: () => void;
}

const CompareView = lazy(async () => ({ default: (await import("./CompareView")).CompareView }));
const Slideshow = lazy(async () => ({ default: (await import("./Slideshow")).Slideshow }));

/** A file, large: what opening means here. The arrow keys walk through the folder. */
export function QuickView({ entry, near, show, onClose }: QuickViewProps) {
  const ways = waysOf(entry);
  const [chosen, setChosen] = useState<Way>("view");
  const way = ways.some(([one]) => one === chosen) ? chosen : "view";
  const [mode, setMode] = useState<"one" | "compare" | "slides">("one");
  const [before, after] = [near(entry, -1), near(entry, 1)];
  const other = isImage(entry) ? companion(near, entry) : undefined;
  const box = useRef<HTMLDivElement>(null);
  const leave = useCallback(() => {
    setMode("one");
    box.current?.closest("dialog")?.focus(); // what had the focus goes
  }, []);
  const one = mode === "one" || other === undefined;
  return (
    <Dialog
      title={<Name name={entry.name} raw={entry.raw} />}
      onClose={onClose}
      size="large"
      onKeyDown={(event) => {
        const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
        if (event.target instanceof HTMLMediaElement || (event.target instanceof Element && event.target.matches("input, select"))) return; // keys of their own
        if (event.key === "ArrowLeft" && before) show(before);
        else if (event.key === "ArrowRight" && after) show(after);
        else if (plain && other && event.key.toLowerCase() === "c") setMode("compare");
        else if (plain && other && event.key.toLowerCase() === "s") setMode("slides");
        else if (event.key === " " && !(event.target instanceof HTMLButtonElement)) onClose();
      }}
      tools={
        <>
          {other && (
            <>
              <IconButton icon={Columns2} label="Compare with another picture" keys="C" small aria-pressed={mode === "compare"} onClick={() => setMode(mode === "compare" ? "one" : "compare")} />
              <IconButton icon={Play} label="Slideshow" keys="S" small onClick={() => setMode("slides")} />
            </>
          )}
          {ways.length > 1 && (
            <select aria-label="Shown as" value={way} onChange={(event) => setChosen(event.target.value as Way)} className="h-6 rounded border border-line bg-surface px-1 text-xs pointer-coarse:h-9">
              {ways.map(([one, words]) => (
                <option key={one} value={one}>
                  {words}
                </option>
              ))}
            </select>
          )}
          <IconButton icon={ChevronLeft} label="Previous file" keys="←" small disabled={!before || !one} onClick={() => before && show(before)} />
          <IconButton icon={ChevronRight} label="Next file" keys="→" small disabled={!after || !one} onClick={() => after && show(after)} />
          {entry.kind === "file" && entry.state === "present" && (
            <IconButton icon={Download} label="Download" small onClick={() => void download([entry])} />
          )}
        </>
      }
    >
      <div ref={box} className="flex min-h-0 flex-1 items-center justify-center bg-sunken p-3 [container-type:size]" data-quick-view>
        {one ? (
          <FileContent key={`${entry.id} ${entry.path} ${way}`} entry={entry} way={way} />
        ) : (
          <Suspense fallback={<Waiting>Opening…</Waiting>}>
            {mode === "compare" ? <CompareView key={keyOf(entry)} first={entry} second={other} near={near} leave={leave} /> : <Slideshow entry={entry} near={near} show={show} leave={leave} />}
          </Suspense>
        )}
      </div>
      <footer className="flex flex-wrap gap-x-4 border-t border-line px-4 py-2 text-xs text-soft">
        <span>{sortOf(entry).label}</span>
        <span className="tabular">{bytes(entry.size)}</span>
        <span>{fullTime(entry.modified)}</span>
      </footer>
    </Dialog>
  );
}
