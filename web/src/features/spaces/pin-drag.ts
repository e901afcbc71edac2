// Dragging things onto the sidebar and about in it.
import type { DragEvent, HTMLAttributes } from "react";
import type { Space, SpaceGroup } from "@/api/types";
import { dropAt, partOf, type Place } from "./order";
import { dropGroup, pin, type Pinned, placeItem } from "./pinning";

export const pinType = "application/x-stardrive-pin";
/** Files that are dragged: a folder can be meant to go into a line, too. */
const entriesType = "application/x-stardrive-entries";
const itemType = "application/x-stardrive-item";
const groupType = "application/x-stardrive-group";

type Handlers = HTMLAttributes<HTMLElement>;
type Drops = Pick<Handlers, "onDragOver" | "onDragLeave" | "onDrop">;

/** What is dragged: a thing, and the item of the sidebar that it is already. */
type Carried = Pinned & { item?: string };

function light(element: Element | null, how = ""): void {
  for (const old of document.querySelectorAll("[data-insert]")) if (old !== element) old.removeAttribute("data-insert");
  element?.setAttribute("data-insert", how);
}

/** Lets something be dragged to the sidebar, besides what its drag means elsewhere. */
export function carry(event: DragEvent, carried: Carried): void {
  event.dataTransfer.setData(pinType, JSON.stringify(carried));
  if (carried.item !== undefined) event.dataTransfer.setData(itemType, carried.item);
}

export const dragPin = (carried: Carried): Handlers => ({
  draggable: true,
  onDragStart: (event) => {
    event.dataTransfer.effectAllowed = "copyMove";
    carry(event, carried);
    event.stopPropagation();
  },
  onDragEnd: () => light(null),
});

function read(event: DragEvent): Carried | undefined {
  try {
    const value = JSON.parse(event.dataTransfer.getData(pinType)) as Partial<Carried> | null;
    return typeof value?.kind === "string" && typeof value.ref === "string" && typeof value.name === "string" ? (value as Carried) : undefined;
  } catch {
    return undefined;
  }
}

const pinnable = (transfer: DataTransfer): boolean => transfer.types.includes(pinType);

/** Whether a drag carries what a sidebar takes, and is not of a sidebar already. */
export const isNew = (transfer: DataTransfer): boolean => pinnable(transfer) && !transfer.types.includes(itemType);

/** Puts what was dropped into the sidebar. */
export async function dropped(event: DragEvent, place: ((moved: string | undefined) => Place) | undefined): Promise<void> {
  const one = read(event);
  if (one?.item !== undefined && place !== undefined) await placeItem(one.item, place(one.item));
  else if (one !== undefined) await pin(one, place?.(undefined));
}

/** Dropping onto a line of a group: beside it, or, where the line takes files itself, onto it. */
export function lineDrops(group: SpaceGroup, index: number, onto: Drops): Drops {
  const whereIs = (event: DragEvent) => {
    if (!pinnable(event.dataTransfer)) return "on";
    const { top, height } = event.currentTarget.getBoundingClientRect();
    return partOf(event.clientY - top, height, event.dataTransfer.types.includes(entriesType) && onto.onDrop !== undefined);
  };
  return {
    onDragOver: (event) => {
      const where = whereIs(event);
      if (where === "on") {
        light(null);
        onto.onDragOver?.(event);
        return;
      }
      onto.onDragLeave?.(event);
      event.preventDefault();
      event.stopPropagation();
      light(event.currentTarget, where);
    },
    onDragLeave: (event) => {
      light(null);
      onto.onDragLeave?.(event);
    },
    onDrop: (event) => {
      const where = whereIs(event);
      light(null);
      if (where === "on") {
        onto.onDrop?.(event);
        return;
      }
      event.preventDefault();
      event.stopPropagation();
      void dropped(event, (moved) => dropAt(group, where === "before" ? index : index + 1, moved));
    },
  };
}

/** Dropping onto the heading or the empty rest of a group: things at its end, other groups in its place. */
export function groupDrops(space: Space, group: SpaceGroup): Drops {
  const takes = (event: DragEvent) => event.dataTransfer.types.includes(groupType) || (group.fill === undefined && pinnable(event.dataTransfer));
  return {
    onDragOver: (event) => {
      if (!takes(event)) return;
      event.preventDefault();
      event.stopPropagation();
      light(event.currentTarget, event.dataTransfer.types.includes(groupType) ? "before" : "into");
    },
    onDragLeave: () => light(null),
    onDrop: (event) => {
      light(null);
      if (!takes(event)) return;
      event.preventDefault();
      event.stopPropagation();
      const moved = event.dataTransfer.getData(groupType);
      if (moved !== "") dropGroup(space, moved, group.id);
      else void dropped(event, (item) => dropAt(group, group.items.length, item));
    },
  };
}

/** What makes the heading of a group draggable. */
export const dragGroup = (group: SpaceGroup): Handlers => ({
  draggable: true,
  onDragStart: (event) => {
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData(groupType, group.id);
    event.stopPropagation();
  },
  onDragEnd: () => light(null),
});
