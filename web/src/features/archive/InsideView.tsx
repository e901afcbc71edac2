import { ArrowLeft, ChevronLeft, ChevronRight, Download } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef } from "react";
import { FileContent } from "@/features/preview/FileContent";
import { download } from "@/features/preview/download";
import { Button, IconButton } from "@/ui/Button";
import { bytes } from "@/ui/format";
import { Name } from "@/ui/Name";
import type { Inside } from "./inside";

interface InsideViewProps {
  file: Inside;
  step: (by: 1 | -1) => (() => void) | undefined;
  back: () => void;
}

/** A file of an archive, looked into without unpacking it; Escape leads back to the list. */
export function InsideView({ file, step, back }: InsideViewProps) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  const before = step(-1);
  const after = step(1);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLMediaElement || (event.target instanceof Element && event.target.matches("input, select"))) return;
    if (event.key === "Escape" || event.key === "Backspace" || (event.key === " " && !(event.target instanceof HTMLButtonElement))) back();
    else if (event.key === "ArrowLeft") before?.();
    else if (event.key === "ArrowRight") after?.();
    else return;
    event.preventDefault(); // Escape would close the dialog
    event.stopPropagation();
  };
  return (
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- keys of what is in it
    <div ref={box} tabIndex={-1} onKeyDown={onKeyDown} className="flex h-full w-full min-w-0 flex-col gap-2 outline-none" data-inside>
      <div className="flex min-w-0 items-center gap-2 text-sm">
        <Button icon={ArrowLeft} className="h-7 px-2 text-xs" onClick={back}>Back</Button>
        <span className="min-w-0 flex-1 truncate"><Name name={file.name} /></span>
        <span className="text-xs text-soft tabular max-sm:hidden">{bytes(file.size)}</span>
        <IconButton icon={ChevronLeft} small label="Previous in the archive" keys="←" disabled={!before} onClick={before} />
        <IconButton icon={ChevronRight} small label="Next in the archive" keys="→" disabled={!after} onClick={after} />
        <IconButton icon={Download} small label="Download this file" onClick={() => void download([file])} />
      </div>
      <div className="flex min-h-0 flex-1 items-center justify-center [container-type:size]">
        <FileContent entry={file} way="view" />
      </div>
    </div>
  );
}
