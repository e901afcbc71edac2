import { useLocation, useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import { type Address, sameAddress } from "@/features/browse/address";
import { wantListFocus } from "@/features/browse/list-focus";
import { fromParams, type SearchAddress, type SearchParams, toParams } from "@/features/search/address";

export interface BrowseSearch extends Address {
  /** Key of the entry to select. */
  select?: string | undefined;
}

/** Opens a folder, selects an entry in it, and gives its list the focus. */
export type Go = (address: Address, select?: string) => void;

export function useGo(): Go {
  const navigate = useNavigate();
  return useCallback(
    (address, select) => {
      wantListFocus();
      void navigate({ to: "/browse", search: { id: address.id, path: address.path, select } });
    },
    [navigate],
  );
}

/** Opens the page of a search. `still` while somebody types: then history keeps one step, and the focus stays. */
export function useGoSearch(): (ask: SearchAddress, still?: boolean) => void {
  const navigate = useNavigate();
  return useCallback(
    (ask, still = false) => {
      if (!still) wantListFocus();
      void navigate({ to: "/search", search: toParams(ask), replace: still });
    },
    [navigate],
  );
}

/** Opens the page with what is about the same as a file. */
export function useGoSimilar(): (id: string) => void {
  const navigate = useNavigate();
  return useCallback(
    (id) => {
      wantListFocus();
      void navigate({ to: "/similar", search: { id } });
    },
    [navigate],
  );
}

/** The search whose page is open, or undefined on other pages. */
export function useOpenAsk(): SearchAddress | undefined {
  const { pathname } = useLocation();
  const params: SearchParams = useSearch({ strict: false });
  return pathname === "/search" ? fromParams(params) : undefined;
}

/** The folder that is open, or undefined on other pages. */
export function useAddress(): Address | undefined {
  const { pathname } = useLocation();
  const search: BrowseSearch = useSearch({ strict: false });
  return pathname === "/browse" ? { id: search.id, path: search.path } : undefined;
}

/** Whether a link leads to where the page already is. */
export function useIsHere(address: Address): boolean {
  const here = useAddress();
  return here !== undefined && sameAddress(here, address);
}
