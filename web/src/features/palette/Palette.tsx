import { type KeyboardEvent, useId, useLayoutEffect, useRef, useState } from "react";
import { cx } from "@/ui/cx";
import { Name } from "@/ui/Name";
import { type Choice, useChoices } from "./use-choices";

/** Everything that can be done or gone to, by a few letters of its name. */
export function Palette({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const choices = useChoices(typed);
  const id = useId();
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  const active = Math.min(at, choices.length - 1);
  const choose = (choice: Choice | undefined) => {
    if (choice === undefined) return;
    onClose();
    setTimeout(choice.run); // once the dialog has given the focus back
  };
  const move = (to: number) => {
    setAt(to);
    document.getElementById(`${id}-${to}`)?.scrollIntoView({ block: "nearest" });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    const last = choices.length - 1;
    if (event.key === "ArrowDown") move(active >= last ? 0 : active + 1);
    else if (event.key === "ArrowUp") move(active <= 0 ? last : active - 1);
    else if (event.key === "PageDown") move(Math.min(active + 8, last));
    else if (event.key === "PageUp") move(Math.max(active - 8, 0));
    else if (event.key === "Enter") choose(choices[active]);
    else return;
    event.preventDefault();
  };
  return (
    // A click beside it lands on the dialog itself; Escape comes as the cancel event.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <dialog
      ref={dialog}
      aria-label="Commands"
      onCancel={onClose}
      onClick={(event) => event.target === dialog.current && onClose()}
      onKeyDown={onKeyDown}
      className="mx-auto mt-[10vh] mb-auto max-h-[70vh] w-[min(36rem,calc(100vw-1.5rem))] overflow-hidden rounded-xl border border-line bg-raised p-0 shadow-pop outline-none animate-appear backdrop:bg-black/30"
    >
      <div className="flex max-h-[70vh] flex-col">
        <input
          // eslint-disable-next-line jsx-a11y/no-autofocus -- it was asked for by a key
          autoFocus
          role="combobox"
          aria-label="Command, place or setting"
          aria-expanded
          aria-controls={id}
          aria-activedescendant={active >= 0 ? `${id}-${active}` : undefined}
          aria-autocomplete="list"
          placeholder="A command, place, setting, or a path"
          value={typed}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => {
            setTyped(event.target.value);
            setAt(0);
          }}
          className="h-12 shrink-0 border-b border-line bg-transparent px-4 text-base outline-none placeholder:text-faint"
        />
        <div id={id} role="listbox" aria-label="Commands" className="min-h-0 overflow-y-auto p-1.5">
          {choices.map((choice, i) => (
            <div key={choice.key}>
              {choices[i - 1]?.group !== choice.group && <p aria-hidden className="px-2.5 pt-2 pb-1 text-xs font-medium text-soft">{choice.group}</p>}
              {/* The keys are those of the field above. */}
              {/* eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus */}
              <div
                id={`${id}-${i}`}
                role="option"
                aria-selected={i === active}
                onClick={() => choose(choice)}
                onPointerMove={() => setAt(i)}
                className={cx("flex h-9 items-center gap-2.5 rounded-md px-2.5 pointer-coarse:h-11", i === active && "bg-accent-soft")}
              >
                <choice.icon aria-hidden className="size-4 shrink-0 text-soft" strokeWidth={1.75} />
                <span className="shrink-0 truncate max-sm:min-w-0 max-sm:shrink">{choice.title}</span>
                {choice.more !== undefined && <Name name={choice.more} className="min-w-0 flex-1 truncate text-xs text-soft" />}
                {choice.keys !== undefined && <kbd className="ml-auto shrink-0 font-sans text-xs text-soft pointer-coarse:hidden">{choice.keys}</kbd>}
              </div>
            </div>
          ))}
          {choices.length === 0 && <p className="px-2.5 py-6 text-center text-soft">Nothing is called that.</p>}
        </div>
      </div>
    </dialog>
  );
}
