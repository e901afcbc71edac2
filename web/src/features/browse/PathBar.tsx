import { ChevronRight, HardDrive, PencilLine } from "lucide-react";
import { useEffect, useRef } from "react";
import { useGo } from "@/app/go";
import { IconButton } from "@/ui/Button";
import { dropOn } from "@/features/changes/drag";
import { cx } from "@/ui/cx";
import { Name } from "@/ui/Name";
import type { Crumb } from "./address";
import { PathInput } from "./PathInput";

interface PathBarProps {
  crumbs: Crumb[];
  /** The path as text, to be edited. */
  path: string;
  editing: boolean;
  setEditing: (editing: boolean) => void;
}

/** The way to the open folder. A click on a part goes there; the whole can be edited as text. */
export function PathBar({ crumbs, path, editing, setEditing }: PathBarProps) {
  return (
    <div className="relative flex min-w-0 flex-1 items-center">
      {editing ? <PathInput key={path} path={path} close={() => setEditing(false)} /> : <Crumbs crumbs={crumbs} edit={() => setEditing(true)} />}
    </div>
  );
}

function Crumbs({ crumbs, edit }: { crumbs: Crumb[]; edit: () => void }) {
  const go = useGo();
  const strip = useRef<HTMLOListElement>(null);
  useEffect(() => {
    const list = strip.current;
    if (list) list.scrollLeft = list.scrollWidth; // the end matters most
  }, [crumbs]);
  return (
    <nav aria-label="Path" className="group flex h-8 min-w-0 flex-1 items-center rounded-md border border-transparent hover:border-line">
      <ol ref={strip} className="flex min-w-0 items-center overflow-x-auto [scrollbar-width:none]">
        {crumbs.map((crumb, i) => {
          const last = i === crumbs.length - 1;
          return (
            <li {...dropOn({ id: crumb.address.id ?? "", path: crumb.path })} key={`${crumb.address.id ?? ""}${crumb.address.path ?? ""}`} className="flex shrink-0 items-center rounded data-drop:bg-accent-soft">
              {i > 0 && <ChevronRight aria-hidden className="size-3.5 shrink-0 text-faint" />}
              <button
                type="button"
                aria-current={last ? "location" : undefined}
                onClick={() => go(crumb.address, crumbs[i + 1]?.path)}
                className={cx("flex h-7 max-w-56 items-center gap-1.5 rounded px-1.5 hover:bg-hover", last ? "font-semibold text-ink" : "text-soft hover:text-ink")}
              >
                {i === 0 && <HardDrive role="img" aria-label="Volume" className="size-4 shrink-0" strokeWidth={1.6} />}
                {crumb.name !== "/" && <Name name={crumb.name} className="truncate" />}
              </button>
            </li>
          );
        })}
      </ol>
      {/* The empty rest of the bar, for the mouse; the button beside it does the same for everybody. */}
      <button type="button" tabIndex={-1} aria-hidden onClick={edit} className="h-full min-w-4 flex-1 cursor-text" />
      <IconButton icon={PencilLine} label="Edit the path" keys="F4" small onClick={edit} className="mr-0.5 opacity-0 group-hover:opacity-100 focus-visible:opacity-100 pointer-coarse:hidden" />
    </nav>
  );
}
