import { useQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ListFilter, Plus, Tags } from "lucide-react";
import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import { openDialog } from "@/app/dialogs";
import { useGoSearch } from "@/app/go";
import { tagsQuery } from "@/api/queries";
import type { Tag } from "@/api/types";
import { undoLast } from "@/features/marks/marking";
import { JobsDock } from "@/features/jobs/JobsDock";
import { Explained, ToolBar } from "@/features/rows/RowsPage";
import { searchFor } from "@/features/search/address";
import { useCommands } from "@/features/shell/commands";
import { TopBar } from "@/features/shell/TopBar";
import { goBack, goForward, useTabTitle } from "@/features/tabs/tabs";
import { Button } from "@/ui/Button";
import { ContextMenu } from "@/ui/Menu";
import { EmptyNote, ErrorNote, Waiting } from "@/ui/Note";
import { useStore } from "@/ui/store";
import { TagDetails } from "./TagDetails";
import { TagLineRow } from "./TagLineRow";
import { tagMenu } from "./tag-menu";
import { matchingLines, type TagLine, tagQuery, treeLines } from "./tag-tree";
import { fold, unfolded } from "./TagsSection";
import { words } from "./words";

const height = 34;

/** All tags: as a tree, or those with some letters as a list; and what the selected one is. */
export function TagsPage() {
  const tags = useQuery(tagsQuery);
  const [letters, setLetters] = useState("");
  const [chosen, setChosen] = useState("");
  const open = useStore(unfolded);
  const goSearch = useGoSearch();
  useTabTitle(words.page);
  const all = tags.data ?? none;
  const lines = useMemo(() => (letters.trim() === "" ? treeLines(all, open) : matchingLines(all, letters)), [all, letters, open]);
  const line = lines.find(({ key }) => key === chosen);
  const make = () => openDialog({ kind: "tag", tag: undefined });
  const search = (tag: Tag) => goSearch(searchFor(tagQuery(tag, all)));
  useCommands({ reload: () => void tags.refetch(), undo: () => void undoLast(), newFolder: make, rename: line && (() => openDialog({ kind: "tag", tag: line.tag })), trash: line && (() => openDialog({ kind: "remove-tag", tag: line.tag })) });
  return (
    <>
      <TopBar back={goBack} forward={goForward}>
        <h1 className="px-2 py-1 text-sm font-semibold">{words.page}</h1>
      </TopBar>
      <div className="flex min-h-0 flex-1">
        <main className="flex min-w-0 flex-1 flex-col bg-surface">
          <Explained>{words.pageHelp}</Explained>
          <ToolBar>
            <label className="relative flex min-w-0 flex-1 items-center sm:max-w-64">
              <ListFilter aria-hidden className="pointer-events-none absolute left-2 size-3.5 text-faint" />
              <input type="search" aria-label={words.filter} placeholder={words.filter} value={letters} spellCheck={false} autoComplete="off" onChange={(event) => setLetters(event.target.value)} className="h-8 w-full min-w-0 rounded-md border border-line bg-sunken pr-2 pl-7 text-sm placeholder:text-faint focus:border-accent focus:bg-surface focus:outline-none pointer-coarse:h-10" />
            </label>
            <Button icon={Plus} onClick={make}>{words.addTag}</Button>
          </ToolBar>
          {tags.error ? (
            <ErrorNote error={tags.error} retry={() => void tags.refetch()} className="flex-1" />
          ) : tags.data === undefined ? (
            <Waiting className="flex-1">{words.looking}</Waiting>
          ) : lines.length === 0 ? (
            <EmptyNote icon={Tags} title={all.length === 0 ? words.empty : words.noneFound} className="flex-1" action={all.length === 0 && <Button look="primary" icon={Plus} onClick={make}>{words.addTag}</Button>}>
              {all.length === 0 && words.emptyHelp}
            </EmptyNote>
          ) : (
            <Tree lines={lines} chosen={chosen} choose={setChosen} search={search} />
          )}
          <footer className="flex h-9 shrink-0 items-center gap-3 border-t border-line bg-surface pr-2 pl-4 text-xs text-soft">
            <p role="status" className="min-w-0 flex-1 truncate tabular">{tags.data !== undefined && words.count(all.length)}</p>
            <JobsDock />
          </footer>
        </main>
        <aside aria-label={words.details} className="w-72 shrink-0 overflow-y-auto border-l border-line bg-surface p-4 max-md:hidden">
          {line === undefined ? <p className="text-soft">{words.pick}</p> : <TagDetails tag={line.tag} all={all} search={search} show={setChosen} />}
        </aside>
      </div>
    </>
  );
}

const none: readonly Tag[] = [];
const rowId = (index: number) => `tag-row-${index}`;

function Tree({ lines, chosen, choose, search }: { lines: readonly TagLine[]; chosen: string; choose: (key: string) => void; search: (tag: Tag) => void }) {
  const box = useRef<HTMLDivElement>(null);
  const at = lines.findIndex(({ key }) => key === chosen);
  const line = lines[at];
  // eslint-disable-next-line react-hooks/incompatible-library -- the compiler is not in use
  const drawn = useVirtualizer({ count: lines.length, getScrollElement: () => box.current, estimateSize: () => height, overscan: 12, getItemKey: (index) => lines[index]?.key ?? index });
  const moveTo = (index: number) => {
    const to = lines[Math.max(0, Math.min(index, lines.length - 1))];
    if (to === undefined) return;
    choose(to.key);
    drawn.scrollToIndex(lines.indexOf(to));
  };
  const keys: Record<string, () => void> = {
    ArrowDown: () => moveTo(at + 1),
    ArrowUp: () => moveTo(at < 0 ? 0 : at - 1),
    PageDown: () => moveTo(at + 10),
    PageUp: () => moveTo(at - 10),
    Home: () => moveTo(0),
    End: () => moveTo(lines.length - 1),
    ArrowRight: () => line && (line.open ? moveTo(at + 1) : line.below > 0 && fold(line.tag.id, true)),
    ArrowLeft: () => line && (line.open ? fold(line.tag.id, false) : moveTo(lines.findLastIndex(({ depth }, i) => i < at && depth < line.depth))),
    Enter: () => line && search(line.tag),
    m: () => line && openDialog({ kind: "choose-tag", tag: line.tag, into: "merge" }),
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const key = event.altKey || event.ctrlKey || event.metaKey ? undefined : keys[event.key];
    if (key === undefined || event.target !== event.currentTarget) return;
    key();
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <ContextMenu items={line === undefined ? [] : tagMenu(line.tag, () => search(line.tag))}>
      <div
        ref={box}
        role="tree"
        tabIndex={0}
        aria-label={words.page}
        aria-activedescendant={at >= 0 ? rowId(at) : undefined}
        onKeyDown={onKeyDown}
        className="group/list relative min-h-0 flex-1 overflow-y-auto p-1.5 outline-none select-none"
      >
        <div role="presentation" className="relative" style={{ height: drawn.getTotalSize() }}>
          {drawn.getVirtualItems().map(({ index, start }) => {
            const one = lines[index];
            return one && <TagLineRow key={one.key} id={rowId(index)} line={one} top={start} height={height} chosen={index === at} choose={() => choose(one.key)} search={() => search(one.tag)} />;
          })}
        </div>
      </div>
    </ContextMenu>
  );
}
