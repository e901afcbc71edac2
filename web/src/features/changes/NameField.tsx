import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import type { Entry } from "@/api/types";
import { cx } from "@/ui/cx";
import { nameFault, stemEnd } from "./names";

/** A name in its list, while it is changed: Enter takes the new one, Escape leaves the old one. */
export function NameField({ entry, done }: { entry: Entry; done: (name: string | undefined) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const [name, setName] = useState(entry.name);
  const ended = useRef(false);
  const fault = nameFault(name);
  const [first] = useState(entry); // its list may be read anew while somebody types
  useEffect(() => {
    input.current?.focus();
    input.current?.setSelectionRange(0, stemEnd(first.name, first.kind === "folder"));
  }, [first]);
  const end = (take: boolean) => {
    if (ended.current || (take && fault !== "")) return;
    ended.current = true;
    done(take && name !== first.name ? name : undefined);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === "Enter") end(true);
    else if (event.key === "Escape") end(false);
    else return;
    event.preventDefault();
  };
  return (
    <input
      ref={input}
      aria-label="New name"
      aria-invalid={fault !== ""}
      title={fault}
      value={name}
      spellCheck={false}
      autoComplete="off"
      onChange={(event) => setName(event.target.value)}
      onKeyDown={onKeyDown}
      onBlur={() => end(fault === "")}
      className={cx("h-6 w-full min-w-40 rounded border bg-surface px-1 text-sm outline-none select-text", fault === "" ? "border-accent" : "border-bad")}
    />
  );
}
