import { Copy, EllipsisVertical, FolderOpen, FolderTree, RefreshCw, SlidersHorizontal, Trash2, TriangleAlert } from "lucide-react";
import { openDialog } from "@/app/dialogs";
import { useGo, useIsHere } from "@/app/go";
import type { Job, Location } from "@/api/types";
import { shownPath } from "@/features/browse/address";
import { dropOn } from "@/features/changes/drag";
import { dragPin } from "@/features/spaces/pin-drag";
import { pinItem } from "@/features/spaces/pinning";
import { IconButton } from "@/ui/Button";
import { copyText } from "@/ui/clipboard";
import { cx } from "@/ui/cx";
import { countOf } from "@/ui/format";
import { ContextMenu, DropdownMenu, type MenuItem } from "@/ui/Menu";
import { Name } from "@/ui/Name";
import { plainName } from "@/ui/names";
import { Progress } from "@/ui/Progress";
import { share } from "@/features/jobs/job-words";
import { isHeld, jobOf, standing } from "./location-words";
import { rescan } from "./rescan";

const dots = { good: "bg-good", busy: "bg-accent animate-pulse", warn: "bg-warn", bad: "bg-bad" };

/** An indexed folder in the sidebar. */
export function LocationItem({ location, jobs, onGo }: { location: Location; jobs: readonly Job[]; onGo?: () => void }) {
  const go = useGo();
  const address = location.entry === "" ? { path: location.path } : { id: location.entry };
  const here = useIsHere(address);
  const job = jobOf(location, jobs);
  const { word, tone } = standing(location, job);
  const open = () => {
    go(address);
    onGo?.();
  };
  const remove = () => {
    onGo?.();
    openDialog({ kind: "remove-location", location });
  };
  const held = isHeld(location, job);
  const show = (kind: "location" | "missing") => {
    onGo?.();
    openDialog({ kind, id: location.id });
  };
  const items: MenuItem[] = [
    { label: "Open", icon: FolderOpen, run: open },
    { label: "Read again", icon: RefreshCw, disabled: job !== undefined, run: () => void rescan(location) },
    ...(held ? [{ label: "See what is missing…", icon: TriangleAlert, run: () => show("missing") }] : []),
    { label: "Rules and state…", icon: SlidersHorizontal, run: () => show("location") },
    pinItem({ kind: "location", ref: location.id, name: location.name }),
    { label: "Copy path", icon: Copy, run: () => void copyText(shownPath(location), "Path") },
    { label: "Remove from the library…", icon: Trash2, danger: true, apart: true, run: remove },
  ];
  return (
    <ContextMenu items={items}>
      <div {...dropOn({ id: location.entry, path: location.path })} className={cx("group relative rounded-md data-drop:ring-2 data-drop:ring-accent", here ? "bg-accent-soft" : "hover:bg-hover")}>
        <button
          type="button"
          data-line
          {...dragPin({ kind: "location", ref: location.id, name: location.name })}
          aria-current={here ? "page" : undefined}
          title={`${plainName(shownPath(location))}\n${word}. ${countOf(location.files, "file")}`}
          onClick={open}
          className="ring-inside flex w-full items-center gap-2.5 rounded-md py-1.5 pr-3 pl-2.5 text-left pointer-coarse:py-2.5 pointer-coarse:pr-11"
        >
          <FolderTree aria-hidden className={cx("size-4 shrink-0", here ? "text-accent" : "text-kind-folder")} strokeWidth={1.6} />
          <span className={cx("min-w-0 flex-1 truncate", here && "font-medium")}>
            <Name name={location.name} />
          </span>
          {held && job === undefined ? (
            <TriangleAlert role="img" aria-label={word} className="size-3.5 shrink-0 text-warn pointer-fine:group-hover:invisible" strokeWidth={1.75} />
          ) : (
            <span role="img" aria-label={word} className={cx("size-1.5 shrink-0 rounded-full pointer-fine:group-hover:invisible", dots[tone])} />
          )}
        </button>
        {job?.state === "running" && <Progress value={share(job)} label={`Indexing ${plainName(location.name)}`} className="mr-2.5 mb-1.5 ml-9" />}
        <DropdownMenu items={items}>
          <IconButton
            icon={EllipsisVertical}
            label={`More for ${plainName(location.name)}`}
            small
            className="absolute top-1 right-1 opacity-0 group-hover:opacity-100 focus-visible:bg-surface focus-visible:opacity-100 aria-expanded:opacity-100 pointer-coarse:opacity-100"
          />
        </DropdownMenu>
      </div>
    </ContextMenu>
  );
}
