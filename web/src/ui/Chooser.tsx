import { type KeyboardEvent, type ReactNode, useId, useState } from "react";
import { cx } from "./cx";

interface ChooserProps<R extends { key: string }> {
  /** What the field is called, and says while it is empty. */
  label: string;
  listLabel: string;
  typed: string;
  setTyped: (typed: string) => void;
  rows: readonly R[];
  choose: (row: R) => void;
  /** Several can be on at the same time; undefined: one is chosen, and that is all. */
  isOn?: (row: R) => boolean;
  /** Between the field and the list. */
  between?: ReactNode;
  /** Said when nothing can be chosen. */
  none: ReactNode;
  children: (row: R) => ReactNode;
}

/** A field and what fits it below: letters narrow it, the arrows walk, Enter takes. */
export function Chooser<R extends { key: string }>({ label, listLabel, typed, setTyped, rows, choose, isOn, between, none, children }: ChooserProps<R>) {
  const [at, setAt] = useState(0);
  const id = useId();
  const active = Math.min(at, rows.length - 1);
  const move = (to: number) => {
    setAt(to);
    document.getElementById(`${id}-${to}`)?.scrollIntoView({ block: "nearest" });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const last = rows.length - 1;
    const row = rows[active];
    if (event.key === "ArrowDown") move(active >= last ? 0 : active + 1);
    else if (event.key === "ArrowUp") move(active <= 0 ? last : active - 1);
    else if (event.key === "Enter") {
      if (row) choose(row);
    } else return;
    event.preventDefault();
  };
  return (
    <>
      <input
        data-first-focus
        role="combobox"
        aria-label={label}
        aria-expanded
        aria-controls={id}
        aria-autocomplete="list"
        aria-activedescendant={active >= 0 ? `${id}-${active}` : undefined}
        placeholder={label}
        value={typed}
        spellCheck={false}
        autoComplete="off"
        maxLength={200}
        onChange={(event) => {
          setTyped(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
        className="h-11 w-full shrink-0 border-b border-line bg-transparent px-4 outline-none placeholder:text-faint"
      />
      {between}
      <div id={id} role="listbox" aria-label={listLabel} aria-multiselectable={isOn !== undefined} className="max-h-80 min-h-0 overflow-y-auto p-1.5 empty:hidden">
        {rows.map((row, i) => (
          // The keys are those of the field above.
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
          <div
            key={row.key}
            id={`${id}-${i}`}
            role="option"
            aria-selected={isOn ? isOn(row) : i === active}
            onClick={() => choose(row)}
            onPointerMove={() => setAt(i)}
            className={cx("flex h-8 items-center gap-2 rounded-md px-2 pointer-coarse:h-11", i === active && "bg-accent-soft")}
          >
            {children(row)}
          </div>
        ))}
      </div>
      {rows.length === 0 && <div className="px-4 py-5 text-center text-soft">{none}</div>}
    </>
  );
}
