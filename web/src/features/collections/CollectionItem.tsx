import { Link, useLocation, useNavigate, useSearch } from "@tanstack/react-router";
import { FolderOpen, PencilLine, Trash2 } from "lucide-react";
import type { DragEvent, KeyboardEvent } from "react";
import { openDialog } from "@/app/dialogs";
import type { Collection } from "@/api/types";
import { entriesType, readRefs } from "@/features/changes/drag";
import { mark } from "@/features/marks/marking";
import { words as marks } from "@/features/marks/words";
import { dragPin } from "@/features/spaces/pin-drag";
import { pinItem } from "@/features/spaces/pinning";
import { ops } from "@/gen/client";
import { cx } from "@/ui/cx";
import { countOf } from "@/ui/format";
import { ContextMenu, type MenuItem } from "@/ui/Menu";
import { Name } from "@/ui/Name";
import { plainName } from "@/ui/names";
import { CollectionIcon } from "./CollectDialog";
import { words } from "./words";

/** Dropping files onto a collection, which are put in. */
export function collectDrops(collection: Pick<Collection, "id" | "name">, smart: boolean) {
  const takes = (event: DragEvent) => !smart && event.dataTransfer.types.includes(entriesType);
  return {
    onDragOver: (event: DragEvent) => {
      if (!takes(event)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      event.currentTarget.setAttribute("data-drop", "");
    },
    onDragLeave: (event: DragEvent) => event.currentTarget.removeAttribute("data-drop"),
    onDrop: (event: DragEvent) => {
      event.currentTarget.removeAttribute("data-drop");
      if (!takes(event)) return;
      event.preventDefault();
      const { ids = [], sources = [] } = readRefs(event);
      void mark(() => ops.collectionAdd({ collection: collection.id, ids, paths: sources }), () => words.collected(countOf(ids.length + sources.length, marks.thing), plainName(collection.name)));
    },
  };
}

/** A collection in the sidebar; files dropped onto it are put in. */
export function CollectionItem({ collection, onGo }: { collection: Collection; onGo?: () => void }) {
  const { pathname } = useLocation();
  const { id }: { id?: string | undefined } = useSearch({ strict: false });
  const navigate = useNavigate();
  const smart = (collection.query ?? "") !== "";
  const here = pathname === "/collection" && id === collection.id;
  const edit = () => openDialog({ kind: "collection", collection });
  const remove = () => openDialog({ kind: "remove-collection", collection });
  const items: MenuItem[] = [
    { label: words.open, icon: FolderOpen, keys: "Enter", run: () => void navigate({ to: "/collection", search: { id: collection.id } }) },
    { label: words.edit, icon: PencilLine, keys: "F2", run: edit },
    pinItem({ kind: "collection", ref: collection.id, name: collection.name }),
    { label: words.remove, icon: Trash2, keys: "Del", danger: true, apart: true, run: remove },
  ];
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "F2") edit();
    else if (event.key === "Delete") remove();
    else return;
    event.preventDefault();
  };
  const drops = collectDrops(collection, smart);
  return (
    <ContextMenu items={items}>
      <div
        {...drops}
        className={cx("rounded-md data-drop:ring-2 data-drop:ring-accent", here ? "bg-accent-soft" : "hover:bg-hover")}
      >
        <Link
          to="/collection"
          search={{ id: collection.id }}
          {...(onGo === undefined ? {} : { onClick: onGo })}
          aria-current={here ? "page" : undefined}
          title={plainName(collection.description ?? collection.query ?? collection.name)}
          onKeyDown={onKeyDown}
          data-line
          {...dragPin({ kind: "collection", ref: collection.id, name: collection.name })}
          className="ring-inside flex items-center gap-2.5 rounded-md px-2.5 py-1.5 pointer-coarse:py-2.5"
        >
          <CollectionIcon smart={smart} className={here ? "text-accent" : "text-soft"} />
          <Name name={collection.name} className={cx("min-w-0 flex-1 truncate", here && "font-medium")} />
          {!smart && <span className="shrink-0 text-2xs text-faint tabular">{collection.files === 0 ? "" : collection.files}</span>}
        </Link>
      </div>
    </ContextMenu>
  );
}
