// Groups of files with the same bytes as the rows of one list.
import { keyOf } from "@/features/browse/address";
import type { Row } from "@/features/rows/RowList";
import type { Copy, DuplicateGroup } from "@/api/types";
import { bytes, countOf } from "@/ui/format";
import { type Choices, type Verdict, verdicts } from "./choices";

/** A row of a group; `content` names the group. */
export type DuplicateRow = Row & { content: string } & (
  | { heading: true; entry?: undefined; title: string; words: string }
  | { heading?: false; entry: Copy; note: string; verdict: Verdict }
);

/** The rows of the groups, those that waste most first as they come. */
export function duplicateRows(groups: readonly DuplicateGroup[], choices: Choices): DuplicateRow[] {
  return groups.flatMap((group) => {
    const { content } = group;
    const rows: DuplicateRow[] = [
      { key: `#${content}`, content, height: 40, heading: true, title: group.wasted > 0 ? `${bytes(group.wasted)} too many` : "Nothing to gain", words: `${countOf(group.files, "file")} of ${bytes(group.size)} each` },
    ];
    const seen = new Set<number>();
    const bodies = new Set<number>();
    const told = verdicts(group, choices);
    group.copies.forEach((entry, i) => {
      const shared = seen.has(entry.file) ? "another name of a file above" : bodies.has(entry.body) && "shares its blocks with a file above";
      const note = [entry.reference === true && "kept", shared, entry.state === "offline" && "offline"].filter(Boolean).join(", ");
      seen.add(entry.file);
      bodies.add(entry.body);
      rows.push({ key: `${content} ${keyOf(entry)}`, content, height: 48, entry, note, verdict: told[i] ?? "away" });
    });
    if (group.more !== undefined && group.more > 0) rows.push({ key: `more ${content}`, content, height: 32, heading: true, title: "", words: `and ${countOf(group.more, "further copy", "further copies")}` });
    return rows;
  });
}
