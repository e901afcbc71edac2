import type { Collection, Entry, Location, Plan, Tag } from "@/api/types";
import type { SearchAddress } from "@/features/search/address";
import { createStore } from "@/ui/store";

/** The dialog that is open over the page; at most one. */
export type OpenDialog =
  | { kind: "add-location"; path: string }
  | { kind: "remove-location"; location: Location }
  | { kind: "location"; id: string }
  | { kind: "missing"; id: string }
  | { kind: "save-search"; search: SearchAddress }
  | { kind: "rename-search"; name: string }
  | { kind: "new-thing"; make: "folder" | "file"; into: string; then: (plan: Plan) => void }
  | { kind: "batch-rename"; entries: readonly Entry[] }
  | { kind: "tags"; entries: readonly Entry[] }
  | { kind: "collect"; entries: readonly Entry[] }
  | { kind: "tag"; tag: Tag | undefined; parent?: Tag }
  | { kind: "drop-tag"; tag: Tag; onto: Tag }
  | { kind: "choose-tag"; tag: Tag; into: "merge" | "parent" }
  | { kind: "remove-tag"; tag: Tag }
  | { kind: "collection"; collection: Collection | undefined; query?: string }
  | { kind: "remove-collection"; collection: Collection }
  | { kind: "palette" }
  | { kind: "shortcuts" };

export const dialogs = createStore<OpenDialog | undefined>(undefined);

export const openDialog = (dialog: OpenDialog): void => dialogs.set(dialog);
export const closeDialog = (): void => dialogs.set(undefined);
