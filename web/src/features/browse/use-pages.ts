import { useEffect, useState, useSyncExternalStore } from "react";
import type { ListState, PagedList } from "./paged-list";

/** A long list with a name that tells it from others. */
export interface Pages<T, H> {
  key: string;
  pages: PagedList<T, H>;
}

/**
 * The list that is wanted, once it has something to show, and its state. Until
 * then the one before stays: for up to 200 ms, so that quick answers do not
 * flicker, or as long as it takes where `stays` says so.
 */
export function usePages<T, H, L extends Pages<T, H>>(wanted: L & Pages<T, H>, stays: (shown: L) => boolean): { list: L; state: ListState<T, H> } {
  const [shown, setShown] = useState(wanted);
  useEffect(() => {
    if (wanted === shown) return;
    const show = () => {
      const { head, error } = wanted.pages.get();
      if (head !== undefined || error !== undefined) setShown(wanted);
    };
    const end = wanted.pages.subscribe(show);
    wanted.pages.need(1);
    show();
    const late = stays(shown) ? undefined : setTimeout(() => setShown(wanted), 200);
    return () => {
      end();
      clearTimeout(late);
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `stays` is another function at every render
  }, [wanted, shown]);
  const state = useSyncExternalStore(shown.pages.subscribe, shown.pages.get);
  useEffect(() => {
    if (shown.pages.get().head === undefined) shown.pages.need(1);
    return () => {
      if (!shown.pages.watched) shown.pages.stop();
    };
  }, [shown]);
  return { list: shown, state };
}
