// What the tag picker offers, from what was typed and what the files have already.
import type { Marks, Tag } from "@/api/types";
import { plainName } from "@/ui/names";

/** How many of the selected files have a tag. */
export type Share = "all" | "some" | "none";

export type Offer =
  | { kind: "tag"; key: string; tag: Tag; share: Share; alias: string | undefined }
  | { kind: "create"; key: string; name: string };

/** Which tags the files have, by id: how many files each. */
export function tally(items: readonly Marks[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { tags = [] } of items) for (const { id } of tags) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

const fold = (text: string) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();

/** The alias that made a tag fit what was typed, where its name does not. */
export function aliasFor(tag: Tag, typed: string): string | undefined {
  const wanted = fold(typed);
  if (wanted === "" || fold(tag.name).startsWith(wanted) || fold(`${tag.namespace ?? ""}/${tag.name}`).startsWith(wanted)) return undefined;
  return tag.aliases?.find((alias) => fold(alias).startsWith(wanted));
}

/** A tag with its namespace, as people write it. */
export const tagPath = ({ namespace, name }: Pick<Tag, "name" | "namespace">): string => (namespace === undefined || namespace === "" ? plainName(name) : `${plainName(namespace)}/${plainName(name)}`);

/** The rows of the picker: first what is on the files where nothing is typed, then what fits, then what could be made. */
export function offers(typed: string, fitting: readonly Tag[], counts: ReadonlyMap<string, number>, selected: number): Offer[] {
  const share = ({ id }: Tag): Share => {
    const n = counts.get(id) ?? 0;
    return n === 0 ? "none" : n >= selected ? "all" : "some";
  };
  const usable = fitting.filter(({ type }) => type !== "organisational" && type !== "system");
  const ordered = typed === "" ? [...usable].sort((a, b) => Number(share(b) !== "none") - Number(share(a) !== "none") || b.files - a.files) : usable;
  const rows: Offer[] = ordered.slice(0, 50).map((tag) => ({ kind: "tag", key: tag.id, tag, share: share(tag), alias: aliasFor(tag, typed) }));
  const name = typed.trim();
  const there = fitting.some((tag) => fold(tag.name) === fold(name) || fold(tagPath(tag)) === fold(name) || tag.aliases?.some((alias) => fold(alias) === fold(name)) === true);
  if (name !== "" && !there && !/[,"]/.test(name)) rows.push({ kind: "create", key: "+", name });
  return rows;
}
