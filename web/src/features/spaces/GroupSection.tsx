import { ArrowDown, ArrowUp, ChevronRight, ListX, PencilLine, Plus, SquarePlus } from "lucide-react";
import type { KeyboardEvent, ReactNode } from "react";
import { openDialog } from "@/app/dialogs";
import { asApiError } from "@/api/errors";
import type { Space, SpaceGroup } from "@/api/types";
import { cx } from "@/ui/cx";
import { ContextMenu, type MenuItem } from "@/ui/Menu";
import { Name } from "@/ui/Name";
import { dragGroup, groupDrops } from "./pin-drag";
import { removeGroup, stepGroup } from "./pinning";
import { foldGroup, useFolded } from "./shown-space";
import { words } from "./words";

interface GroupSectionProps {
  space: Space;
  group: SpaceGroup;
  action?: ReactNode;
  error?: unknown;
  onGo?: (() => void) | undefined;
  children: ReactNode;
}

/** A group of a sidebar: its title folds it, Alt and the arrows move it, F2 renames it, Delete takes it away. */
export function GroupSection({ space, group, action, error, onGo, children }: GroupSectionProps) {
  const kept = group.id !== "";
  const key = kept ? group.id : (group.fill ?? group.name);
  const shut = useFolded().has(key);
  const ask = (run: () => void) => () => {
    onGo?.();
    run();
  };
  const rename = ask(() => openDialog({ kind: "space-group", space, group }));
  const items: MenuItem[] = !kept
    ? []
    : [
        ...(group.fill === undefined ? [{ label: words.addInto, icon: Plus, run: ask(() => openDialog({ kind: "space-add", group: group.id })) }] : []),
        { label: words.rename, icon: PencilLine, keys: "F2", run: rename },
        { label: words.newGroup, icon: SquarePlus, run: ask(() => openDialog({ kind: "space-group", space, group: undefined })) },
        { label: words.up, icon: ArrowUp, keys: "Alt ↑", apart: true, run: () => void stepGroup(space, group.id, -1) },
        { label: words.down, icon: ArrowDown, keys: "Alt ↓", run: () => void stepGroup(space, group.id, 1) },
        { label: words.removeGroup, icon: ListX, keys: "Del", apart: true, run: () => void removeGroup(group) },
      ];
  const onKeyDown = (event: KeyboardEvent) => {
    if (kept && event.altKey && event.key === "ArrowUp") void stepGroup(space, group.id, -1);
    else if (kept && event.altKey && event.key === "ArrowDown") void stepGroup(space, group.id, 1);
    else if (kept && event.key === "F2") rename();
    else if (kept && event.key === "Delete") void removeGroup(group);
    else if (event.key === "ArrowRight" && shut) foldGroup(key, false);
    else if (event.key === "ArrowLeft" && !shut) foldGroup(key, true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <section
      aria-label={group.name}
      {...(kept && groupDrops(space, group))}
      className="mt-4 rounded-md data-[insert=before]:shadow-[inset_0_2px_0_0_var(--color-accent)] data-[insert=into]:ring-2 data-[insert=into]:ring-accent"
    >
      <ContextMenu items={items}>
        <div className="mb-0.5 flex h-6 items-center justify-between gap-1 pr-1 pointer-coarse:h-9">
          <h2 className="min-w-0 flex-1 text-xs font-medium text-soft">
            <button
              type="button"
              data-line
              data-part={kept ? group.id : undefined}
              {...(kept && dragGroup(group))}
              aria-expanded={!shut}
              onClick={() => foldGroup(key, !shut)}
              onKeyDown={onKeyDown}
              className="group/title ring-inside flex h-6 w-full min-w-0 items-center gap-1 rounded-md pl-2.5 text-left hover:text-ink pointer-coarse:h-9"
            >
              <Name name={group.name} className="truncate" />
              <ChevronRight aria-hidden className={cx("size-3 shrink-0 transition-transform", shut ? "" : "rotate-90 opacity-0 group-hover/title:opacity-100 group-focus-visible/title:opacity-100")} />
            </button>
          </h2>
          {action}
        </div>
      </ContextMenu>
      {!shut && children}
      {error !== null && error !== undefined && <p className="px-2.5 py-1 text-xs text-bad">{asApiError(error).message}</p>}
    </section>
  );
}
