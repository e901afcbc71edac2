import { useLocation, useNavigate, useRouter, useSearch } from "@tanstack/react-router";
import { createContext, use, useCallback } from "react";
import { type Address, sameAddress } from "@/features/browse/address";
import { activeSide, type Side } from "@/features/browse/sides";
import { wantListFocus } from "@/features/browse/list-focus";
import { fromParams, type SearchAddress, type SearchParams, toParams } from "@/features/search/address";

/** A folder as it stands in the page's URL, with a second one beside it where two are open. */
export interface BrowseSearch extends Address {
  /** Key of the entry to select. */
  select?: string | undefined;
  /** How it is looked at, where that is not as it was the last time. */
  view?: string | undefined;
  /** The folder on the right, by id or by path. */
  rid?: string | undefined;
  rpath?: string | undefined;
  rselect?: string | undefined;
}

/** Opens a folder, selects an entry in it, and gives its list the focus; looks at it in one way for this once. */
export type Go = (address: Address, select?: string, view?: string) => void;

/** The side of the page on which something stands; undefined for what belongs to neither. */
export const SideContext = createContext<Side | undefined>(undefined);

/** The folder on the right, or undefined where only one is open. */
export function rightOf(search: BrowseSearch): Address | undefined {
  return search.rid === undefined && search.rpath === undefined ? undefined : { id: search.rid, path: search.rpath };
}

/** The URL's words after one side went somewhere. */
export function stepped(search: BrowseSearch, side: Side, address: Address, select?: string, view?: string): BrowseSearch {
  if (side === "right") return { ...search, rid: address.id, rpath: address.path, rselect: select };
  return { ...search, id: address.id, path: address.path, select, view };
}

/** Goes to folders on the side that the component stands on, or on the one that is in use. */
export function useGo(): Go {
  const navigate = useNavigate();
  const router = useRouter();
  const own = use(SideContext);
  return useCallback(
    (address, select, view) => {
      wantListFocus();
      const { pathname, search } = router.state.location;
      const here: BrowseSearch = pathname === "/browse" ? search : {};
      const side = rightOf(here) === undefined ? "left" : (own ?? activeSide.get());
      void navigate({ to: "/browse", search: stepped(here, side, address, select, view) });
    },
    [navigate, router, own],
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
