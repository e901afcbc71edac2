import type { Entry, ListedSidecar } from "@/api/types";
import { sidecarWords } from "@/features/inspect/fact-words";
import type { Row } from "@/features/rows/RowList";

/** A file that could not be looked into, and what of it failed for which reasons. */
export type QuarantineRow = Row & { entry?: Entry; name: string; failed: { what: string; why: string }[] };

/** One row a file: what failed for the same reason stands together. */
export function quarantineRows(items: readonly ListedSidecar[]): QuarantineRow[] {
  const rows = new Map<string, QuarantineRow>();
  for (const { content, entry = "", name = "", path = "", kind, status, reason = "" } of items) {
    let row = rows.get(content);
    if (row === undefined) {
      const known = entry !== "" && path !== "";
      row = {
        key: content,
        height: 0,
        name: name === "" ? "A file that is gone" : name,
        failed: [],
        ...(known && { entry: { id: entry, name, path, kind: "file", size: 0, mode: "", state: "present", hidden: name.startsWith(".") } }),
      };
      rows.set(content, row);
    }
    const { what } = sidecarWords({ kind, status });
    const same = row.failed.find(({ why }) => why === reason);
    if (same) same.what += `, ${what.toLowerCase()}`;
    else row.failed.push({ what, why: reason });
    row.height = 48 + row.failed.length * 18;
  }
  return [...rows.values()];
}
