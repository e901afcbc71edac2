// The lists of all kinds that are open or were just left, but folders and
// searches, which have rules of their own. They are read anew when the library
// has changed; what nobody looks at is forgotten then.
import { type FetchPage, PagedList } from "@/features/browse/paged-list";
import type { Pages } from "@/features/browse/use-pages";

const capacity = 8;
const open = new Map<string, Pages<unknown, unknown>>();

/** The list with this key, made by the first who asks. A key belongs to one kind of list. */
export function openList<T, H>(key: string, fetchPage: FetchPage<T, H>): Pages<T, H> {
  const known = open.get(key) as Pages<T, H> | undefined;
  if (known && (known.pages.watched || known.pages.get().error === undefined)) return known;
  const made: Pages<T, H> = { key, pages: new PagedList(fetchPage) };
  open.set(key, made);
  for (const [old, { pages }] of open) {
    if (open.size <= capacity) break;
    if (!pages.watched) open.delete(old);
  }
  return made;
}

/** What the lists show may have changed. */
export function listsMoved(): void {
  for (const [key, { pages }] of open) {
    if (pages.watched) pages.reload();
    else open.delete(key);
  }
}
