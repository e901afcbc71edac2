import { type CSSProperties, type ReactNode, useState } from "react";
import type { EntryInfo } from "@/api/types";
import { EntryIcon } from "@/features/kinds/EntryIcon";
import { Blur } from "@/features/thumbs/Blur";
import { useThumb } from "@/features/thumbs/use-thumb";
import { cx } from "@/ui/cx";
import { plainName } from "@/ui/names";

/** The box that a picture takes, known before any of it has come: so nothing jumps. */
function fitted({ facts }: EntryInfo, small: boolean): CSSProperties {
  const { width = 0, height = 0 } = facts ?? {};
  if (width <= 0 || height <= 0) return {};
  const shape = width / height;
  const high = small ? `${14 * shape}rem` : `${100 * shape}cqh`; // max-h-56, or all of the container
  return { width: `min(${width}px, 100%, ${high})`, aspectRatio: shape };
}

interface StillProps {
  entry: EntryInfo;
  small: boolean;
  /** What is shown where there is no picture; told why. */
  otherwise: (why: string) => ReactNode;
  /** Nothing is said while it is waited for. */
  quiet?: boolean;
}

/** The picture that the daemon made of a file; before it comes, its colours. */
export function Still({ entry, small, otherwise, quiet = false }: StillProps) {
  const thumb = useThumb(entry, "thumb1024");
  const [broken, setBroken] = useState("");
  const fits = cx("object-contain max-w-full rounded", small ? "max-h-56" : "max-h-full");
  if (thumb?.state === "ready" && thumb.url !== broken) {
    return (
      <img
        src={thumb.url}
        alt={plainName(entry.name, entry.raw)}
        draggable={false}
        onError={() => setBroken(thumb.url)}
        style={fitted(entry, small)}
        className={cx("checkers", fits)}
        data-still
      />
    );
  }
  if (thumb?.state !== "waiting") return otherwise(thumb?.state === "none" ? thumb.why : "");
  const blurhash = entry.facts?.blurhash ?? "";
  if (blurhash !== "") {
    return (
      <div style={fitted(entry, small)} className={cx("overflow-hidden", fits)}>
        <Blur hash={blurhash} className="h-full w-full" />
      </div>
    );
  }
  if (quiet) return null;
  return (
    <div role="status" className="flex flex-col items-center gap-3 text-soft">
      <EntryIcon entry={entry} className={cx("opacity-60", small ? "size-14" : "size-20")} />
      <p className="animate-late">Making a picture of it…</p>
    </div>
  );
}
