import type { Chip, Collection, Entry, FieldDef, Location, Plan, Space, SpaceGroup, SpaceItem, Tag, TagRule } from "@/api/types";
import type { SearchAddress, SearchParams } from "@/features/search/address";
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
  | { kind: "rule"; rule: TagRule | undefined; query?: string }
  | { kind: "remove-rule"; rule: TagRule }
  | { kind: "why"; entry: Entry; tag: Chip }
  | { kind: "field"; field: FieldDef | undefined; name?: string; entries?: readonly Entry[] }
  | { kind: "remove-field"; field: FieldDef }
  | { kind: "set-field"; entries: readonly Entry[]; field: FieldDef | undefined }
  | { kind: "filter-field"; ask: SearchParams; field: FieldDef | undefined }
  | { kind: "space"; space: Space | undefined }
  | { kind: "remove-space"; space: Space }
  | { kind: "space-group"; space: Space; group: SpaceGroup | undefined }
  | { kind: "space-item"; item: SpaceItem }
  | { kind: "space-add"; group: string | undefined }
  | { kind: "rebuild-library"; name: string }
  | { kind: "copy-to"; ids: readonly string[]; title: string }
  | { kind: "palette" }
  | { kind: "shortcuts" };

export const dialogs = createStore<OpenDialog | undefined>(undefined);

export const openDialog = (dialog: OpenDialog): void => dialogs.set(dialog);
export const closeDialog = (): void => dialogs.set(undefined);
