import type { LucideIcon } from "lucide-react";
import type { KeyboardEvent, ReactNode } from "react";
import type { Entry } from "@/api/types";
import { useDetails, WithDetails } from "@/features/inspect/WithDetails";
import { JobsDock } from "@/features/jobs/JobsDock";
import { type Commands, useCommands } from "@/features/shell/commands";
import { TopBar } from "@/features/shell/TopBar";
import { goBack, goForward, useTabTitle } from "@/features/tabs/tabs";
import type { MenuItem } from "@/ui/Menu";
import { EmptyNote, ErrorNote, Waiting } from "@/ui/Note";
import { type Row, RowList } from "./RowList";
import { useRows } from "./use-rows";

/** A row that is of an entry, or a heading. */
export type EntryRow = Row & { entry?: Entry };

const entryIn = (row: EntryRow): Entry | undefined => row.entry;

interface RowsPageProps<R extends EntryRow> {
  title: string;
  /** Above the list: what it is, and what narrows it. */
  tools: ReactNode;
  rows: readonly R[];
  /** Nothing has come yet. */
  waiting: boolean;
  error: unknown;
  empty: { icon: LucideIcon; title: string; words: ReactNode };
  retry: () => void;
  seen: (end: number) => void;
  /** In the status bar. */
  status: string;
  children: (row: R, active: boolean, naming: ReactNode) => ReactNode;
  /** More commands, of this list's own. */
  commands?: Commands;
  /** More for the menu of a row. */
  menu?: (row: R) => MenuItem[];
  /** Keys of this list's own; true when one was taken. */
  onKey?: (event: KeyboardEvent, row: R | undefined) => boolean;
}

/** A page with a list of files in groups, and the details of the one that is selected. */
export function RowsPage<R extends EntryRow>(props: RowsPageProps<R>) {
  const { title, rows, empty } = props;
  const details = useDetails();
  const acting = useRows(rows, entryIn, details);
  const { row, selected, open, visit, view } = acting;
  useTabTitle(title);
  useCommands({ inspect: details.toggle, reload: props.retry, ...acting.commands, ...props.commands });
  const openRow = ({ entry }: R, beside: boolean) => {
    if (entry === undefined) return;
    if (beside) visit(entry);
    else open(entry);
  };
  const items = row?.entry === undefined ? acting.menu : [...acting.menu, ...(props.menu?.(row) ?? [])];
  return (
    <>
      <TopBar back={goBack} forward={goForward} details={details.shown} onDetails={details.toggle}>
        <h1 className="px-2 py-1 text-sm font-semibold">{title}</h1>
      </TopBar>
      <WithDetails details={details} entries={selected} open={open}>
        {props.tools}
        {props.error !== undefined && props.waiting ? (
          <ErrorNote error={props.error} retry={props.retry} className="flex-1" />
        ) : props.waiting ? (
          <Waiting className="flex-1">Looking…</Waiting>
        ) : rows.length === 0 ? (
          <EmptyNote icon={empty.icon} title={empty.title} className="flex-1">
            {empty.words}
          </EmptyNote>
        ) : (
          <RowList
            label={title}
            rows={rows}
            selection={acting.selection}
            select={acting.select}
            drag={acting.drag}
            open={openRow}
            inspect={details.toggle}
            menu={items}
            seen={props.seen}
            {...(props.onKey === undefined ? {} : { onKey: props.onKey })}
          >
            {(one, active) => props.children(one, active, acting.namingOf(one))}
          </RowList>
        )}
        <footer className="flex h-9 shrink-0 items-center gap-3 border-t border-line bg-surface pr-2 pl-4 text-xs text-soft">
          <p role="status" className="min-w-0 flex-1 truncate tabular">
            {props.status}
          </p>
          <JobsDock />
        </footer>
      </WithDetails>
      {view}
    </>
  );
}

/** The strip above a list. */
export function ToolBar({ children }: { children: ReactNode }) {
  return <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5 border-b border-line px-4 py-2 text-xs">{children}</div>;
}

/** What a list is, in a sentence or two above it. */
export function Explained({ children }: { children: ReactNode }) {
  return <p className="border-b border-line px-4 py-2 text-xs text-soft">{children}</p>;
}

export function GroupHead({ title, words }: { title: string; words: string }) {
  return (
    <div className="flex h-full items-end gap-2 px-2.5 pb-1.5">
      <h2 className="shrink-0 font-semibold tabular">{title}</h2>
      <p className="truncate text-xs leading-5 text-soft tabular">{words}</p>
    </div>
  );
}
