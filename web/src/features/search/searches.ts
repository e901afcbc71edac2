// The searches that are open or were just left. Names come page by page; what
// was found in texts, and by meaning, comes whole with the first page.
import type { SearchHit, SearchOut } from "@/api/types";
import { ops } from "@/gen/client";
import type { ListState } from "@/features/browse/paged-list";
import { PagedList } from "@/features/browse/paged-list";
import { type Pages, usePages } from "@/features/browse/use-pages";
import type { SearchAddress } from "./address";

/** An answer without its names. */
export type Found = Omit<SearchOut, "items">;

export interface OpenSearch extends Pages<SearchHit, Found> {
  ask: SearchAddress;
}

const capacity = 8;
const open = new Map<string, OpenSearch>();
const most = 1000; // names a page

function openSearch(ask: SearchAddress): OpenSearch {
  const key = JSON.stringify([ask.q, ask.in, ask.exact, ask.sort, ask.descending]);
  const known = open.get(key);
  if (known && (known.pages.watched || known.pages.get().error === undefined)) return known;
  let first: Found | undefined;
  const made: OpenSearch = {
    key,
    ask,
    pages: new PagedList(async (cursor, limit, signal) => {
      const answer: SearchOut = await ops.searchQuery(
        {
          query: ask.q,
          exact: ask.exact,
          sort: ask.sort,
          descending: ask.descending,
          limit: Math.min(limit, most),
          ...(cursor !== "" && { groups: ["names" as const], ...place(cursor) }),
          ...(ask.in === undefined ? {} : { in: ask.in }),
        },
        { signal },
      );
      const { items, ...rest } = answer;
      if (cursor === "") first = rest;
      return { items, next: nextPage(cursor, answer), total: rest.total, head: { ...rest, ...first, total: rest.total } };
    }),
  };
  open.set(key, made);
  for (const [old, search] of open) {
    if (open.size <= capacity) break;
    if (!search.pages.watched) open.delete(old);
  }
  return made;
}

// Where the next page begins: behind the last hit, whatever came or went since. A
// folder that is not indexed is looked at anew for each page, which begins at a number.
const number = "at ";

function place(cursor: string): { cursor: string } | { offset: number } {
  return cursor.startsWith(number) ? { offset: Number(cursor.slice(number.length)) } : { cursor };
}

/** The cursor of the page behind an answer; empty after the last. */
export function nextPage(cursor: string, { items, total, live, next }: Pick<SearchOut, "items" | "total" | "live" | "next">): string {
  if (live !== true) return next ?? "";
  const before = place(cursor);
  const end = ("offset" in before ? before.offset : 0) + items.length;
  return items.length > 0 && end < total ? `${number}${end}` : "";
}

/** Entries have changed: the search that is shown is asked anew, the others are forgotten. */
export function searchesMoved(): void {
  for (const [key, { pages }] of open) {
    if (pages.watched) pages.reload();
    else open.delete(key);
  }
}

/** What a search finds. The one before stays until the first answer comes; `behind` says that it is still shown. */
export function useOpenSearch(ask: SearchAddress): { search: OpenSearch; state: ListState<SearchHit, Found>; behind: boolean } {
  const wanted = openSearch(ask);
  const { list, state } = usePages<SearchHit, Found, OpenSearch>(wanted, () => true);
  return { search: list, state, behind: list !== wanted };
}
