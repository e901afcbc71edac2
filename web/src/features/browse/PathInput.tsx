import { type KeyboardEvent, type SyntheticEvent, useEffect, useRef, useState } from "react";
import { useGo } from "@/app/go";
import { asApiError } from "@/api/errors";
import { cx } from "@/ui/cx";
import { Name } from "@/ui/Name";
import { plainName } from "@/ui/names";
import { openEntryList } from "./list-focus";
import { usePathCompletion } from "./path-completion";
import { resolvePath } from "./place";

const leave = () => openEntryList()?.focus();

/** A path as text: it is completed as it is typed, and Enter goes there. */
export function PathInput({ path, close }: { path: string; close: () => void }) {
  const go = useGo();
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(path);
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const [at, setAt] = useState(-1);
  const found = usePathCompletion(typed, typed !== path && !busy);
  useEffect(() => {
    input.current?.focus();
    input.current?.select();
  }, []);
  const take = (next: string) => {
    setTyped(next.endsWith("/") ? next : `${next}/`);
    setAt(-1);
    input.current?.focus();
  };
  const visit = async (wanted: string) => {
    if (wanted === "") { close(); return; }
    setBusy(true);
    try {
      const { address, select } = await resolvePath(wanted);
      close();
      go(address, select);
      leave();
    } catch (thrown) {
      const e = asApiError(thrown);
      setProblem(e.kind === "not_found" ? `There is nothing at ${plainName(wanted)}.` : `${e.message} ${e.remedy}`.trim());
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    void visit(found[at]?.path ?? typed.trim());
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      close();
      leave();
    } else if (event.key === "Tab" && !event.shiftKey && found.length > 0) {
      take(found[Math.max(at, 0)]?.path ?? typed);
    } else if (event.key === "ArrowDown" && found.length > 0) {
      setAt(at >= found.length - 1 ? -1 : at + 1);
    } else if (event.key === "ArrowUp" && found.length > 0) {
      setAt(at < 0 ? found.length - 1 : at - 1);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <form onSubmit={submit} className="min-w-0 flex-1">
      <input
        ref={input}
        role="combobox"
        aria-label="Path"
        aria-invalid={problem !== ""}
        aria-describedby={problem === "" ? undefined : "path-problem"}
        aria-expanded={found.length > 0}
        aria-controls="path-completions"
        aria-autocomplete="list"
        aria-activedescendant={at >= 0 ? `path-completion-${at}` : undefined}
        value={typed}
        readOnly={busy}
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="off"
        onBlur={() => {
          if (!busy) close();
        }}
        onChange={(event) => {
          setTyped(event.target.value);
          setProblem("");
          setAt(-1);
        }}
        onKeyDown={onKeyDown}
        className="h-8 w-full rounded-md border border-accent bg-surface px-2.5 font-mono text-xs outline-none"
      />
      {problem !== "" && (
        <p id="path-problem" role="alert" className="absolute top-9 left-0 z-30 rounded-md border border-line bg-raised px-3 py-2 text-bad shadow-pop">
          {problem}
        </p>
      )}
      <div id="path-completions" role="listbox" aria-label="Folders" className={cx("absolute inset-x-0 top-9 z-30 rounded-md border border-line bg-raised p-1 shadow-pop", (found.length === 0 || problem !== "") && "hidden")}>
        {found.map(({ name, path: full }, i) => (
          // The keys are those of the field above.
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
          <div
            key={full}
            id={`path-completion-${i}`}
            role="option"
            aria-selected={i === at}
            onMouseDown={(event) => event.preventDefault()} // the field keeps the focus
            onClick={() => take(full)}
            className={cx("truncate rounded px-2 py-1", i === at ? "bg-accent-soft" : "hover:bg-hover")}
          >
            <Name name={name} />
          </div>
        ))}
      </div>
    </form>
  );
}
