import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { CopyPlus, ShieldCheck } from "lucide-react";
import { useCallback, useMemo } from "react";
import { openDialog } from "@/app/dialogs";
import type { Entry, Risk, Spread } from "@/api/types";
import { usePages } from "@/features/browse/use-pages";
import { Where } from "@/features/rows/Where";
import { EntryLine } from "@/features/rows/EntryLine";
import { openList } from "@/features/rows/open-lists";
import { QueryFilter } from "@/features/rows/QueryFilter";
import type { Row } from "@/features/rows/RowList";
import { Explained, RowsPage, ToolBar } from "@/features/rows/RowsPage";
import { ops } from "@/gen/client";
import { bytes, count, countOf, relativeTime } from "@/ui/format";
import { Button } from "@/ui/Button";
import { plainName } from "@/ui/names";
import { words } from "./words";

export interface RedundancyParams {
  q?: string | undefined;
  on?: string | undefined;
}

const risks: Record<Risk, { choice: string; words: string }> = {
  file: { choice: "in one file", words: "Of these, one file is all there is." },
  volume: { choice: "on one volume", words: "If that volume is lost, these are lost." },
  disk: { choice: "on one disk", words: "If that disk is lost, these are lost, on whichever of its volumes they are." },
  device: { choice: "on one device", words: "If that device is lost, these are lost." },
};
const isRisk = (text: string): text is Risk => Object.hasOwn(risks, text);

const listFor = (query: string, on: Risk) =>
  openList<Spread, true>(JSON.stringify(["redundancy", query, on]), async (cursor, limit, signal) => {
    const out = await ops.redundancyList({ query, on, cursor, limit: Math.min(limit, 200) }, { signal });
    return { items: out.items, next: out.next, total: out.items.length, head: true };
  });

type SpreadRow = Row & { entry: Entry & { location?: string }; spread: Spread };

const most = 1000;

/** Asks where copies of these are to be made. */
const copyTo = (ids: readonly string[]) => openDialog({ kind: "copy-to", ids, title: words.copyTitle(ids.length) });

/** What one loss would take away for good. */
export function RedundancyPage() {
  const { q = "", on: given = "" }: RedundancyParams = useSearch({ strict: false });
  const on = isRisk(given) ? given : "disk";
  const navigate = useNavigate();
  const change = (more: RedundancyParams) => void navigate({ to: "/copies", search: { q: q === "" ? undefined : q, on, ...more }, replace: true });
  const { list, state } = usePages<Spread, true, ReturnType<typeof listFor>>(listFor(q, on), () => true);
  const rows = useMemo(
    () =>
      state.items.flatMap((spread): SpreadRow[] => {
        const [entry] = spread.copies;
        return entry === undefined ? [] : [{ key: spread.content, height: 48, entry, spread }];
      }),
    [state.items],
  );
  const summary = useQuery({ queryKey: ["search", "redundancy"], queryFn: ({ signal }) => ops.redundancySummary({}, { signal }) });
  const all = summary.data;
  const risked = all && { file: all.one_file, volume: all.one_volume, disk: all.one_disk, device: all.one_device }[on];
  const seen = useCallback((end: number) => list.pages.need(end + 100), [list]);
  const shown = rows.filter(({ entry }) => entry.state === "present").slice(0, most).map(({ entry }) => entry.id);
  return (
    <RowsPage
      title="Copies"
      rows={rows}
      waiting={state.head === undefined}
      error={state.error}
      retry={() => list.pages.reload()}
      seen={seen}
      status={risked === undefined ? "" : `${countOf(risked.contents, "content")}, ${bytes(risked.bytes)}, ${risks[on].choice} only`}
      empty={{ icon: ShieldCheck, title: "Nothing of that sort is known", words: "Only of files that were read whole it is known how many copies there are." }}
      tools={
        <>
          <Explained>
            {risks[on].words} Copies on volumes that are offline count as they were seen last.
            {all !== undefined && all.unknown > 0 && ` Of ${countOf(all.unknown, "file")} it is not known: they were not read.`}
          </Explained>
          <ToolBar>
            <label className="flex items-center gap-1.5 text-soft">
              What exists
              <select value={on} onChange={(event) => change({ on: event.target.value })} className="h-8 rounded-md bg-surface font-medium text-ink pointer-coarse:h-10">
                {Object.entries(risks).map(([risk, { choice }]) => (
                  <option key={risk} value={risk}>
                    {choice} only
                  </option>
                ))}
              </select>
            </label>
            <QueryFilter value={q} change={(query) => change({ q: query === "" ? undefined : query })} />
            {shown.length > 0 && <Button icon={CopyPlus} onClick={() => copyTo(shown)}>{words.copyShown(shown.length)}</Button>}
          </ToolBar>
          {all !== undefined && all.items.length > 0 && <ByLocation items={all.items} />}
        </>
      }
      menu={({ entry }) => [{ label: words.copySelected, icon: CopyPlus, apart: true, disabled: entry.state !== "present", run: () => copyTo([entry.id]) }]}
    >
      {({ entry, spread }, active, naming) => (
        <EntryLine
          entry={entry}
          active={active} naming={naming}
          note={<span className="shrink-0">· {[spread.files > 1 && countOf(spread.files, "file"), spread.volumes > 1 && countOf(spread.volumes, "volume"), spread.volumes > spread.disks && countOf(spread.disks, "disk"), spread.files > spread.bodies && "sharing blocks", `read ${relativeTime(spread.read)}`].filter(Boolean).join(", ")}</span>}
          side={
            <>
              <div>{bytes(spread.size)}</div>
              <Where location={undefined} volume={entry.volume} />
            </>
          }
        />
      )}
    </RowsPage>
  );
}

type ByLocationItem = Awaited<ReturnType<typeof ops.redundancySummary>>["items"][number];

/** How far the files of each location are spread. */
function ByLocation({ items }: { items: readonly ByLocationItem[] }) {
  return (
    <details className="border-b border-line text-xs">
      <summary className="ring-inside cursor-default px-4 py-2 font-medium hover:bg-hover">By location</summary>
      <div className="max-h-60 overflow-auto px-4 pb-3">
        <table className="w-full text-right tabular">
          <thead className="text-soft">
            <tr>
              <th scope="col" className="py-1 pr-4 text-left font-normal">Location</th>
              <th scope="col" className="py-1 pl-3 font-normal">1 disk</th>
              <th scope="col" className="py-1 pl-3 font-normal">2</th>
              <th scope="col" className="py-1 pl-3 font-normal">3 or more</th>
            </tr>
          </thead>
          <tbody className="divide-y divide-line">
            {items.map((item) => (
              <tr key={item.location_id ?? item.location}>
                <th scope="row" className="max-w-40 truncate py-1 pr-4 text-left font-medium">{item.location === "" ? "In none" : plainName(item.location)}</th>
                {([[item.files_1, item.bytes_1], [item.files_2, item.bytes_2], [item.files_3, item.bytes_3]] as const).map(([files, size], i) => (
                  <td key={i} className="py-1 pl-3 whitespace-nowrap">
                    {count(files)} <span className="text-soft">{files > 0 ? bytes(size) : ""}</span>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
