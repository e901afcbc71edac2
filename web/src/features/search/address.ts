// A search as it stands in the page's URL, so that history, reload, bookmarks
// and saved searches work.
import type { NewSaved, Saved, SearchSort } from "@/api/types";

export interface SearchAddress {
  q: string;
  /** Only below this folder. */
  in?: string | undefined;
  /** With case and accents as they are typed. */
  exact: boolean;
  sort: SearchSort;
  descending: boolean;
}

/** The same as texts, for the URL. */
export interface SearchParams {
  q?: string | undefined;
  in?: string | undefined;
  exact?: string | undefined;
  sort?: string | undefined;
  order?: string | undefined;
}

export const sorts: Record<SearchSort, string> = { relevance: "Relevance", name: "Name", size: "Size", modified: "Modified", kind: "Kind", taken: "Taken" };

const isSort = (text: string): text is SearchSort => Object.hasOwn(sorts, text);

export function fromParams(params: SearchParams): SearchAddress {
  const { sort = "", q = "", order } = params;
  return { q, in: params.in, exact: params.exact === "yes", sort: isSort(sort) ? sort : "relevance", descending: order === "descending" };
}

export function toParams(ask: SearchAddress): SearchParams {
  return {
    q: ask.q,
    in: ask.in,
    exact: ask.exact ? "yes" : undefined,
    sort: ask.sort === "relevance" ? undefined : ask.sort,
    order: ask.descending ? "descending" : undefined,
  };
}

/** A search for words, in the usual order. */
export function searchFor(q: string): SearchAddress {
  return fromParams({ q });
}

export function fromSaved(saved: Saved): SearchAddress {
  return { q: saved.query, in: saved.in, exact: saved.exact ?? false, sort: saved.sort ?? "relevance", descending: saved.descending ?? false };
}

/** What keeps a search under a name. */
export function toSaved(name: string, { q, exact, sort, descending, ...ask }: SearchAddress): NewSaved {
  return { name, query: q.trim(), exact, sort, descending, ...(ask.in === undefined ? {} : { in: ask.in }) };
}

/** Whether two searches ask the same. */
export function sameSearch(a: SearchAddress, b: SearchAddress): boolean {
  return a.q.trim() === b.q.trim() && (a.in ?? "") === (b.in ?? "") && a.exact === b.exact && a.sort === b.sort && (a.descending === b.descending || a.sort === "relevance");
}
