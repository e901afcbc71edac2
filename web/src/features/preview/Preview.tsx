import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { entryQuery } from "@/api/queries";
import type { Entry, EntryInfo } from "@/api/types";
import { addressOf } from "@/features/browse/address";
import { sortOf } from "@/features/kinds/kinds";
import { isPictured, useThumb } from "@/features/thumbs/use-thumb";
import { Name } from "@/ui/Name";
import { plainName } from "@/ui/names";
import { FilmPeek } from "./FilmPeek";
import { NoPreview } from "./NoPreview";
import { Original, reasonAgainst } from "./Original";
import { Still } from "./Still";
import { previewKind } from "./preview-kind";

interface PreviewProps {
  entry: Entry;
  /** In the inspector: small, and without players that start by themselves. */
  small?: boolean;
}

/**
 * Shows what is in a file: the picture that the daemon made of it at once, and
 * its own bytes where the browser can show them and they are wanted.
 */
export function Preview({ entry: listed, small = false }: PreviewProps) {
  const info = useQuery({ ...entryQuery(addressOf(listed)), enabled: isPictured(listed) });
  const entry: EntryInfo = info.data ?? listed;
  const kind = previewKind(entry);
  const { family } = sortOf(entry);
  const original = <Original entry={entry} small={small} />;
  const barred = reasonAgainst(entry, true); // an offline volume, say: pictures are still at hand
  const orWhy = (why: string) => <NoPreview entry={entry} small={small} why={barred || why || "No preview for this kind of file."} />;
  if (!isPictured(entry)) return kind === "none" ? orWhy("") : original;
  const playable = kind !== "none" && barred === "";
  switch (family) {
    case "image":
      return <ImageView entry={entry} small={small} playable={playable} orWhy={orWhy} />;
    case "video":
      if (small) return <FilmPeek entry={entry} otherwise={playable ? () => original : orWhy} />;
      return playable ? <Film entry={entry} /> : <FilmPeek entry={entry} otherwise={orWhy} note={barred || "The browser cannot play this kind of video. Download it to watch."} />;
    case "audio":
      return <Sound entry={entry} small={small} player={playable ? original : orWhy("The browser cannot play this kind of sound.")} />;
    case "pdf":
      return playable && !small ? original : <Still entry={entry} small={small} otherwise={playable ? () => original : orWhy} />;
    default:
      return <Still entry={entry} small={small} otherwise={playable ? () => original : orWhy} />;
  }
}

interface ViewProps {
  entry: EntryInfo;
  small: boolean;
  /** Whether the browser can show its own bytes. */
  playable: boolean;
  orWhy: (why: string) => ReactNode;
}

/** A picture: drawn small at once, and over that the file itself once it has come, where the view is large. */
function ImageView({ entry, small, playable, orWhy }: ViewProps) {
  const thumb = useThumb(entry, "thumb1024");
  const [state, setState] = useState<"coming" | "shown" | "failed">("coming");
  const damaged = entry.sidecars?.find(({ kind, status }) => kind.startsWith("thumb") && status === "failed")?.reason;
  const wanted = playable && state !== "failed" && (!small || thumb?.state === "none" || entry.facts?.animated === true);
  const still = <Still entry={entry} small={small} otherwise={(why) => (wanted ? null : orWhy(state === "failed" ? "The browser cannot show this file." : why))} />;
  if (!wanted) return still;
  return (
    <div className="relative flex h-full w-full items-center justify-center">
      {state !== "shown" && still}
      <div className={state === "shown" ? "flex h-full w-full items-center justify-center" : "invisible absolute inset-0"}>
        <Original entry={entry} small={small} loaded={() => setState("shown")} failed={() => setState("failed")} />
      </div>
      {state === "shown" && damaged !== undefined && (
        <p className="absolute inset-x-0 bottom-0 truncate rounded bg-warn-soft px-2 py-1 text-center text-xs text-warn" title={plainName(damaged)}>
          No picture could be made of it: <Name name={damaged} />
        </p>
      )}
    </div>
  );
}

/** A film in its player, which shows a scene of it before it plays. */
function Film({ entry }: { entry: EntryInfo }) {
  const thumb = useThumb(entry, "thumb1024");
  return <Original entry={entry} small={false} poster={thumb?.state === "ready" ? thumb.url : undefined} />;
}

/** A song: its cover, where it has one, above the player. */
function Sound({ entry, small, player }: { entry: EntryInfo; small: boolean; player: ReactNode }) {
  return (
    <div className="flex h-full min-h-0 w-full flex-col items-center justify-center gap-3">
      <div className={small ? "flex max-h-44 min-h-0 justify-center" : "flex min-h-0 flex-1 items-center justify-center"}>
        <Still entry={entry} small={small} otherwise={() => null} quiet />
      </div>
      {player}
    </div>
  );
}
