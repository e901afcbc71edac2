import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Copy as CopyIcon, Fingerprint, FolderCheck, X } from "lucide-react";
import { useCallback, useMemo } from "react";
import { locationsQuery } from "@/api/queries";
import type { DuplicateGroup } from "@/api/types";
import { usePages } from "@/features/browse/use-pages";
import { EntryLine, folderOf } from "@/features/rows/EntryLine";
import { openList } from "@/features/rows/open-lists";
import { QueryFilter } from "@/features/rows/QueryFilter";
import { Explained, GroupHead, RowsPage, ToolBar } from "@/features/rows/RowsPage";
import { ops } from "@/gen/client";
import { Button, IconButton } from "@/ui/Button";
import { bytes, count, countOf } from "@/ui/format";
import { plainName } from "@/ui/names";
import { say, sayError } from "@/ui/Toasts";
import { duplicateRows } from "./duplicate-rows";

/** What narrows the list, as it stands in the URL; `keep` has a folder on every line. */
export interface DuplicatesParams {
  q?: string | undefined;
  min?: string | undefined;
  keep?: string | undefined;
}

const sizes: [value: string, words: string][] = [["0", "Any size"], ["1000000", "1 MB or more"], ["10000000", "10 MB or more"], ["100000000", "100 MB or more"]];

function listFor(query: string, minSize: number, reference: string[]) {
  return openList<DuplicateGroup, true>(JSON.stringify(["duplicates", query, minSize, reference]), async (cursor, limit, signal) => {
    const out = await ops.duplicatesList({ query, min_size: minSize, reference, limit: Math.min(limit, 200), cursor }, { signal });
    return { items: out.items, next: out.next, total: out.items.length, head: true };
  });
}

/** Files that hold the same bytes, those first that waste most. Nothing is deleted here. */
export function DuplicatesPage() {
  const params: DuplicatesParams = useSearch({ strict: false });
  const navigate = useNavigate();
  const { q = "", min = "0" } = params;
  const keep = useMemo(() => (params.keep ?? "").split("\n").filter((path) => path !== ""), [params.keep]);
  const change = (more: DuplicatesParams) => void navigate({ to: "/duplicates", search: { ...params, ...more }, replace: true });
  const addKept = (path: string) => change({ keep: [...keep.filter((known) => known !== path), path].join("\n") });
  const { list, state } = usePages<DuplicateGroup, true, ReturnType<typeof listFor>>(listFor(q, Number(min) || 0, keep), () => true);
  const rows = useMemo(() => duplicateRows(state.items), [state.items]);
  const summary = useQuery({ queryKey: ["search", "duplicates"], queryFn: ({ signal }) => ops.duplicatesSummary({}, { signal }) });
  const seen = useCallback((end: number) => list.pages.need(Math.ceil(end / 2) + 60), [list]);
  const all = summary.data;
  return (
    <RowsPage
      title="Duplicates"
      rows={rows}
      waiting={state.head === undefined}
      error={state.error}
      retry={() => list.pages.reload()}
      seen={seen}
      status={all === undefined ? "" : `${countOf(all.groups, "group")}, ${countOf(all.files, "file")} too many, ${bytes(all.wasted)}`}
      empty={{ icon: CopyIcon, title: "No duplicates are known", words: q === "" ? "Only files that were read whole can be told from each other." : "None among what this search finds." }}
      tools={
        <>
          {all !== undefined && all.identified < all.all_files && <Unknown known={all.identified} of={all.all_files} />}
          <ToolBar>
            <QueryFilter value={q} change={(query) => change({ q: query === "" ? undefined : query })} />
            <select aria-label="Least size" value={min} onChange={(event) => change({ min: event.target.value === "0" ? undefined : event.target.value })} className="h-8 rounded-md bg-surface font-medium pointer-coarse:h-10">
              {sizes.map(([value, words]) => (
                <option key={value} value={value}>
                  {words}
                </option>
              ))}
            </select>
            <KeepPicker keep={keep} add={addKept} />
            {keep.map((path) => (
              <span key={path} className="flex h-7 max-w-full min-w-0 items-center rounded-full bg-accent-soft pr-0.5 pl-3">
                <span className="truncate">Keep {plainName(path)}</span>
                <IconButton small icon={X} label={`Do not keep ${plainName(path)}`} onClick={() => change({ keep: keep.filter((other) => other !== path).join("\n") || undefined })} />
              </span>
            ))}
          </ToolBar>
        </>
      }
      menu={({ entry }) => (entry === undefined ? [] : [{ label: "Keep what is in its folder", icon: FolderCheck, apart: true, run: () => addKept(folderOf(entry)) }])}
    >
      {(row, active, naming) =>
        row.heading === true ? (
          <GroupHead title={row.title} words={row.words} />
        ) : (
          <EntryLine entry={row.entry} active={active} naming={naming} note={row.note !== "" && <span className="shrink-0">· {row.note}</span>} side={<Where location={row.entry.location} volume={row.entry.volume} />} />
        )
      }
    </RowsPage>
  );
}

/** Where a copy stands: its location, and the volume that is on. */
export function Where({ location, volume }: { location: string | undefined; volume: string | undefined }) {
  return (
    <>
      <div className="max-w-32 truncate">{plainName(location ?? "")}</div>
      <div className="max-w-32 truncate max-sm:hidden">{plainName(volume ?? "")}</div>
    </>
  );
}

/** Folders whose files are the ones to keep. */
function KeepPicker({ keep, add }: { keep: readonly string[]; add: (path: string) => void }) {
  const { data: locations = [] } = useQuery(locationsQuery);
  const others = locations.filter(({ path }) => !keep.includes(path));
  if (others.length === 0) return null;
  return (
    <select aria-label="Keep what is in a location" value="" onChange={(event) => add(event.target.value)} className="h-8 max-w-48 rounded-md bg-surface font-medium pointer-coarse:h-10">
      <option value="" disabled>
        Keep what is in…
      </option>
      {others.map(({ id, path, name }) => (
        <option key={id} value={path}>
          {plainName(name)}
        </option>
      ))}
    </select>
  );
}

/** Not all files were read: there may be more duplicates. */
function Unknown({ known, of }: { known: number; of: number }) {
  const find = () => {
    ops.duplicatesFind({}).then(() => say("Files that may be duplicates are being read."), sayError);
  };
  return (
    <Explained>
      What they hold is known of {count(known)} of {countOf(of, "file")}.{" "}
      <Button icon={Fingerprint} onClick={find} className="ml-1 align-middle">
        Look among the others
      </Button>
    </Explained>
  );
}
