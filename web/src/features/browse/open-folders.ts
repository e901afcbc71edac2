// The folders that are open or were just left, so that going back shows them at
// once. A folder that changes while nobody looks is read again when it is opened.
import { locationsQuery, queryClient } from "@/api/queries";
import type { Entry, EntryInfo, EntrySort } from "@/api/types";
import { ops } from "@/gen/client";
import type { Address } from "./address";
import { type ListState, PagedList } from "./paged-list";
import type { Pages } from "./use-pages";

export interface Head {
  folder: EntryInfo;
  /** Read from the disk just now, because the folder is not indexed. */
  live: boolean;
}

export interface ListView {
  sort: EntrySort;
  descending: boolean;
  hidden: boolean;
}

export interface OpenList extends Pages<Entry, Head> {
  address: Address;
}

const capacity = 24;
const open = new Map<string, OpenList>();

/** The list of a folder in an order: the one that is open, if there is one. */
export function listFor(address: Address, view: ListView): OpenList {
  const key = JSON.stringify([address.id, address.path, view.sort, view.descending, view.hidden]);
  const found = open.get(key);
  if (found && (found.pages.watched || found.pages.get().error === undefined)) {
    open.delete(key);
    open.set(key, found); // the newest stand at the end
    return found;
  }
  const made: OpenList = {
    key,
    address,
    pages: new PagedList(async (cursor, limit, signal) => {
      const out = await ops.entryList(
        {
          ...(address.id === undefined ? { path: address.path ?? "/" } : { id: address.id }),
          sort: view.sort,
          descending: view.descending,
          hidden: view.hidden,
          limit,
          ...(cursor === "" ? {} : { cursor }),
        },
        { signal },
      );
      return { items: out.items, next: out.next, total: out.total, head: { folder: out.folder, live: out.live } };
    }),
  };
  open.set(key, made);
  for (const [old, list] of open) {
    if (open.size <= capacity) break;
    if (!list.pages.watched) open.delete(old);
  }
  return made;
}

const calming = new Map<string, ReturnType<typeof setTimeout>>();
const calm = 400; // an index run changes a folder many times a second

/**
 * Whether a list may be of one of these folders. One that is being fetched for
 * the first time may: its answer can be older than the event that comes before
 * it. One that was read live may be indexed by now, if it stands in a location.
 */
function mayBeOf(state: ListState<Entry, Head>, ids: ReadonlySet<string>): boolean {
  if (state.head === undefined) return state.loading;
  const { id, path } = state.head.folder;
  if (id !== "") return ids.has(id);
  const locations = queryClient.getQueryData(locationsQuery.queryKey) ?? [];
  return locations.some((location) => path.startsWith(`${location.path}/`));
}

/** Reads the open folders with these ids anew ("all": every one). */
export function foldersChanged(ids: ReadonlySet<string> | "all"): void {
  for (const [key, { pages }] of open) {
    if (ids !== "all" && !mayBeOf(pages.get(), ids)) continue;
    if (!pages.watched) {
      open.delete(key);
    } else if (!calming.has(key)) {
      pages.reload();
      calming.set(key, setTimeout(() => calming.delete(key), calm));
    } else {
      clearTimeout(calming.get(key));
      calming.set(key, setTimeout(() => {
        calming.delete(key);
        pages.reload();
      }, calm));
    }
  }
}

/** Folders that are read live have no events: they are read again when the page gets the focus back. */
export function refreshLive(): void {
  for (const { pages } of open.values()) if (pages.watched && pages.get().head?.live === true) pages.reload();
}
