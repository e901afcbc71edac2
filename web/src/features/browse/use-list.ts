import { useEffect } from "react";
import type { Entry } from "@/api/types";
import { type Address, sameAddress } from "./address";
import { type Head, listFor, type ListView, type OpenList } from "./open-folders";
import type { ListState } from "./paged-list";
import { usePages } from "./use-pages";

interface ShownList {
  list: OpenList;
  state: ListState<Entry, Head>;
  /** The same folder in another order is on its way. */
  reordering: boolean;
}

/**
 * The list of a folder, and its state. While another order of the same folder is
 * being fetched the one before stays.
 */
export function useList(address: Address, view: ListView): ShownList {
  const wanted = listFor(address, view);
  const { list, state } = usePages<Entry, Head, OpenList>(wanted, (shown) => sameAddress(address, shown.address));
  useEffect(() => {
    if (list.pages.get().head?.live === true) list.pages.reload(); // seen before; nothing told of changes since
  }, [list]);
  return { list, state, reordering: wanted !== list && sameAddress(wanted.address, list.address) };
}
