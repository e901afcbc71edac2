// Dragging tags: onto files, which get them, and onto other tags; and files onto tags.
import type { DragEvent, HTMLAttributes } from "react";
import type { Entry, Tag } from "@/api/types";
import { entriesType, readRefs } from "@/features/changes/drag";
import { carry } from "@/features/spaces/pin-drag";
import { applyTag, markingOf, whatOf } from "@/features/marks/marking";
import { countOf } from "@/ui/format";
import { words } from "@/features/marks/words";

const type = "application/x-stardrive-tag";

type Dragged = Pick<Tag, "id" | "name">;
type Handlers = HTMLAttributes<HTMLElement>;

function read(event: DragEvent): Dragged | undefined {
  try {
    const value: unknown = JSON.parse(event.dataTransfer.getData(type));
    if (typeof value !== "object" || value === null || !("id" in value) || !("name" in value)) return undefined;
    return { id: String(value.id), name: String(value.name) };
  } catch {
    return undefined;
  }
}

function light(element: Element | null): void {
  for (const old of document.querySelectorAll("[data-drop]")) if (old !== element) old.removeAttribute("data-drop");
  element?.setAttribute("data-drop", "");
}

/** What makes a tag draggable. */
export const dragTag = (tag: Dragged): Handlers => ({
  draggable: true,
  onDragStart: (event) => {
    event.dataTransfer.effectAllowed = "copyMove";
    event.dataTransfer.setData(type, JSON.stringify({ id: tag.id, name: tag.name }));
    carry(event, { kind: "tag", ref: tag.id, name: tag.name });
    event.stopPropagation();
  },
  onDragEnd: () => light(null),
});

/** Dropping files, or where it is told of them other tags, onto a tag. */
export function dropOnTag(tag: Dragged, onTag?: (dropped: Dragged) => void): Handlers {
  const takes = (event: DragEvent) => event.dataTransfer.types.includes(entriesType) || (onTag !== undefined && event.dataTransfer.types.includes(type));
  return {
    onDragOver: (event) => {
      if (!takes(event)) return;
      event.preventDefault();
      event.stopPropagation();
      event.dataTransfer.dropEffect = "copy";
      light(event.currentTarget);
    },
    onDragLeave: () => light(null),
    onDrop: (event) => {
      light(null);
      if (!takes(event)) return;
      event.preventDefault();
      event.stopPropagation();
      const dropped = read(event);
      if (dropped !== undefined) {
        if (dropped.id !== tag.id) onTag?.(dropped);
        return;
      }
      const { ids = [], sources = [] } = readRefs(event);
      void applyTag(tag, { ids, paths: sources }, countOf(ids.length + sources.length, words.thing));
    },
  };
}

/** Dropping tags onto the entries of a list: onto one, or with it all that are selected. */
export function tagDrops(others: Handlers, entryAt: (index: number) => Entry | undefined, grabbed: (entry: Entry) => readonly Entry[]): Handlers {
  const target = (event: DragEvent) => {
    const row = event.dataTransfer.types.includes(type) && event.target instanceof Element ? event.target.closest("[data-index]") : null;
    const entry = row === null ? undefined : entryAt(Number(row.getAttribute("data-index")));
    return entry === undefined || entry.id === "" ? undefined : { row, entry };
  };
  return {
    ...others,
    onDragOver: (event) => {
      const found = target(event);
      if (!found) {
        others.onDragOver?.(event);
        return;
      }
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      light(found.row);
    },
    onDrop: (event) => {
      const found = target(event);
      const tag = found && read(event);
      if (!found || !tag) {
        others.onDrop?.(event);
        return;
      }
      light(null);
      event.preventDefault();
      const files = grabbed(found.entry);
      void applyTag(tag, markingOf(files), whatOf(files));
    },
  };
}
