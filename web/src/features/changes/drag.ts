// Dragging entries within the page: onto folders, locations, tabs and the way up;
// and from outside of it, which is an upload.
import type { DragEvent, HTMLAttributes } from "react";
import { contentUrl } from "@/api/library";
import type { Entry } from "@/api/types";
import { keyOf } from "@/features/browse/address";
import { countOf } from "@/ui/format";
import { plainName } from "@/ui/names";
import { sayError } from "@/ui/Toasts";
import { type Refs, refsOf } from "./clipboard";
import { carriesFiles, giftsOfDrop } from "@/features/upload/gather";
import { carry } from "@/features/spaces/pin-drag";
import { upload } from "@/features/upload/uploads";
import { putInto } from "./use-changes";

export const entriesType = "application/x-stardrive-entries";
const type = entriesType;

/** What is dragged. Other windows get it from the drag itself. */
let dragged: readonly Entry[] = [];

const copies = (event: DragEvent) => event.ctrlKey || event.altKey;

/** Begins to drag entries. */
function start(event: DragEvent, entries: readonly Entry[]): void {
  dragged = entries;
  event.dataTransfer.effectAllowed = "copyMove";
  event.dataTransfer.setData(type, JSON.stringify(refsOf(entries)));
  const [first] = entries;
  if (first?.kind === "folder" && first.id !== "" && entries.length === 1) carry(event, { kind: "folder", ref: first.id, name: plainName(first.name, first.raw) });
  if (first?.kind === "file" && entries.length === 1) {
    // Chromium lets this be dropped on the desktop, and fetches it there.
    const name = plainName(first.name, first.raw).replace(/[:/\\]/g, "_");
    event.dataTransfer.setData("DownloadURL", `${first.mime ?? "application/octet-stream"}:${name}:${new URL(contentUrl(first), location.href).href}`);
  }
  const label = document.createElement("div");
  label.textContent = entries.length === 1 && first ? plainName(first.name, first.raw) : countOf(entries.length, "thing");
  label.className = "fixed -top-20 left-0 max-w-64 truncate rounded-md border border-accent bg-raised px-3 py-1.5 text-sm text-ink shadow-pop";
  document.body.append(label);
  event.dataTransfer.setDragImage(label, -12, -8);
  setTimeout(() => label.remove());
}

/** Whether things can be dropped there: from another window anything, from here not onto itself. */
function takes(event: DragEvent, folder: Pick<Entry, "id" | "path">): boolean {
  if (carriesFiles(event.dataTransfer)) return true;
  return event.dataTransfer.types.includes(type) && !dragged.some((entry) => keyOf(entry) === keyOf(folder));
}

/** What was dropped, for a place that is no folder. */
export function readRefs(event: DragEvent): Refs {
  dragged = [];
  return JSON.parse(event.dataTransfer.getData(type) || "{}") as Refs;
}

function drop(event: DragEvent, folder: string): void {
  if (carriesFiles(event.dataTransfer)) {
    event.preventDefault();
    event.stopPropagation();
    void giftsOfDrop(event.dataTransfer).then((gifts) => upload(folder, gifts), sayError);
    return;
  }
  const refs = readRefs(event);
  event.preventDefault();
  event.stopPropagation();
  putInto(folder, { mode: copies(event) ? "copy" : "cut", refs });
}

type Handlers = Pick<HTMLAttributes<HTMLElement>, "onDragStart" | "onDragOver" | "onDragLeave" | "onDrop" | "onDragEnd">;

function lit(element: Element | null): void {
  for (const old of document.querySelectorAll("[data-drop]")) if (old !== element) old.removeAttribute("data-drop");
  element?.setAttribute("data-drop", "");
}

/** Dropping onto one place, such as a location. */
export function dropOn(folder: Pick<Entry, "id" | "path"> | undefined): Handlers {
  if (folder === undefined) return {};
  return {
    onDragOver: (event) => {
      if (!takes(event, folder)) return;
      event.preventDefault();
      event.stopPropagation();
      event.dataTransfer.dropEffect = copies(event) || carriesFiles(event.dataTransfer) ? "copy" : "move";
      lit(event.currentTarget);
    },
    onDragLeave: () => lit(null),
    onDrop: (event) => {
      lit(null);
      if (takes(event, folder)) drop(event, folder.path);
    },
  };
}

/** Dragging from a list, and dropping onto its folders or into the open one. */
export function listDrag(entryAt: (index: number) => Entry | undefined, grabbed: (entry: Entry) => readonly Entry[], folder: Pick<Entry, "id" | "path"> | undefined): Handlers {
  const at = (event: DragEvent) => {
    const row = event.target instanceof Element ? event.target.closest("[data-index]") : null;
    return { row, entry: row === null ? undefined : entryAt(Number(row.getAttribute("data-index"))) };
  };
  const target = (event: DragEvent) => {
    const { row, entry } = at(event);
    if (entry?.kind === "folder") return { element: row, folder: entry };
    // Into the open folder only what does not stand there already.
    return folder && dragged.length === 0 ? { element: event.currentTarget, folder } : folder && !dragged.every(({ parent }) => parent !== undefined && parent === folder.id) ? { element: null, folder } : undefined;
  };
  return {
    onDragStart: (event) => {
      const { entry } = at(event);
      if (entry) start(event, grabbed(entry));
    },
    onDragOver: (event) => {
      const found = target(event);
      lit(found?.element ?? null);
      if (!found || !takes(event, found.folder)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = copies(event) || carriesFiles(event.dataTransfer) ? "copy" : "move";
    },
    onDragLeave: () => lit(null),
    onDragEnd: () => {
      dragged = [];
      lit(null);
    },
    onDrop: (event) => {
      lit(null);
      const found = target(event);
      if (found && takes(event, found.folder)) drop(event, found.folder.path);
    },
  };
}
