import { Bookmark, EllipsisVertical, PencilLine, Search, Trash2 } from "lucide-react";
import type { KeyboardEvent } from "react";
import { openDialog } from "@/app/dialogs";
import { useGoSearch, useOpenAsk } from "@/app/go";
import { savedMoved } from "@/api/queries";
import type { Saved } from "@/api/types";
import { ops } from "@/gen/client";
import { dragPin } from "@/features/spaces/pin-drag";
import { pinItem } from "@/features/spaces/pinning";
import { IconButton } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { ContextMenu, DropdownMenu, type MenuItem } from "@/ui/Menu";
import { Name } from "@/ui/Name";
import { plainName } from "@/ui/names";
import { say, sayError } from "@/ui/Toasts";
import { fromSaved, sameSearch, toSaved } from "./address";

/** Forgets a saved search; for some seconds it can be had back. */
async function remove(saved: Saved): Promise<void> {
  try {
    await ops.savedRemove({ name: saved.name });
    await savedMoved();
    say(`The saved search ${plainName(saved.name)} was removed.`, { undo: () => void ops.savedCreate(toSaved(saved.name, fromSaved(saved))).then(savedMoved, sayError) });
  } catch (thrown) {
    sayError(thrown);
  }
}

/** A saved search in the sidebar. Enter runs it, F2 renames, Delete removes. */
export function SavedItem({ saved, onGo }: { saved: Saved; onGo?: () => void }) {
  const goSearch = useGoSearch();
  const open = useOpenAsk();
  const here = open !== undefined && sameSearch(fromSaved(saved), open);
  const run = () => {
    goSearch(fromSaved(saved));
    onGo?.();
  };
  const rename = () => {
    onGo?.();
    openDialog({ kind: "rename-search", name: saved.name });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "F2") rename();
    else if (event.key === "Delete") void remove(saved);
    else return;
    event.preventDefault();
  };
  const items: MenuItem[] = [
    { label: "Search", icon: Search, keys: "Enter", run },
    { label: "Rename…", icon: PencilLine, keys: "F2", run: rename },
    pinItem({ kind: "saved", ref: saved.id, name: saved.name }),
    { label: "Remove", icon: Trash2, keys: "Del", danger: true, apart: true, run: () => void remove(saved) },
  ];
  return (
    <ContextMenu items={items}>
      <div className={cx("group relative rounded-md", here ? "bg-accent-soft" : "hover:bg-hover")}>
        <button
          type="button"
          data-line
          {...dragPin({ kind: "saved", ref: saved.id, name: saved.name })}
          aria-current={here ? "page" : undefined}
          title={plainName(saved.query)}
          onClick={run}
          onKeyDown={onKeyDown}
          className="ring-inside flex w-full items-center gap-2.5 rounded-md py-1.5 pr-9 pl-2.5 text-left pointer-coarse:py-2.5 pointer-coarse:pr-11"
        >
          <Bookmark aria-hidden className={cx("size-4 shrink-0", here ? "text-accent" : "text-soft")} strokeWidth={1.6} />
          <span className={cx("min-w-0 flex-1 truncate", here && "font-medium")}>
            <Name name={saved.name} />
          </span>
        </button>
        <DropdownMenu items={items}>
          <IconButton
            icon={EllipsisVertical}
            label={`More for ${plainName(saved.name)}`}
            small
            className="absolute top-1 right-1 opacity-0 group-hover:opacity-100 focus-visible:bg-surface focus-visible:opacity-100 aria-expanded:opacity-100 pointer-coarse:opacity-100"
          />
        </DropdownMenu>
      </div>
    </ContextMenu>
  );
}
