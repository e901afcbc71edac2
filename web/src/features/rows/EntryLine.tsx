import { CloudOff, FileX2 } from "lucide-react";
import type { ReactNode } from "react";
import { shownPath } from "@/features/browse/address";
import { EntryIcon } from "@/features/kinds/EntryIcon";
import { EntryMarks } from "@/features/marks/EntryMarks";
import type { Entry } from "@/api/types";
import { useThumb } from "@/features/thumbs/use-thumb";
import { cx } from "@/ui/cx";
import { bytes, shortTime } from "@/ui/format";
import { Name, type Range } from "@/ui/Name";

/** The folder that an entry stands in, as people read it. */
export function folderOf(entry: Pick<Entry, "path" | "os_path">): string {
  const path = shownPath(entry);
  return path.slice(0, Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"), 1));
}

interface EntryLineProps {
  entry: Entry;
  active: boolean;
  /** Stretches of the name to be lit up. */
  highlight?: Range[];
  /** Instead of the name of the file. */
  title?: ReactNode;
  /** A field for another name, while that is given. */
  naming?: ReactNode;
  /** Right of the folder. */
  note?: ReactNode;
  /** Instead of its size and time. */
  side?: ReactNode;
  /** More lines below. */
  children?: ReactNode;
  /** With a small picture in place of the icon. */
  pictured?: boolean;
}

/** An entry out of its folder, on two lines: what it is called, and where it is. */
export function EntryLine({ entry, active, highlight, title, naming, note, side, children, pictured = false }: EntryLineProps) {
  const quiet = active ? "text-ink/80" : "text-soft";
  return (
    <div className="flex h-full items-start gap-3 px-2.5 py-1">
      {pictured ? <SmallPicture entry={entry} /> : <EntryIcon entry={entry} className="mt-2 size-5" />}
      <div className="min-w-0 flex-1">
        <div className="flex min-w-0 items-center font-medium">
          {naming ?? (
            <span data-handle draggable className="truncate">
              {title ?? <Name name={entry.name} raw={entry.raw} {...(highlight === undefined ? {} : { highlight })} />}
            </span>
          )}
          <EntryMarks id={entry.id} />
        </div>
        <div className={cx("flex gap-2 text-xs", quiet)}>
          <Name name={folderOf(entry)} className="truncate" />
          {note}
        </div>
        {children}
      </div>
      {entry.state === "offline" && <CloudOff role="img" aria-label="Volume is offline" className="mt-2.5 size-4 shrink-0 text-warn" strokeWidth={1.75} />}
      {entry.state === "absent" && <FileX2 role="img" aria-label="No longer there" className="mt-2.5 size-4 shrink-0 text-warn" strokeWidth={1.75} />}
      <div className={cx("shrink-0 pt-0.5 text-right text-xs tabular", quiet)}>
        {side ?? (
          <>
            {entry.kind === "file" && <div>{bytes(entry.size)}</div>}
            <div className="max-sm:hidden">{shortTime(entry.modified)}</div>
          </>
        )}
      </div>
    </div>
  );
}

function SmallPicture({ entry }: { entry: Entry }) {
  const thumb = useThumb(entry, "thumb256");
  return (
    <div className="flex h-full w-16 shrink-0 items-center justify-center">
      {thumb?.state === "ready" ? <img src={thumb.url} alt="" draggable={false} className="max-h-full max-w-full rounded-sm object-contain" /> : <EntryIcon entry={entry} className="size-7" />}
    </div>
  );
}
