import { useSyncExternalStore } from "react";

/** Follows a media query. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const list = matchMedia(query);
      list.addEventListener("change", listener);
      return () => list.removeEventListener("change", listener);
    },
    () => matchMedia(query).matches,
  );
}

/** The sidebar is a drawer below this width, the inspector a sheet. */
export const useNarrow = (): boolean => useMedia("(max-width: 767px)");

/** Between the two the sidebar stays, and the inspector covers part of the list. */
export const useMedium = (): boolean => useMedia("(max-width: 1099px)");
