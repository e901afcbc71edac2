import { useLocation, useNavigate, useSearch } from "@tanstack/react-router";
import { useQuery } from "@tanstack/react-query";
import { ArrowDown, ArrowUp, Bookmark, File, Folder, FolderOpen, FolderTree, ListX, PencilLine, TriangleAlert } from "lucide-react";
import type { KeyboardEvent, ReactNode } from "react";
import { openDialog } from "@/app/dialogs";
import { useGo, useGoSearch, useIsHere, useOpenAsk } from "@/app/go";
import { savedQuery, volumesQuery } from "@/api/queries";
import type { Space, SpaceGroup, SpaceItem } from "@/api/types";
import { resolvePath } from "@/features/browse/place";
import { dropOn } from "@/features/changes/drag";
import { collectDrops } from "@/features/collections/CollectionItem";
import { CollectionIcon } from "@/features/collections/CollectDialog";
import { fromSaved, searchFor } from "@/features/search/address";
import { dragPin, lineDrops } from "./pin-drag";
import { dropOnTag } from "@/features/tags/tag-drag";
import { TagDot } from "@/features/tags/TagFace";
import { VolumeFace } from "@/features/volumes/VolumeItem";
import { cx } from "@/ui/cx";
import { ContextMenu, type MenuItem } from "@/ui/Menu";
import { Name } from "@/ui/Name";
import { sayError } from "@/ui/Toasts";
import { stepItem, takeOut } from "./pinning";
import { words } from "./words";

/** Goes to what an item of a sidebar shows. */
function useOpenItem(item: SpaceItem): () => void {
  const go = useGo();
  const goSearch = useGoSearch();
  const navigate = useNavigate();
  const { data: saved = [] } = useQuery({ ...savedQuery, enabled: item.kind === "saved" });
  return () => {
    const kept = saved.find(({ id, name }) => id === item.ref || name === item.ref);
    if (item.kind === "collection") void navigate({ to: "/collection", search: { id: item.ref } });
    else if (item.kind === "saved" && kept) goSearch(fromSaved(kept));
    else if (item.kind === "tag" || item.kind === "saved") goSearch(searchFor(item.query ?? ""));
    else if (item.kind === "file") resolvePath(item.path ?? "").then(({ address, select }) => go(address, select), sayError);
    else go(item.entry === undefined || item.entry === "" ? { path: item.path } : { id: item.entry });
  };
}

/** Whether the page shows what an item stands for. */
function useItemIsHere(item: SpaceItem): boolean {
  const { pathname } = useLocation();
  const { id }: { id?: string | undefined } = useSearch({ strict: false });
  const ask = useOpenAsk();
  const folder = useIsHere({ id: item.entry });
  if (item.kind === "collection") return pathname === "/collection" && id === item.ref;
  if (item.kind === "tag" || item.kind === "saved") return ask !== undefined && ask.q.trim() === item.query;
  return item.kind !== "file" && item.entry !== undefined && folder;
}

function Icon({ item, here }: { item: SpaceItem; here: boolean }): ReactNode {
  const look = cx("size-4 shrink-0", here ? "text-accent" : item.kind === "folder" || item.kind === "location" ? "text-kind-folder" : "text-soft");
  const more = { "aria-hidden": true, className: look, strokeWidth: 1.6 } as const;
  if (item.state === "broken") return <TriangleAlert aria-hidden className="size-4 shrink-0 text-warn" strokeWidth={1.6} />;
  switch (item.kind) {
    case "tag": return <TagDot tag={item} className="mx-px" />;
    case "collection": return <CollectionIcon smart={(item.query ?? "") !== ""} className={here ? "text-accent" : "text-soft"} />;
    case "saved": return <Bookmark {...more} />;
    case "location": return <FolderTree {...more} />;
    case "file": return <File {...more} />;
    default: return <Folder {...more} />;
  }
}

type Drops = ReturnType<typeof collectDrops> | ReturnType<typeof dropOn> | ReturnType<typeof dropOnTag>;

/** What files that are dropped onto the item itself come to. */
function ontoItem(item: SpaceItem): Drops {
  if (item.state === "broken") return {};
  if (item.kind === "tag") return dropOnTag({ id: item.ref, name: item.name });
  if (item.kind === "collection") return (item.query ?? "") === "" ? collectDrops({ id: item.ref, name: item.name }, false) : {};
  return item.kind === "folder" || item.kind === "location" ? dropOn({ id: item.entry ?? "", path: item.path ?? "" }) : {};
}

interface SpaceLineProps {
  item: SpaceItem;
  /** Where it stands; undefined in a group that fills itself. */
  stands?: { space: Space; group: SpaceGroup; index: number };
  onGo?: (() => void) | undefined;
}

/** A thing in a sidebar: Enter opens it, Alt and the arrows move it, F2 renames it there, Delete takes it out. */
export function SpaceLine({ item, stands, onGo }: SpaceLineProps) {
  const openItem = useOpenItem(item);
  const here = useItemIsHere(item);
  const { data: volumes = [] } = useQuery({ ...volumesQuery, enabled: item.kind === "volume" });
  const volume = item.kind === "volume" && item.state !== "broken" ? volumes.find(({ id }) => id === item.ref) : undefined;
  const broken = item.state === "broken";
  const open = () => {
    if (broken) return;
    openItem();
    onGo?.();
  };
  const rename = () => {
    onGo?.();
    openDialog({ kind: "space-item", item });
  };
  const step = (by: 1 | -1) => stands && void stepItem(stands.space, item.id ?? "", by);
  const items: MenuItem[] = [
    { label: words.open, icon: FolderOpen, keys: "Enter", disabled: broken, run: open },
    ...(stands === undefined
      ? []
      : [
          { label: words.renameHere, icon: PencilLine, keys: "F2", run: rename },
          { label: words.up, icon: ArrowUp, keys: "Alt ↑", apart: true, run: () => step(-1) },
          { label: words.down, icon: ArrowDown, keys: "Alt ↓", run: () => step(1) },
          { label: words.takeOut, icon: ListX, keys: "Del", apart: true, run: () => void takeOut(item) },
        ]),
  ];
  const onKeyDown = (event: KeyboardEvent) => {
    if (stands === undefined) return;
    if (event.altKey && event.key === "ArrowUp") step(-1);
    else if (event.altKey && event.key === "ArrowDown") step(1);
    else if (event.key === "F2") rename();
    else if (event.key === "Delete") void takeOut(item);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const pinned = item.kind === "file" || stands === undefined ? {} : dragPin({ kind: item.kind, ref: item.ref, name: item.name, item: item.id ?? "" });
  return (
    <ContextMenu items={items}>
      <li
        {...(stands && lineDrops(stands.group, stands.index, ontoItem(item)))}
        className={cx(
          "rounded-md data-drop:ring-2 data-drop:ring-accent data-[insert=after]:shadow-[inset_0_-2px_0_0_var(--color-accent)] data-[insert=before]:shadow-[inset_0_2px_0_0_var(--color-accent)]",
          here ? "bg-accent-soft" : "hover:bg-hover",
        )}
      >
        <button
          type="button"
          data-line
          data-part={item.id}
          {...pinned}
          aria-current={here ? "page" : undefined}
          aria-disabled={broken}
          title={[item.path ?? item.query, item.problem].filter(Boolean).join("\n")}
          onClick={open}
          onKeyDown={onKeyDown}
          className={cx("ring-inside flex w-full rounded-md px-2.5 py-1.5 text-left pointer-coarse:py-2.5", volume ? "flex-col gap-1" : "items-center gap-2.5")}
        >
          {volume ? (
            <VolumeFace volume={volume} label={item.name} />
          ) : (
            <>
              <Icon item={item} here={here} />
              <Name name={item.name} className={cx("min-w-0 flex-1 truncate", here && "font-medium", broken && "text-soft")} />
              {item.state !== "ok" && <span className="shrink-0 text-2xs text-soft">{broken ? words.broken : words.offline}</span>}
            </>
          )}
        </button>
      </li>
    </ContextMenu>
  );
}
