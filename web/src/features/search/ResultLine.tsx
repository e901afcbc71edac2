import { ChevronsDown } from "lucide-react";
import type { ReactNode } from "react";
import { EntryLine } from "@/features/rows/EntryLine";
import { cx } from "@/ui/cx";
import { countOf } from "@/ui/format";
import { Name } from "@/ui/Name";
import { highlight } from "./highlight";
import { marked, type ResultRow } from "./result-rows";

/** A row of what was found. */
export function ResultLine({ row, query, active, naming }: { row: ResultRow; query: string; active: boolean; naming?: ReactNode }) {
  if (row.heading === true) {
    return (
      <div className="flex h-full items-end gap-2 px-2.5 pb-1.5">
        <h2 className="font-semibold">{row.title}</h2>
        <p className="truncate text-xs leading-5 text-soft tabular">{row.words}</p>
      </div>
    );
  }
  if (row.group === "more") {
    return (
      <div className="flex h-full items-center gap-3 px-2.5 text-accent">
        <ChevronsDown aria-hidden className="size-5" strokeWidth={1.6} />
        {row.words}
      </div>
    );
  }
  if (row.group === "names") return <EntryLine entry={row.entry} active={active} naming={naming} highlight={highlight(row.entry.name, query)} />;
  const { entry, snippets } = row;
  return (
    <EntryLine
      entry={entry}
      active={active}
      naming={naming}
      {...(entry.title === undefined || entry.title === "" ? {} : { title: <Titled title={entry.title} marks={entry.marks} name={entry.name} /> })}
      note={entry.copies > 1 && <span className="shrink-0">· {countOf(entry.copies, "copy", "copies")}</span>}
    >
      {snippets.map((snippet, i) => {
        const { text, ranges } = marked(snippet.text, snippet.marks);
        return (
          <p key={i} className={cx("truncate text-xs leading-4.5", active ? "text-ink/90" : "text-soft")}>
            {snippet.page !== undefined && <span className="mr-1.5 text-faint">Page {snippet.page}</span>}
            <Name name={text} highlight={ranges} />
          </p>
        );
      })}
    </EntryLine>
  );
}

function Titled({ title, marks, name }: { title: string; marks: number[][] | undefined; name: string }) {
  const { text, ranges } = marked(title, marks);
  return (
    <>
      <Name name={text} highlight={ranges} /> <Name name={name} className="ml-1 font-normal text-soft" />
    </>
  );
}
