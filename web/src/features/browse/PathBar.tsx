import { ChevronRight, HardDrive, PencilLine } from "lucide-react";
import { type SyntheticEvent, useEffect, useRef, useState } from "react";
import { useGo } from "@/app/go";
import { ops } from "@/gen/client";
import { asApiError } from "@/api/errors";
import { IconButton } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { Name } from "@/ui/Name";
import { plainName } from "@/ui/names";
import { type Address, addressOf, type Crumb } from "./address";
import { placeOf } from "./place";

/** Finds out what a typed path is, and where to go for it: a folder itself, or a file's folder. */
async function resolve(path: string): Promise<{ address: Address; select?: string }> {
  const entry = await ops.entryInfo({ path });
  return entry.kind === "folder" ? { address: addressOf(entry) } : placeOf(entry);
}

interface PathBarProps {
  crumbs: Crumb[];
  /** The path as text, to be edited. */
  path: string;
  editing: boolean;
  setEditing: (editing: boolean) => void;
}

/** The way to the open folder. A click on a part goes there; the whole can be edited as text. */
export function PathBar({ crumbs, path, editing, setEditing }: PathBarProps) {
  return (
    <div className="relative flex min-w-0 flex-1 items-center">
      {editing ? <PathInput key={path} path={path} close={() => setEditing(false)} /> : <Crumbs crumbs={crumbs} edit={() => setEditing(true)} />}
    </div>
  );
}

function Crumbs({ crumbs, edit }: { crumbs: Crumb[]; edit: () => void }) {
  const go = useGo();
  const strip = useRef<HTMLOListElement>(null);
  useEffect(() => {
    const list = strip.current;
    if (list) list.scrollLeft = list.scrollWidth; // the end matters most
  }, [crumbs]);
  return (
    <nav aria-label="Path" className="group flex h-8 min-w-0 flex-1 items-center rounded-md border border-transparent hover:border-line">
      <ol ref={strip} className="flex min-w-0 items-center overflow-x-auto [scrollbar-width:none]">
        {crumbs.map((crumb, i) => {
          const last = i === crumbs.length - 1;
          return (
            <li key={`${crumb.address.id ?? ""}${crumb.address.path ?? ""}`} className="flex shrink-0 items-center">
              {i > 0 && <ChevronRight aria-hidden className="size-3.5 shrink-0 text-faint" />}
              <button
                type="button"
                aria-current={last ? "location" : undefined}
                onClick={() => go(crumb.address, crumbs[i + 1]?.path)}
                className={cx("flex h-7 max-w-56 items-center gap-1.5 rounded px-1.5 hover:bg-hover", last ? "font-semibold text-ink" : "text-soft hover:text-ink")}
              >
                {i === 0 && <HardDrive role="img" aria-label="Volume" className="size-4 shrink-0" strokeWidth={1.6} />}
                {crumb.name !== "/" && <Name name={crumb.name} className="truncate" />}
              </button>
            </li>
          );
        })}
      </ol>
      {/* The empty rest of the bar, for the mouse; the button beside it does the same for everybody. */}
      <button type="button" tabIndex={-1} aria-hidden onClick={edit} className="h-full min-w-4 flex-1 cursor-text" />
      <IconButton icon={PencilLine} label="Edit the path" keys="F4" small onClick={edit} className="mr-0.5 opacity-0 group-hover:opacity-100 focus-visible:opacity-100 pointer-coarse:hidden" />
    </nav>
  );
}

function PathInput({ path, close }: { path: string; close: () => void }) {
  const go = useGo();
  const input = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    input.current?.focus();
    input.current?.select();
  }, []);

  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    const typed = input.current?.value.trim() ?? "";
    if (typed === "") {
      close();
      return;
    }
    setBusy(true);
    try {
      const { address, select } = await resolve(typed);
      close();
      go(address, select);
      document.querySelector<HTMLElement>("[data-entry-list]")?.focus();
    } catch (thrown) {
      const e = asApiError(thrown);
      setProblem(e.kind === "not_found" ? `There is nothing at ${plainName(typed)}.` : `${e.message} ${e.remedy}`.trim());
    } finally {
      setBusy(false);
    }
  };

  return (
    <form onSubmit={(event) => void submit(event)} className="min-w-0 flex-1">
      <input
        ref={input}
        aria-label="Path"
        aria-invalid={problem !== ""}
        aria-describedby={problem === "" ? undefined : "path-problem"}
        defaultValue={path}
        readOnly={busy}
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="off"
        onBlur={() => {
          if (!busy) close();
        }}
        onChange={() => setProblem("")}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.stopPropagation();
          close();
          document.querySelector<HTMLElement>("[data-entry-list]")?.focus();
        }}
        className="h-8 w-full rounded-md border border-accent bg-surface px-2.5 font-mono text-xs outline-none"
      />
      {problem !== "" && (
        <p id="path-problem" role="alert" className="absolute top-9 left-0 z-30 rounded-md border border-line bg-raised px-3 py-2 text-bad shadow-pop">
          {problem}
        </p>
      )}
    </form>
  );
}
