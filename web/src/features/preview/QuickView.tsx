import { ChevronLeft, ChevronRight, Download } from "lucide-react";
import type { Entry } from "@/api/types";
import { IconButton } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { bytes, fullTime } from "@/ui/format";
import { Name } from "@/ui/Name";
import { sortOf } from "@/features/kinds/kinds";
import { download } from "./download";
import { Preview } from "./Preview";

interface QuickViewProps {
  entry: Entry;
  /** Shows the file before (-1) or after (1); undefined when there is none. */
  step: (by: 1 | -1) => (() => void) | undefined;
  onClose: () => void;
}

/** A file, large: what opening means here. The arrow keys walk through the folder. */
export function QuickView({ entry, step, onClose }: QuickViewProps) {
  const before = step(-1);
  const after = step(1);
  return (
    <Dialog
      title={<Name name={entry.name} raw={entry.raw} />}
      onClose={onClose}
      size="large"
      onKeyDown={(event) => {
        if (event.target instanceof HTMLMediaElement) return; // arrows seek there
        if (event.key === "ArrowLeft") before?.();
        else if (event.key === "ArrowRight") after?.();
        else if (event.key === " " && !(event.target instanceof HTMLButtonElement)) onClose();
      }}
      tools={
        <>
          <IconButton icon={ChevronLeft} label="Previous file" keys="←" small disabled={!before} onClick={before} />
          <IconButton icon={ChevronRight} label="Next file" keys="→" small disabled={!after} onClick={after} />
          {entry.kind === "file" && entry.id !== "" && entry.state === "present" && (
            <IconButton icon={Download} label="Download" small onClick={() => download(entry)} />
          )}
        </>
      }
    >
      <div className="flex min-h-0 flex-1 items-center justify-center bg-sunken p-3 [container-type:size]" data-quick-view>
        <Preview entry={entry} />
      </div>
      <footer className="flex flex-wrap gap-x-4 border-t border-line px-4 py-2 text-xs text-soft">
        <span>{sortOf(entry).label}</span>
        <span className="tabular">{bytes(entry.size)}</span>
        <span>{fullTime(entry.modified)}</span>
      </footer>
    </Dialog>
  );
}
