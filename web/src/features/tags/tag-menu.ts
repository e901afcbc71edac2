import { ArrowUpToLine, Merge, PencilLine, Plus, Search, Trash2, CornerDownRight } from "lucide-react";
import { openDialog } from "@/app/dialogs";
import type { Tag } from "@/api/types";
import { change } from "@/features/marks/marking";
import { pinItem } from "@/features/spaces/pinning";
import { ops } from "@/gen/client";
import type { MenuItem } from "@/ui/Menu";
import { plainName } from "@/ui/names";
import { words } from "./words";

/** Puts a tag below another; "" for the top. */
export const moveTag = (tag: Pick<Tag, "id" | "name">, to: Pick<Tag, "id" | "name"> | undefined, keep: boolean): Promise<boolean> =>
  change(() => ops.tagMove({ tag: tag.id, ...(to === undefined ? {} : { to: to.id, keep }) }), words.moved(plainName(tag.name), to === undefined ? "" : plainName(to.name)));

/** What a right click on a tag offers. */
export function tagMenu(tag: Tag, search: () => void): MenuItem[] {
  return [
    { label: words.openTag, icon: Search, keys: "Enter", run: search },
    { label: words.edit, icon: PencilLine, keys: "F2", run: () => openDialog({ kind: "tag", tag }) },
    { label: words.newBelow, icon: Plus, run: () => openDialog({ kind: "tag", tag: undefined, parent: tag }) },
    { label: words.addParent, icon: CornerDownRight, apart: true, run: () => openDialog({ kind: "choose-tag", tag, into: "parent" }) },
    ...((tag.parents ?? []).length === 0 ? [] : [{ label: words.moveTop, icon: ArrowUpToLine, run: () => void moveTag(tag, undefined, false) }]),
    { label: words.mergeInto, icon: Merge, keys: "M", run: () => openDialog({ kind: "choose-tag", tag, into: "merge" }) },
    pinItem({ kind: "tag", ref: tag.id, name: tag.name }),
    { label: words.remove, icon: Trash2, keys: "Del", danger: true, apart: true, disabled: tag.type === "system", run: () => openDialog({ kind: "remove-tag", tag }) },
  ];
}
