// Tags as lines: a tree in which a tag stands below each of its parents, or a list.
import type { Tag } from "@/api/types";

export interface TagLine {
  /** The way from the top, by ids: a tag stands in several places where it has several parents. */
  key: string;
  tag: Tag;
  depth: number;
  /** How many stand below it. */
  below: number;
  open: boolean;
}

const fold = (text: string) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();

/** The tags directly below each; under "" those at the top. Both in the order of the list. */
export function childrenOf(tags: readonly Tag[]): ReadonlyMap<string, readonly Tag[]> {
  const known = new Set(tags.map(({ id }) => id));
  const below = new Map<string, Tag[]>();
  for (const tag of tags) {
    const parents = (tag.parents ?? []).filter((id) => known.has(id));
    for (const parent of parents.length === 0 ? [""] : parents) below.set(parent, [...(below.get(parent) ?? []), tag]);
  }
  return below;
}

/** The lines of the tree. Only what is open shows what is below it. */
export function treeLines(tags: readonly Tag[], open: ReadonlySet<string>, below = childrenOf(tags)): TagLine[] {
  const lines: TagLine[] = [];
  const add = (tag: Tag, way: string, depth: number) => {
    const key = way === "" ? tag.id : `${way}/${tag.id}`;
    const children = way.split("/").includes(tag.id) ? [] : (below.get(tag.id) ?? []);
    const shown = open.has(tag.id) && children.length > 0;
    lines.push({ key, tag, depth, below: children.length, open: shown });
    if (shown) for (const child of children) add(child, key, depth + 1);
  };
  for (const tag of below.get("") ?? []) add(tag, "", 0);
  return lines;
}

/** The tags with some letters in their name, namespace or an alias, as a list without a tree. */
export function matchingLines(tags: readonly Tag[], letters: string, below = childrenOf(tags)): TagLine[] {
  const wanted = fold(letters.trim());
  return tags
    .filter((tag) => fold([tag.namespace ?? "", tag.name, ...(tag.aliases ?? [])].join("\n")).includes(wanted))
    .map((tag) => ({ key: tag.id, tag, depth: 0, below: below.get(tag.id)?.length ?? 0, open: false }));
}

/** All that stands below a tag, however far down. */
export function allBelow(tag: string, below: ReadonlyMap<string, readonly Tag[]>): ReadonlySet<string> {
  const seen = new Set<string>();
  const walk = (id: string) => {
    for (const child of below.get(id) ?? []) {
      if (seen.has(child.id)) continue;
      seen.add(child.id);
      walk(child.id);
    }
  };
  walk(tag);
  return seen;
}

/** The query that finds what has a tag, or one below it. */
export function tagQuery(tag: Pick<Tag, "name" | "namespace" | "id">, all: readonly Pick<Tag, "name" | "namespace" | "id">[]): string {
  const path = tag.namespace === undefined || tag.namespace === "" ? tag.name : `${tag.namespace}/${tag.name}`;
  const plain = fold(path);
  const alone = all.every((other) => other.id === tag.id || (fold(other.name) !== plain && fold(`${other.namespace ?? ""}/${other.name}`) !== plain));
  const value = alone ? path : tag.id;
  return /^[\p{L}\p{N}/_-]+$/u.test(value) ? `tag:${value}` : `tag:"${value}"`;
}
