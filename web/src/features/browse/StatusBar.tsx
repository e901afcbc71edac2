import { FolderPlus, RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { openDialog } from "@/app/dialogs";
import { asApiError } from "@/api/errors";
import { JobsDock } from "@/features/jobs/JobsDock";
import type { Entry } from "@/api/types";
import { bytes, count, countOf } from "@/ui/format";
import { shownPath, weight } from "./address";
import type { Head } from "./open-folders";
import type { ListState } from "./paged-list";

interface StatusBarProps {
  state: ListState<Entry, Head>;
  reordering: boolean;
  selected: readonly Entry[];
  reload: () => void;
  /** The ways to look at it. */
  children: ReactNode;
}

/** Below the list: how much there is, what is selected, where it comes from. */
export function StatusBar({ state, reordering, selected, reload, children }: StatusBarProps) {
  const { head, error } = state;
  return (
    <footer className="flex h-9 shrink-0 items-center gap-3 border-t border-line bg-surface pr-2 pl-4 text-xs text-soft">
      <p role="status" className="min-w-0 truncate tabular">
        {reordering ? <span className="animate-late">Sorting…</span> : head !== undefined && summary(state, selected)}
      </p>
      {head?.live === true && (
        <button
          type="button"
          onClick={() => openDialog({ kind: "add-location", path: shownPath(head.folder) })}
          title="This folder is read live. Index it for search, totals and previews."
          className="flex h-6 shrink-0 items-center gap-1.5 rounded-md bg-warn-soft px-2 text-warn"
        >
          <FolderPlus aria-hidden className="size-3.5" />
          Not indexed
        </button>
      )}
      {head !== undefined && error !== undefined && (
        <button type="button" onClick={reload} className="flex h-6 min-w-0 items-center gap-1.5 rounded-md bg-bad-soft px-2 text-bad">
          <RotateCw aria-hidden className="size-3.5 shrink-0" />
          <span className="truncate">{asApiError(error).message} Try again</span>
        </button>
      )}
      <span className="flex-1" />
      {children}
      <JobsDock />
    </footer>
  );
}

function summary(state: ListState<Entry, Head>, selected: readonly Entry[]): string {
  const all = countOf(state.total, "item");
  if (selected.length > 0) {
    const total = selected.reduce((sum, entry) => sum + (weight(entry) ?? 0), 0);
    return `${count(selected.length)} of ${all} selected, ${bytes(total)}`;
  }
  const size = state.head && weight(state.head.folder);
  return size === undefined ? all : `${all}, ${bytes(size)} in total`;
}
