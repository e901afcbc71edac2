import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Columns2, Copy as CopyIcon, FolderCheck, ShieldCheck, ShieldOff, Trash2 } from "lucide-react";
import { type KeyboardEvent, useCallback, useMemo, useState } from "react";
import type { DuplicateGroup } from "@/api/types";
import { usePages } from "@/features/browse/use-pages";
import { propose } from "@/features/changes/flow";
import { EntryLine, folderOf } from "@/features/rows/EntryLine";
import { openList } from "@/features/rows/open-lists";
import { GroupHead, RowsPage } from "@/features/rows/RowsPage";
import { ops } from "@/gen/client";
import type { MenuItem } from "@/ui/Menu";
import { CompareDialog } from "./CompareDialog";
import { type Choices, type How, type Keep, hows, keeps, toggled } from "./choices";
import { duplicateRows, type DuplicateRow } from "./duplicate-rows";
import { DuplicateTools } from "./DuplicateTools";
import { Verdict } from "./Verdict";
import { words } from "./words";

/** What narrows the list and says what stays, as it stands in the URL; `keep` has a folder on every line. */
export interface DuplicatesParams {
  q?: string | undefined;
  min?: string | undefined;
  keep?: string | undefined;
  rule?: string | undefined;
  how?: string | undefined;
}

function listFor(query: string, minSize: number, reference: string[]) {
  return openList<DuplicateGroup, true>(JSON.stringify(["duplicates", query, minSize, reference]), async (cursor, limit, signal) => {
    const out = await ops.duplicatesList({ query, min_size: minSize, reference, limit: Math.min(limit, 200), cursor }, { signal });
    return { items: out.items, next: out.next, total: out.items.length, head: true };
  });
}

const oneOf = <T extends string>(given: string | undefined, all: readonly T[], otherwise: T): T => all.find((one) => one === given) ?? otherwise;

/** What is chosen, and what it comes to as a plan. */
function useWorkbench() {
  const params: DuplicatesParams = useSearch({ strict: false });
  const navigate = useNavigate();
  const [stay, setStay] = useState<ReadonlySet<string>>(new Set());
  const { q = "", min = "0" } = params;
  const keep: Keep = oneOf(params.rule, keeps, "oldest");
  const how: How = oneOf(params.how, hows, "trash");
  const least = Number(min) || 0;
  const folders = useMemo(() => (params.keep ?? "").split("\n").filter((path) => path !== ""), [params.keep]);
  const choices = useMemo((): Choices => ({ keep, how, stay, narrowed: q !== "" }), [keep, how, stay, q]);
  const change = (more: DuplicatesParams) => void navigate({ to: "/duplicates", search: { ...params, ...more }, replace: true });
  const list = listFor(q, least, folders);
  /** Plans to free room; of some files alone where these are named. */
  const reclaim = (ids?: string[]) =>
    void propose(() => ops.filesDedupe({ reference: folders, stay: [...stay], keep, how, min_size: least, ...(ids === undefined ? { query: q } : { ids }) }), { then: () => list.pages.reload() });
  const setFolders = (paths: readonly string[]) => change({ keep: paths.join("\n") || undefined });
  return { q, min, folders, choices, list, change, setFolders, reclaim, keepThese: (ids: readonly string[]) => setStay(toggled(stay, ids)), forgetStay: () => setStay(new Set()) };
}

/** Files that hold the same bytes, those first that waste most, and which of them are to stay. Nothing is changed but by a plan. */
export function DuplicatesPage() {
  const bench = useWorkbench();
  const { q, choices, folders } = bench;
  const { list, state } = usePages<DuplicateGroup, true, ReturnType<typeof listFor>>(bench.list, () => true);
  const [compared, setCompared] = useState<string>();
  const rows = useMemo(() => duplicateRows(state.items, choices), [state.items, choices]);
  const least = Number(bench.min) || 0;
  const summary = useQuery({ queryKey: ["search", "duplicates", q, least, folders], queryFn: ({ signal }) => ops.duplicatesSummary({ query: q, min_size: least, reference: folders }, { signal }) });
  const seen = useCallback((end: number) => list.pages.need(Math.ceil(end / 2) + 60), [list]);
  const all = summary.data;
  const groupOf = (row: DuplicateRow) => state.items.find(({ content }) => content === row.content);
  const keepGroup = (row: DuplicateRow) => bench.keepThese(groupOf(row)?.copies.map(({ id }) => id) ?? []);
  const keepIt = (row: DuplicateRow) => row.entry && bench.keepThese([row.entry.id]);
  const menu = (row: DuplicateRow): MenuItem[] => {
    if (row.entry === undefined) return [];
    const { entry } = row;
    const stays = choices.stay.has(entry.id);
    return [
      { label: stays ? words.unkeepThis : words.keepThis, icon: stays ? ShieldOff : ShieldCheck, keys: "K", apart: true, run: () => keepIt(row) },
      { label: words.keepGroup, icon: ShieldCheck, keys: "Shift K", run: () => keepGroup(row) },
      { label: words.keepFolder, icon: FolderCheck, run: () => bench.setFolders([...folders.filter((path) => path !== folderOf(entry)), folderOf(entry)]) },
      { label: words.compare, icon: Columns2, keys: "C", run: () => setCompared(row.content) },
      { label: words.reclaimSome, icon: Trash2, run: () => bench.reclaim([entry.id]) },
    ];
  };
  const onKey = (event: KeyboardEvent, row: DuplicateRow | undefined) => {
    if (event.ctrlKey || event.metaKey || event.altKey || row?.entry === undefined) return false;
    const keys: Record<string, () => void> = { k: () => keepIt(row), K: () => keepGroup(row), c: () => setCompared(row.content) };
    keys[event.key]?.();
    return event.key in keys;
  };
  const group = state.items.find(({ content }) => content === compared);
  return (
    <>
      <RowsPage
        title={words.title}
        rows={rows}
        waiting={state.head === undefined}
        error={state.error}
        retry={() => list.pages.reload()}
        seen={seen}
        status={all === undefined ? "" : words.status(all.groups, all.files, all.wasted)}
        empty={{ icon: CopyIcon, title: words.none, words: q === "" ? words.noneHelp : words.noneFound }}
        tools={<DuplicateTools {...bench} summary={all} />}
        menu={menu}
        onKey={onKey}
      >
        {(row, active, naming) =>
          row.heading === true ? (
            <GroupHead title={row.title} words={row.words} />
          ) : (
            <EntryLine entry={row.entry} active={active} naming={naming} note={row.note !== "" && <span className="shrink-0">· {row.note}</span>} side={<Verdict of={row.verdict} location={row.entry.location} volume={row.entry.volume} />} />
          )
        }
      </RowsPage>
      {group && <CompareDialog group={group} choices={choices} keep={(id) => bench.keepThese([id])} onClose={() => setCompared(undefined)} />}
    </>
  );
}
