import { openDialog } from "@/app/dialogs";
import type { Entry } from "@/api/types";
import { drawer } from "@/features/shell/drawer";
import { plainName } from "@/ui/names";
import type { Commands } from "@/features/shell/commands";
import { pin } from "./pinning";
import { stepSpace } from "./shown-space";

/** The focus goes to the line of the sidebar that tells where the page is, or to the first. */
function focusSidebar(): void {
  if (document.querySelector("[data-sidebar]") === null) drawer.set(true); // too narrow to have it always
  setTimeout(() => document.querySelector<HTMLElement>("[data-sidebar] [data-line][aria-current], [data-sidebar] [data-line]")?.focus());
}

/** What can be asked of the sidebar on every page. */
export const spaceCommands: Commands = {
  sidebar: focusSidebar,
  nextSpace: () => stepSpace(1),
  previousSpace: () => stepSpace(-1),
  addToSidebar: () => openDialog({ kind: "space-add", group: undefined }),
  newSpace: () => openDialog({ kind: "space", space: undefined }),
};

/** Puts a selected folder, or the open one, into the sidebar. */
export function pinOf(selected: readonly Entry[], folder: Entry | undefined): (() => void) | undefined {
  const [one = folder] = selected;
  if (one === undefined || selected.length > 1 || one.kind !== "folder" || one.id === "") return undefined;
  return () => void pin({ kind: "folder", ref: one.id, name: plainName(one.name, one.raw) });
}
