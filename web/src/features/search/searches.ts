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
      const offset = Number(cursor);
      const answer: SearchOut = await ops.searchQuery(
        {
          query: ask.q,
          exact: ask.exact,
          sort: ask.sort,
          descending: ask.descending,
          limit: Math.min(limit, most),
          offset,
          ...(offset > 0 && { groups: ["names" as const] }),
          ...(ask.in === undefined ? {} : { in: ask.in }),
        },
        { signal },
      );
      const { items, ...rest } = answer;
      if (offset === 0) first = rest;
      const end = offset + items.length;
      return { items, next: end < rest.total && items.length > 0 ? String(end) : "", total: rest.total, head: { ...rest, ...first, total: rest.total } };
    }),
  };
  open.set(key, made);
  for (const [old, search] of open) {
    if (open.size <= capacity) break;
    if (!search.pages.watched) open.delete(old);
  }
  return made;
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
