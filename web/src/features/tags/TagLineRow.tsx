import { useQuery } from "@tanstack/react-query";
import { ChevronRight, EyeOff } from "lucide-react";
import { openDialog } from "@/app/dialogs";
import { tagsQuery } from "@/api/queries";
import { cx } from "@/ui/cx";
import { Name } from "@/ui/Name";
import { plainName } from "@/ui/names";
import { dragTag, dropOnTag } from "./tag-drag";
import type { TagLine } from "./tag-tree";
import { TagDot } from "./TagFace";
import { fold } from "./TagsSection";
import { words } from "./words";

interface TagLineRowProps {
  id: string;
  line: TagLine;
  top: number;
  height: number;
  chosen: boolean;
  choose: () => void;
  search: () => void;
}

/** A tag in the tree. The keys are the tree's. */
export function TagLineRow({ id, line: { tag, depth, below, open }, top, height, chosen, choose, search }: TagLineRowProps) {
  const { data: all = [] } = useQuery(tagsQuery);
  return (
    // A click on it gives the tree the focus.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
    <div
      id={id}
      role="treeitem"
      aria-level={depth + 1}
      aria-selected={chosen}
      aria-expanded={below > 0 ? open : undefined}
      onMouseDown={choose}
      onClick={choose}
      onDoubleClick={search}
      {...dragTag(tag)}
      {...dropOnTag(tag, (dropped) => {
        const other = all.find((one) => one.id === dropped.id);
        if (other) openDialog({ kind: "drop-tag", tag: other, onto: tag });
      })}
      style={{ transform: `translateY(${top}px)`, height, paddingLeft: `${depth * 1.25}rem` }}
      className={cx(
        "absolute inset-x-0 top-0 flex items-center gap-2 rounded-md pr-2.5 outline-none data-drop:ring-2 data-drop:ring-accent data-drop:ring-inset",
        chosen ? "bg-accent-faint group-focus/list:bg-accent-soft group-focus-visible/list:ring-2 group-focus-visible/list:ring-accent group-focus-visible/list:ring-inset" : "hover:bg-hover",
      )}
    >
      <span aria-hidden className="flex size-6 shrink-0 items-center justify-center" onClick={() => below > 0 && fold(tag.id, !open)}>
        {below > 0 && <ChevronRight className={cx("size-3.5 text-soft transition-transform", open && "rotate-90")} />}
      </span>
      <TagDot tag={tag} />
      <span className="min-w-0 truncate">
        {tag.namespace !== undefined && tag.namespace !== "" && <span className="text-soft">{plainName(tag.namespace)}/</span>}
        <Name name={tag.name} className={cx(tag.type === "organisational" && "font-medium")} />
      </span>
      {tag.type === "private" && <EyeOff role="img" aria-label={words.privateMark} className="size-3.5 shrink-0 text-soft" />}
      {(tag.aliases ?? []).length > 0 && <span className="min-w-0 truncate text-xs text-soft max-sm:hidden">{(tag.aliases ?? []).map((alias) => plainName(alias)).join(", ")}</span>}
      <span className="ml-auto shrink-0 text-xs text-soft tabular">{words.files(tag.files)}</span>
    </div>
  );
}
