import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { contentTypeQuery, linkQuery } from "@/api/queries";
import type { Entry } from "@/api/types";
import { Button } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { bytes } from "@/ui/format";
import { ErrorNote, Waiting } from "@/ui/Note";
import { plainName } from "@/ui/names";
import { NoPreview } from "./NoPreview";
import { isTextType, largeText, previewKind } from "./preview-kind";

interface OriginalProps {
  entry: Entry;
  /** In the inspector: small, and without players that start by themselves. */
  small: boolean;
  /** What stands in a player before it plays. */
  poster?: string | undefined;
  /** A picture is drawn. */
  loaded?: () => void;
  /** It cannot be shown; without this, that is said in its place. */
  failed?: () => void;
}

/** A file's own bytes, as far as the browser can show them. They come from the content origin, where nothing of this page can be reached. */
export function Original({ entry, small, poster, loaded, failed }: OriginalProps) {
  const kind = previewKind(entry);
  const [anyway, setAnyway] = useState("");
  const key = `${entry.id} ${entry.path} ${entry.modified} ${entry.size}`;
  const why = reasonAgainst(entry, kind !== "none");
  const large = kind === "text" && entry.size > largeText && anyway !== key;
  const shows = why === "" && !large;
  const link = useQuery({ ...linkQuery(entry), enabled: shows });
  const type = useQuery({ ...contentTypeQuery(entry), enabled: shows && kind === "text" });

  if (why !== "" || kind === "none") return <NoPreview entry={entry} why={why} small={small} />;
  if (large) {
    return (
      <NoPreview entry={entry} why={`This text is ${bytes(entry.size)} long.`} small={small}>
        <Button onClick={() => setAnyway(key)}>Show it all the same</Button>
      </NoPreview>
    );
  }
  if (link.error) return <ErrorNote error={link.error} retry={() => void link.refetch()} />;
  if (kind === "text" && type.data !== undefined && type.data !== "" && !isTextType(type.data)) {
    return <NoPreview entry={entry} why="Its name is that of a text, but what is in it is not." small={small} />;
  }
  if (!link.data || (kind === "text" && type.isPending)) return <Waiting>Opening {plainName(entry.name, entry.raw)}…</Waiting>;
  const ended = () => {
    if (Date.now() - link.dataUpdatedAt < 60_000) return false;
    void link.refetch(); // the link may have run out: try once more with a fresh one
    return true;
  };
  return <Shown key={key} url={link.data.url} kind={kind} entry={entry} small={small} ended={ended} poster={poster} loaded={loaded} failed={failed} />;
}

/** Why the bytes of a file cannot be shown now, or "". */
export function reasonAgainst(entry: Entry, possible: boolean): string {
  if (!possible) return entry.kind === "file" ? "No preview for this kind of file." : "";
  if (entry.state === "offline") return "The volume is offline. Connect it to see the content.";
  if (entry.state === "absent") return "This file is no longer there.";
  return entry.size === 0 ? "This file is empty." : "";
}

interface ShownProps {
  url: string;
  kind: string;
  entry: Entry;
  small: boolean;
  /** Whether a failure comes from a link that has ended, and another is on its way. */
  ended: () => boolean;
  poster: string | undefined;
  loaded: (() => void) | undefined;
  failed: (() => void) | undefined;
}

function Shown({ url, kind, entry, small, ended, poster, loaded, failed }: ShownProps) {
  const [broken, setBroken] = useState(false);
  const name = plainName(entry.name, entry.raw);
  const fail = () => {
    if (ended()) return;
    setBroken(true);
    failed?.();
  };
  if (broken && failed) return null;
  if (broken) return <NoPreview entry={entry} why="The browser cannot show this file." small={small} />;
  switch (kind) {
    case "image":
      return <img src={url} alt={name} onError={fail} onLoad={loaded} referrerPolicy="no-referrer" draggable={false} className={cx("checkers rounded object-contain", small ? "max-h-56 max-w-full" : "max-h-full max-w-full")} />;
    case "video":
      // The files are the person's own: there are no captions to offer.
      // eslint-disable-next-line jsx-a11y/media-has-caption
      return <video src={url} poster={poster} controls autoPlay={!small} preload={poster === undefined || !small ? "metadata" : "none"} onError={fail} aria-label={name} className="max-h-full max-w-full rounded bg-black" />;
    case "audio":
      // eslint-disable-next-line jsx-a11y/media-has-caption
      return <audio src={url} controls autoPlay={!small} preload="metadata" onError={fail} aria-label={name} className={small ? "w-full" : "w-full max-w-xl"} />;
    case "pdf":
      // No browser shows a PDF in a frame with a sandbox attribute; the answer itself carries the sandbox.
      return <iframe src={url} title={name} referrerPolicy="no-referrer" className={cx("w-full rounded border border-line bg-white", small ? "h-64" : "h-full")} />;
    default:
      return <iframe src={url} title={name} sandbox="" referrerPolicy="no-referrer" className={cx("w-full rounded border border-line bg-surface", small ? "h-64" : "h-full")} />;
  }
}
