import type { Quarantined, UnreadFile } from "@/api/types";
import { sidecarWords } from "@/features/inspect/fact-words";
import type { Row } from "@/features/rows/RowList";
import { countOf } from "@/ui/format";

/** A file that could not be read, or could not be looked into. */
export type Trouble = UnreadFile | Quarantined;

/** One of them, with what failed for which reasons. */
export type QuarantineRow = Row & { entry: Trouble; unread: boolean; failed: { what: string; why: string }[] };

const isUnread = (entry: Trouble): entry is UnreadFile => "tries" in entry;

/** One row a file. */
export function quarantineRows(items: readonly Trouble[]): QuarantineRow[] {
  return items.map((entry) => {
    const unread = isUnread(entry);
    const failed = unread
      ? [{ what: entry.tries > 1 ? `Not read in ${countOf(entry.tries, "try", "tries")}` : "Not read", why: entry.reason }]
      : entry.failed.map(({ kinds, reason }) => {
          const [first = "", ...more] = kinds.map((kind) => sidecarWords({ kind, status: "failed" }).what);
          return { what: [first, ...more.map((what) => what.toLowerCase())].join(", "), why: reason };
        });
    return { key: `${unread ? "u" : "f"} ${entry.id}`, height: 48 + failed.length * 18, entry, unread, failed };
  });
}
