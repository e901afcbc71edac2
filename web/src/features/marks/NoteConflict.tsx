import { Combine } from "lucide-react";
import type { Entry, WrittenNote } from "@/api/types";
import { MarkdownText } from "@/features/preview/MarkdownText";
import { ops } from "@/gen/client";
import { Button } from "@/ui/Button";
import { fullTime, relativeTime } from "@/ui/format";
import { mark, whatOf } from "./marking";
import { joined } from "./note-draft";
import { words } from "./words";

interface NoteConflictProps {
  entry: Entry;
  texts: readonly WrittenNote[];
  /** Writes all of them as one, to be looked over. */
  join: (text: string) => void;
}

/** The texts of a note that several devices wrote at the same time: one is taken, or all are put into one. */
export function NoteConflict({ entry, texts, join }: NoteConflictProps) {
  const what = whatOf([entry]);
  return (
    <section aria-label={words.note} className="flex flex-col gap-2.5 rounded-md bg-warn-soft p-3">
      <p className="text-warn">{words.severalNotes(texts.length)}</p>
      <ul className="flex flex-col gap-2.5">
        {texts.map(({ text, device, own, at }, i) => {
          const who = own === true ? words.writtenHere : words.writtenElsewhere;
          return (
            <li key={`${device} ${at} ${i}`} className="flex flex-col gap-1.5 rounded-md bg-surface p-2.5">
              <p className="text-xs text-soft">
                {who}, <span title={fullTime(at)}>{relativeTime(at)}</span>
              </p>
              <div className="flex max-h-48 flex-col gap-2 overflow-y-auto leading-5 break-words select-text">
                <MarkdownText text={text} />
              </div>
              <Button aria-label={`${words.takeThis}: ${who}, ${relativeTime(at)}`} onClick={() => void mark(() => ops.noteSet({ id: entry.id, text }), () => words.noteSaved(what))} className="self-start">{words.takeThis}</Button>
            </li>
          );
        })}
      </ul>
      <Button icon={Combine} onClick={() => join(texts.reduce((all, { text }) => joined(all, text), ""))} className="self-start">{words.joinAll}</Button>
    </section>
  );
}
