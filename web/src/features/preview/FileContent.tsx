import { lazy, Suspense } from "react";
import type { Entry } from "@/api/types";
import { sortOf } from "@/features/kinds/kinds";
import { bytes, countOf } from "@/ui/format";
import { Waiting } from "@/ui/Note";
import { NoPreview } from "./NoPreview";
import { Preview } from "./Preview";
import { viewerOf, type Way } from "./ways";
import { ZoomBox } from "./ZoomBox";

const Viewer = lazy(() => import("./Viewers"));

/** What is in a file, in the way that was chosen. */
export function FileContent({ entry, way }: { entry: Entry; way: Way }) {
  if (entry.kind === "folder") return <NoPreview entry={entry} small={false} why={entry.id === "" ? "" : `${countOf(entry.files ?? 0, "file")} and ${countOf(entry.folders ?? 0, "folder")} in it, ${bytes(entry.size)}.`} />;
  const viewer = viewerOf(entry, way);
  if (viewer !== undefined) {
    return (
      <Suspense fallback={<Waiting>Opening…</Waiting>}>
        <Viewer entry={entry} kind={viewer} />
      </Suspense>
    );
  }
  return sortOf(entry).family === "image" ? <ZoomBox><Preview entry={entry} /></ZoomBox> : <Preview entry={entry} />;
}
