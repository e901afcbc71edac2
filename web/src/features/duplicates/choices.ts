// Which of several files with the same bytes stay, and which give way: by a rule, by
// folders, and by what was chosen by hand. The plan is made by the daemon in the same
// way; this shows beforehand what it comes to.
import type { Copy, DedupeIn, DuplicateGroup } from "@/api/types";
import { shownPath } from "@/features/browse/address";

export type Keep = NonNullable<DedupeIn["keep"]>;
export type How = NonNullable<DedupeIn["how"]>;
export const keeps: readonly Keep[] = ["oldest", "newest", "shortest"];
export const hows: readonly How[] = ["trash", "hard", "reflink"];

/** What becomes of one file; `same`: it is the file that stays, under another name; `away`: it cannot be had now; `unasked`: the search leaves it out. */
export type Verdict = "stays" | "gives" | "same" | "away" | "unasked";

export interface Choices {
  keep: Keep;
  how: How;
  /** Files that stay, by id. */
  stay: ReadonlySet<string>;
  /** Only what the search finds gives way. */
  narrowed: boolean;
}

/** Times to the nanosecond, as the daemon compares them: those of files that were made together differ in the last digits alone. */
function byTime(a: Copy, b: Copy): number {
  const [x = "", y = ""] = [a.modified, b.modified];
  const fraction = (text: string) => Number((/\.(\d+)/.exec(text)?.[1] ?? "").padEnd(9, "0"));
  return (Date.parse(x) || 0) - (Date.parse(y) || 0) || fraction(x) - fraction(y);
}

const byId = (a: Copy, b: Copy): number => (a.id.length - b.id.length || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));

const rules: Record<Keep, (a: Copy, b: Copy) => number> = {
  oldest: byTime,
  newest: (a, b) => byTime(b, a),
  shortest: (a, b) => shownPath(a).length - shownPath(b).length,
};

/** What becomes of each copy of a group, in the order of its copies. */
export function verdicts(group: DuplicateGroup, { keep, how, stay, narrowed }: Choices): Verdict[] {
  const kept = (copy: Copy) => copy.reference === true || stay.has(copy.id);
  const asked = (copy: Copy) => !narrowed || copy.matches === true;
  const here = group.copies.filter(({ state }) => state === "present");
  here.sort((a, b) => Number(kept(b)) - Number(kept(a)) || Number(asked(a)) - Number(asked(b)) || rules[keep](a, b) || byId(a, b));
  const told = new Map<Copy, Verdict>();
  const keepers = new Map<string, Copy>();
  for (const copy of here) {
    const volume = how === "trash" ? "" : (copy.volume_id ?? "");
    const keeper = keepers.get(volume);
    if (keeper === undefined) keepers.set(volume, copy);
    told.set(copy, keeper === undefined || kept(copy) ? "stays" : !asked(copy) ? "unasked" : keeper.file === copy.file ? "same" : "gives");
  }
  return group.copies.map((copy) => told.get(copy) ?? "away");
}

/** Files that stay, with these taken in; or out, where all of them stayed. */
export function toggled(stay: ReadonlySet<string>, ids: readonly string[]): ReadonlySet<string> {
  const next = new Set(stay);
  const all = ids.every((id) => stay.has(id));
  for (const id of ids) {
    if (all) next.delete(id);
    else next.add(id);
  }
  return next;
}
