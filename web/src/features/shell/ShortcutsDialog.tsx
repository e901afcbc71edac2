import { Keyboard, RotateCcw } from "lucide-react";
import { type KeyboardEvent, useState } from "react";
import { Button, IconButton } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { type CommandId, commandTable, listKeys } from "./command-table";
import { chooseKeys, chordOf, chordWords, commandAt, keysOf, useChosenKeys, withChord } from "./keymap";

const groups = [...new Set(commandTable.map(({ group }) => group))];

/** All keys, and a way to other ones. */
export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  const chosen = useChosenKeys();
  const [changing, setChanging] = useState<CommandId>();
  const [said, setSaid] = useState("");
  const hear = (event: KeyboardEvent, id: CommandId) => {
    if (event.key === "Tab") { setChanging(undefined); return; } // the way on is never taken
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") { setChanging(undefined); return; }
    const chord = chordOf(event);
    if (chord === "") return;
    const before = commandAt(chord, chosen);
    chooseKeys(withChord(chosen, id, chord));
    setChanging(undefined);
    const other = before === id ? undefined : commandTable.find((command) => command.id === before);
    setSaid(other ? `${chordWords(chord)} no longer means: ${other.title}.` : "");
  };
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose} size="medium">
      <div className="min-h-0 flex-1 overflow-y-auto p-4">
        <p role="status" className="text-warn">{said}</p>
        <section className="mb-4">
          <h3 className="mb-1 text-xs font-semibold text-soft">In lists</h3>
          <dl className="divide-y divide-line">
            {listKeys.map(([keys, what]) => (
              <div key={keys} className="flex items-baseline justify-between gap-4 py-1.5">
                <dd>{what}</dd>
                <dt className="order-last text-right">
                  <Key>{keys}</Key>
                </dt>
              </div>
            ))}
          </dl>
        </section>
        {groups.map((group) => (
          <section key={group} className="mb-4 last:mb-0">
            <h3 className="mb-1 text-xs font-semibold text-soft">{group}</h3>
            <ul className="divide-y divide-line">
              {commandTable.filter((command) => command.group === group).map(({ id, title }) => (
                <li key={id} className="flex items-center gap-2 py-1">
                  <span className="min-w-0 flex-1">{title}</span>
                  {changing === id ? (
                    <button type="button" ref={(button) => button?.focus()} onKeyDown={(event) => hear(event, id)} onBlur={() => setChanging(undefined)} className="rounded border border-accent px-1.5 py-0.5 text-xs">
                      Press the new keys; Esc leaves it
                    </button>
                  ) : (
                    <span className="flex flex-wrap justify-end gap-1">
                      {keysOf(id, chosen).map((chord) => <Key key={chord}>{chordWords(chord)}</Key>)}
                    </span>
                  )}
                  {chosen[id] !== undefined && (
                    <IconButton
                      icon={RotateCcw}
                      small
                      label={`As it was: ${title}`}
                      onClick={() => chooseKeys(Object.fromEntries(Object.entries(chosen).filter(([other]) => other !== id)))}
                    />
                  )}
                  <IconButton icon={Keyboard} small label={`Other keys for: ${title}`} onClick={() => setChanging(id)} />
                </li>
              ))}
            </ul>
          </section>
        ))}
        {Object.keys(chosen).length > 0 && <Button icon={RotateCcw} onClick={() => chooseKeys({})}>All keys as they were</Button>}
      </div>
    </Dialog>
  );
}

function Key({ children }: { children: string }) {
  return <kbd className="rounded border border-line bg-sunken px-1.5 py-0.5 font-sans text-xs text-soft">{children}</kbd>;
}
