import { useNavigate, useSearch } from "@tanstack/react-router";
import { Images } from "lucide-react";
import { useCallback, useMemo } from "react";
import type { Entry, NearGroup } from "@/api/types";
import { usePages } from "@/features/browse/use-pages";
import { EntryLine } from "@/features/rows/EntryLine";
import { openList } from "@/features/rows/open-lists";
import { QueryFilter } from "@/features/rows/QueryFilter";
import type { Row } from "@/features/rows/RowList";
import { Explained, GroupHead, RowsPage, ToolBar } from "@/features/rows/RowsPage";
import { ops } from "@/gen/client";
import { bytes, count, countOf } from "@/ui/format";

type NearRow = Row & ({ heading: true; entry?: undefined; title: string } | { heading?: false; entry: Entry; note: string; side: [string, string] });

const listFor = (query: string) =>
  openList<NearGroup, true>(JSON.stringify(["near", query]), async (cursor, limit, signal) => {
    const out = await ops.nearList({ query, after: Number(cursor), limit: Math.min(limit, 200) }, { signal });
    return { items: out.items, next: out.next === 0 ? "" : String(out.next), total: out.items.length, head: true };
  });

function nearRows(groups: readonly NearGroup[]): NearRow[] {
  return groups.flatMap(({ pictures }, i) => [
    { key: `#${pictures[0]?.content ?? i}`, height: 40, heading: true as const, title: `${countOf(pictures.length, "picture")} that look alike` },
    ...pictures.flatMap(({ content, copies, distance, width, height, size }): NearRow[] => {
      const [entry] = copies;
      if (entry === undefined) return [];
      const note = [distance > 0 && `${distance} of 64 bits differ`, copies.length > 1 && countOf(copies.length, "copy", "copies")].filter(Boolean).join(" · ");
      return [{ key: `${pictures[0]?.content ?? ""} ${content}`, height: 60, entry, note, side: [`${count(width)} × ${count(height)}`, bytes(size)] }];
    }),
  ]);
}

/** Pictures that look alike and are not the same. */
export function NearPage() {
  const { q = "" }: { q?: string } = useSearch({ strict: false });
  const navigate = useNavigate();
  const { list, state } = usePages<NearGroup, true, ReturnType<typeof listFor>>(listFor(q), () => true);
  const rows = useMemo(() => nearRows(state.items), [state.items]);
  const seen = useCallback((end: number) => list.pages.need(Math.ceil(end / 2) + 60), [list]);
  return (
    <RowsPage
      title="Similar pictures"
      rows={rows}
      waiting={state.head === undefined}
      error={state.error}
      retry={() => list.pages.reload()}
      seen={seen}
      status={state.head === undefined ? "" : `${state.complete ? "" : "More than "}${countOf(state.items.length, "group")}`}
      empty={{ icon: Images, title: "No pictures that look alike are known", words: "Pictures are compared in locations that are looked into." }}
      tools={
        <>
          <Explained>These look alike, but their bytes are different: another size, a crop, an edit. They are not duplicates.</Explained>
          <ToolBar>
            <QueryFilter value={q} change={(query) => void navigate({ to: "/similar-pictures", search: { q: query === "" ? undefined : query }, replace: true })} />
          </ToolBar>
        </>
      }
    >
      {(row, active, naming) =>
        row.heading === true ? (
          <GroupHead title={row.title} words="" />
        ) : (
          <EntryLine
            pictured
            entry={row.entry}
            active={active} naming={naming}
            note={row.note !== "" && <span className="shrink-0">· {row.note}</span>}
            side={row.side.map((line) => (
              <div key={line}>{line}</div>
            ))}
          />
        )
      }
    </RowsPage>
  );
}
