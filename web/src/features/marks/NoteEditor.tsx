import { Pencil } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import type { Entry, WrittenNote } from "@/api/types";
import { MarkdownText } from "@/features/preview/MarkdownText";
import { ops } from "@/gen/client";
import { Button, IconButton } from "@/ui/Button";
import { createStore, useStore } from "@/ui/store";
import { sayError } from "@/ui/Toasts";
import { mark, whatOf } from "./marking";
import { NoteConflict } from "./NoteConflict";
import { draftOf, joined, keepDraft, outcomeOf } from "./note-draft";
import { words } from "./words";

/** The entry of which a note is to be written, where a key or a menu asked for it. */
export const noteWanted = createStore("");

/** The note on an entry: shown as it is meant, and written as Markdown. */
export function NoteEditor({ entry, note, texts }: { entry: Entry; note: string; texts: readonly WrittenNote[] }) {
  const [kept, setKept] = useState(() => draftOf(entry.id));
  const wanted = useStore(noteWanted) === entry.id;
  const draft = kept ?? (wanted ? { base: note, text: note } : undefined);
  const write = (next: typeof kept) => {
    setKept(next);
    keepDraft(entry.id, next);
    if (next === undefined) noteWanted.set("");
  };
  if (draft === undefined && texts.length > 1) return <NoteConflict entry={entry} texts={texts} join={(text) => write({ base: note, text })} />;
  if (draft === undefined) return <Shown note={note} edit={() => write({ base: note, text: note })} />;
  return <Writing entry={entry} draft={draft.text} base={draft.base} change={(text) => write({ base: draft.base, text })} end={() => write(undefined)} rebase={(base, text) => write({ base, text })} />;
}

function Shown({ note, edit }: { note: string; edit: () => void }) {
  if (note === "") {
    return (
      <div>
        <button type="button" onClick={edit} className="inline-flex h-6 items-center gap-1 rounded-full border border-line px-2 text-xs text-soft hover:bg-hover hover:text-ink pointer-coarse:h-9">
          <Pencil aria-hidden className="size-3" />
          {words.addNote}
        </button>
      </div>
    );
  }
  return (
    <section aria-label={words.note} className="group/note relative rounded-md bg-sunken py-2 pr-8 pl-3">
      <div className="flex max-h-72 flex-col gap-2 overflow-y-auto leading-5 break-words select-text">
        <MarkdownText text={note} />
      </div>
      <IconButton icon={Pencil} small label={words.editNote} onClick={edit} className="absolute top-1 right-1" />
    </section>
  );
}

interface WritingProps {
  entry: Entry;
  draft: string;
  base: string;
  change: (text: string) => void;
  end: () => void;
  rebase: (base: string, text: string) => void;
}

function Writing({ entry, draft, base, change, end, rebase }: WritingProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const [busy, setBusy] = useState(false);
  const [theirs, setTheirs] = useState<string>();
  useEffect(() => field.current?.focus(), []);
  const what = whatOf([entry]);
  const put = async (text: string) => {
    const done = await mark(() => ops.noteSet({ id: entry.id, text: text.trimEnd() }), () => (text.trim() === "" ? words.noteGone(what) : words.noteSaved(what)));
    if (done) end();
  };
  const save = async () => {
    setBusy(true);
    try {
      const { text: now } = await ops.noteShow({ id: entry.id });
      const outcome = outcomeOf({ base, text: draft }, now);
      if (outcome === "same") end();
      else if (outcome === "save") await put(draft);
      else setTheirs(now);
    } catch (thrown) {
      sayError(thrown);
    }
    setBusy(false);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void save();
    else if (event.key === "Escape") end();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const settle = (text: string) => {
    rebase(theirs ?? base, text);
    setTheirs(undefined);
    field.current?.focus();
  };
  return (
    <section aria-label={words.note} className="flex flex-col gap-2">
      <textarea
        ref={field}
        aria-label={words.note}
        aria-describedby="note-help"
        value={draft}
        rows={5}
        onChange={(event) => change(event.target.value)}
        onKeyDown={onKeyDown}
        className="w-full resize-y rounded-md border border-line-strong bg-surface px-2.5 py-1.5 leading-5 focus:border-accent focus:outline-none"
      />
      <p id="note-help" className="text-xs text-soft">{words.noteHelp}</p>
      {theirs === undefined ? (
        <div className="flex gap-2">
          <Button look="primary" disabled={busy} onClick={() => void save()}>{words.saveNote}</Button>
          <Button onClick={end}>{words.leaveNote}</Button>
        </div>
      ) : (
        <Conflict theirs={theirs} mine={draft}>
          <Button onClick={() => { setTheirs(undefined); void put(draft); }}>{words.takeMine}</Button>
          <Button onClick={end}>{words.takeTheirs}</Button>
          <Button onClick={() => settle(joined(theirs, draft))}>{words.takeBoth}</Button>
        </Conflict>
      )}
    </section>
  );
}

/** Two texts of one note, and what can be done with them. */
function Conflict({ theirs, mine, children }: { theirs: string; mine: string; children: ReactNode }) {
  return (
    <div role="alert" className="flex flex-col gap-2 rounded-md bg-warn-soft p-3">
      <p className="text-warn">{words.noteMoved}</p>
      {([[words.theirs, theirs], [words.mine, mine]] as const).map(([title, text]) => (
        <div key={title}>
          <p className="text-xs font-medium text-ink">{title}</p>
          <pre className="max-h-32 overflow-y-auto font-sans text-xs whitespace-pre-wrap text-ink select-text">{text}</pre>
        </div>
      ))}
      <div className="flex flex-wrap gap-2">{children}</div>
    </div>
  );
}
