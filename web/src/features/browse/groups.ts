// The groups of a sorted list: entries that stand together and have one thing in common.
import type { Entry } from "@/api/types";
import { sortOf } from "@/features/kinds/kinds";
import type { Grouping } from "./folder-view";

/** A group, and the place of its first entry. */
export interface Group {
  title: string;
  from: number;
}

const day = 86_400_000;

const sizes: readonly [number, string][] = [
  [1_000_000_000, "Over 1 GB"], [100_000_000, "100 MB to 1 GB"], [10_000_000, "10 to 100 MB"], [1_000_000, "1 to 10 MB"], [10_000, "10 kB to 1 MB"], [1, "Up to 10 kB"],
];

function sizeGroup(size: number): string {
  return sizes.find(([least]) => size >= least)?.[1] ?? "Empty";
}

/** The group of a time, told from the day that begins at `today`. */
function timeGroup(time: string, today: number, months: Intl.DateTimeFormat): string {
  const at = Date.parse(time);
  if (Number.isNaN(at)) return "No date";
  if (at >= today + day) return "Later";
  if (at >= today) return "Today";
  if (at >= today - day) return "Yesterday";
  if (at >= today - 6 * day) return "In the last 7 days";
  return months.format(at);
}

/** The groups of a list that is sorted by what it is grouped by. Folders come first, and are a group of their own. */
export function groupsOf(items: readonly Entry[], by: Grouping, now = new Date(), language?: string): Group[] {
  if (by === "none") return [];
  const today = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
  const months = new Intl.DateTimeFormat(language, { year: "numeric", month: "long" });
  const titleOf = (entry: Entry): string => {
    if (entry.kind === "folder") return "Folders";
    if (by === "kind") return sortOf(entry).label;
    return by === "size" ? sizeGroup(entry.size) : timeGroup(entry.modified ?? "", today, months);
  };
  const groups: Group[] = [];
  items.forEach((entry, i) => {
    const title = titleOf(entry);
    if (groups.at(-1)?.title !== title) groups.push({ title, from: i });
  });
  return groups;
}
