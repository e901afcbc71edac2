import { useQuery } from "@tanstack/react-query";
import { ChevronRight, EyeOff } from "lucide-react";
import type { KeyboardEvent } from "react";
import { openDialog } from "@/app/dialogs";
import { useGoSearch, useOpenAsk } from "@/app/go";
import { tagsQuery } from "@/api/queries";
import { searchFor } from "@/features/search/address";
import { cx } from "@/ui/cx";
import { ContextMenu } from "@/ui/Menu";
import { Name } from "@/ui/Name";
import { plainName } from "@/ui/names";
import { createStore, useStore } from "@/ui/store";
import { dragTag, dropOnTag } from "./tag-drag";
import { tagMenu } from "./tag-menu";
import { type TagLine, tagQuery, treeLines } from "./tag-tree";
import { TagDot } from "./TagFace";
import { words } from "./words";

/** Which tags show what is below them, on all places of the page. */
export const unfolded = createStore<ReadonlySet<string>>(new Set());

export function fold(tag: string, open: boolean): void {
  unfolded.set((before) => {
    const after = new Set(before);
    if (open) after.add(tag);
    else after.delete(tag);
    return after;
  });
}

const most = 40; // lines in the sidebar: the page of tags has the others

/** The tags in the sidebar: a click shows their files; files dropped onto one get it, and it can be dragged onto files. */
export function TagsSection({ onGo }: { onGo?: () => void }) {
  const tags = useQuery(tagsQuery);
  const open = useStore(unfolded);
  const lines = treeLines(tags.data ?? [], open);
  return (
    <ul aria-label={words.section}>
      {lines.slice(0, most).map((line) => <Line key={line.key} line={line} {...(onGo === undefined ? {} : { onGo })} />)}
    </ul>
  );
}

function Line({ line: { tag, depth, below, open }, onGo }: { line: TagLine; onGo?: () => void }) {
  const goSearch = useGoSearch();
  const ask = useOpenAsk();
  const { data: all = [] } = useQuery(tagsQuery);
  const query = tagQuery(tag, all);
  const here = ask?.q.trim() === query;
  const name = plainName(tag.name);
  const search = () => {
    goSearch(searchFor(query));
    onGo?.();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "F2") openDialog({ kind: "tag", tag });
    else if (event.key === "Delete") openDialog({ kind: "remove-tag", tag });
    else if (event.key === "ArrowRight" && below > 0) fold(tag.id, true);
    else if (event.key === "ArrowLeft" && open) fold(tag.id, false);
    else return;
    event.preventDefault();
  };
  return (
    <ContextMenu items={tagMenu(tag, search)}>
      <li
        {...dropOnTag(tag, (dropped) => {
          const other = all.find(({ id }) => id === dropped.id);
          if (other) openDialog({ kind: "drop-tag", tag: other, onto: tag });
        })}
        style={{ paddingLeft: `${Math.min(depth, 6) * 0.75}rem` }}
        className={cx("flex items-center rounded-md data-drop:ring-2 data-drop:ring-accent", here ? "bg-accent-soft" : "hover:bg-hover")}
      >
        {below > 0 ? (
          <button type="button" aria-expanded={open} aria-label={open ? words.fold(name) : words.unfold(name)} onClick={() => fold(tag.id, !open)} className="inline-flex size-6 shrink-0 items-center justify-center rounded text-soft hover:text-ink pointer-coarse:size-9">
            <ChevronRight aria-hidden className={cx("size-3.5 transition-transform", open && "rotate-90")} />
          </button>
        ) : (
          <span aria-hidden className="w-6 shrink-0 pointer-coarse:w-9" />
        )}
        <button
          type="button"
          data-line
          {...dragTag(tag)}
          aria-current={here ? "page" : undefined}
          title={[name, plainName(tag.description ?? ""), (tag.aliases ?? []).map((alias) => plainName(alias)).join(", ")].filter((part) => part !== "").join("\n")}
          onClick={search}
          onKeyDown={onKeyDown}
          className="ring-inside flex min-w-0 flex-1 items-center gap-2 rounded-md py-1 pr-2.5 text-left pointer-coarse:py-2.5"
        >
          <TagDot tag={tag} />
          <Name name={tag.name} className={cx("min-w-0 flex-1 truncate", here && "font-medium")} />
          {tag.type === "private" && <EyeOff role="img" aria-label={words.privateMark} className="size-3 shrink-0 text-soft" />}
          <span className="shrink-0 text-2xs text-faint tabular">{words.files(tag.files)}</span>
        </button>
      </li>
    </ContextMenu>
  );
}
