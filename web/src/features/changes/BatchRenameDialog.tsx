import { type SyntheticEvent, useRef, useState } from "react";
import type { Entry } from "@/api/types";
import { ops } from "@/gen/client";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { countOf } from "@/ui/format";
import { refsOf } from "./clipboard";
import { propose } from "./flow";

const parts: readonly [string, string][] = [["{n}", "a counter"], ["{n3}", "one of three digits"], ["{date}", "the day"], ["{time}", "the time"], ["{name}", "the old name"], ["{ext}", "the extension"]];

/** Other names for many things, by a pattern. The plan then shows every name before anything is done. */
export function BatchRenameDialog({ entries, onClose }: { entries: readonly Entry[]; onClose: () => void }) {
  const field = useRef<HTMLInputElement>(null);
  const [find, setFind] = useState("");
  const [replace, setReplace] = useState("");
  const [regex, setRegex] = useState(false);
  const [start, setStart] = useState(1);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    onClose();
    void propose(() => ops.filesBatchRename({ ...refsOf(entries), find, replace, regex, start }));
  };
  const look = "h-9 rounded-md border border-line-strong bg-surface px-2.5 font-mono";
  return (
    <Dialog title={`Rename ${countOf(entries.length, "thing")}`} onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-3 p-4">
        <label className="flex flex-col gap-1">
          Look for (empty: the whole name)
          <input value={find} spellCheck={false} autoComplete="off" onChange={(event) => setFind(event.target.value)} className={look} />
        </label>
        <label className="flex flex-col gap-1">
          Put in its place
          <input ref={field} data-first-focus value={replace} spellCheck={false} autoComplete="off" onChange={(event) => setReplace(event.target.value)} className={look} />
        </label>
        <div role="group" aria-label="Parts to put in" className="flex flex-wrap gap-1.5">
          {parts.map(([part, words]) => (
            <Button key={part} onClick={() => {
                setReplace(replace + part);
                field.current?.focus();
              }} title={words} className="font-mono text-xs">
              {part}
            </Button>
          ))}
        </div>
        <div className="flex flex-wrap items-center gap-4">
          <label className="flex items-center gap-2">
            <input type="checkbox" checked={regex} onChange={(event) => setRegex(event.target.checked)} className="accent-accent" />
            Regular expression
          </label>
          <label className="flex items-center gap-2">
            Count from
            <input type="number" min={0} value={start} onChange={(event) => setStart(Math.max(0, Number(event.target.value)))} className="h-8 w-20 rounded-md border border-line-strong bg-surface px-2" />
          </label>
        </div>
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" disabled={replace === "" && find === ""}>Show the new names</Button>
        </div>
      </form>
    </Dialog>
  );
}
