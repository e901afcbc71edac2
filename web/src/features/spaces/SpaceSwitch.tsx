import { ArrowUp, Check, ChevronsUpDown, ListX, PanelLeft, PencilLine, Plus, RotateCcw, SquarePlus } from "lucide-react";
import { openDialog } from "@/app/dialogs";
import type { Space } from "@/api/types";
import { TagDot } from "@/features/tags/TagFace";
import { DropdownMenu, type MenuItem } from "@/ui/Menu";
import { plainName } from "@/ui/names";
import { moveUp } from "./pinning";
import { showSpace, useSpaces } from "./shown-space";
import { words } from "./words";

/** Which sidebar is shown, and a menu to show another, to make one, and to change it. */
export function SpaceSwitch({ onGo }: { onGo?: (() => void) | undefined }) {
  const { spaces, space } = useSpaces();
  const name = plainName(space.name);
  return (
    <DropdownMenu items={spaceMenu(spaces, space, onGo)}>
      <button type="button" data-space-switch aria-label={words.space(name)} title={`${words.space(name)} (Alt S)`} className="-mr-1 ml-auto flex h-8 max-w-24 min-w-0 items-center gap-1.5 rounded-md px-1.5 text-xs text-soft hover:bg-hover hover:text-ink pointer-coarse:h-10">
        {(space.icon ?? "") === "" && (space.colour ?? "") === "" ? <PanelLeft aria-hidden className="size-3.5 shrink-0" /> : <TagDot tag={space} />}
        <bdi className="min-w-0 truncate">{name}</bdi>
        <ChevronsUpDown aria-hidden className="size-3 shrink-0 text-faint" />
      </button>
    </DropdownMenu>
  );
}

function spaceMenu(spaces: readonly Space[], space: Space, onGo: (() => void) | undefined): MenuItem[] {
  const ask = (run: () => void) => () => {
    onGo?.();
    run();
  };
  const at = spaces.findIndex(({ id }) => id === space.id);
  const change: MenuItem[] = [
    { label: words.add, icon: Plus, apart: true, run: ask(() => openDialog({ kind: "space-add", group: undefined })) },
    { label: words.newGroup, icon: SquarePlus, run: ask(() => openDialog({ kind: "space-group", space, group: undefined })) },
    { label: words.newSpace, icon: Plus, apart: true, run: ask(() => openDialog({ kind: "space", space: undefined })) },
    { label: words.editSpace, icon: PencilLine, run: ask(() => openDialog({ kind: "space", space })) },
    ...(at > 0 ? [{ label: words.earlier, icon: ArrowUp, run: () => void moveUp(space, at - 1) }] : []),
    { label: space.default === true ? words.resetSpace : words.removeSpace, icon: space.default === true ? RotateCcw : ListX, danger: space.default !== true, apart: true, disabled: !space.stored, run: ask(() => openDialog({ kind: "remove-space", space })) },
  ];
  if (spaces.length < 2) return change.map((item, i) => (i === 0 ? { ...item, apart: false } : item));
  return [...spaces.map((one): MenuItem => ({ label: plainName(one.name), icon: one.id === space.id ? Check : PanelLeft, ...(one.id === space.id && { keys: words.shown }), run: () => showSpace(one) })), ...change];
}
