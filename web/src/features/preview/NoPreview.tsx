import type { ReactNode } from "react";
import { EntryIcon } from "@/features/kinds/EntryIcon";
import { sortOf } from "@/features/kinds/kinds";
import type { Entry } from "@/api/types";

/** The kind of a file that is not shown, and why it is not. */
export function NoPreview({ entry, why, small, children }: { entry: Entry; why: string; small: boolean; children?: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-3 text-center">
      <EntryIcon entry={entry} className={small ? "size-14" : "size-20"} />
      <p className="text-soft">{small ? why : `${sortOf(entry).label}. ${why}`.trim()}</p>
      {children}
    </div>
  );
}
