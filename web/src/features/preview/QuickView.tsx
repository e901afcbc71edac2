import { ChevronLeft, ChevronRight, Download } from "lucide-react";
import { useState } from "react";
import type { Entry } from "@/api/types";
import { IconButton } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { bytes, fullTime } from "@/ui/format";
import { Name } from "@/ui/Name";
import { sortOf } from "@/features/kinds/kinds";
import { download } from "./download";
import { FileContent } from "./FileContent";
import { type Way, waysOf } from "./ways";

interface QuickViewProps {
  entry: Entry;
  /** Shows the file before (-1) or after (1); undefined when there is none. */
  step: (by: 1 | -1) => (() => void) | undefined;
  onClose: () => void;
}

/** A file, large: what opening means here. The arrow keys walk through the folder. */
export function QuickView({ entry, step, onClose }: QuickViewProps) {
  const ways = waysOf(entry);
  const [chosen, setChosen] = useState<Way>("view");
  const way = ways.some(([one]) => one === chosen) ? chosen : "view";
  const before = step(-1);
  const after = step(1);
  return (
    <Dialog
      title={<Name name={entry.name} raw={entry.raw} />}
      onClose={onClose}
      size="large"
      onKeyDown={(event) => {
        if (event.target instanceof HTMLMediaElement || (event.target instanceof Element && event.target.matches("input, select"))) return; // keys of their own
        if (event.key === "ArrowLeft") before?.();
        else if (event.key === "ArrowRight") after?.();
        else if (event.key === " " && !(event.target instanceof HTMLButtonElement)) onClose();
      }}
      tools={
        <>
          {ways.length > 1 && (
            <select aria-label="Shown as" value={way} onChange={(event) => setChosen(event.target.value as Way)} className="h-6 rounded border border-line bg-surface px-1 text-xs pointer-coarse:h-9">
              {ways.map(([one, words]) => (
                <option key={one} value={one}>
                  {words}
                </option>
              ))}
            </select>
          )}
          <IconButton icon={ChevronLeft} label="Previous file" keys="←" small disabled={!before} onClick={before} />
          <IconButton icon={ChevronRight} label="Next file" keys="→" small disabled={!after} onClick={after} />
          {entry.kind === "file" && entry.state === "present" && (
            <IconButton icon={Download} label="Download" small onClick={() => void download([entry])} />
          )}
        </>
      }
    >
      <div className="flex min-h-0 flex-1 items-center justify-center bg-sunken p-3 [container-type:size]" data-quick-view>
        <FileContent key={`${entry.id} ${entry.path} ${way}`} entry={entry} way={way} />
      </div>
      <footer className="flex flex-wrap gap-x-4 border-t border-line px-4 py-2 text-xs text-soft">
        <span>{sortOf(entry).label}</span>
        <span className="tabular">{bytes(entry.size)}</span>
        <span>{fullTime(entry.modified)}</span>
      </footer>
    </Dialog>
  );
}
