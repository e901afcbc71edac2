import { useInfiniteQuery } from "@tanstack/react-query";
import { CornerLeftUp, PackageOpen } from "lucide-react";
import { Fragment, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { archiveQuery } from "@/api/queries";
import type { ArchiveItem, Entry } from "@/api/types";
import { nothing, only, type Selection } from "@/features/browse/selection";
import { propose } from "@/features/changes/flow";
import { EntryIcon } from "@/features/kinds/EntryIcon";
import { RowList } from "@/features/rows/RowList";
import { ops } from "@/gen/client";
import { Button, IconButton } from "@/ui/Button";
import { bytes, countOf, shortTime } from "@/ui/format";
import { Name } from "@/ui/Name";
import { ErrorNote, Waiting } from "@/ui/Note";
import { above, crumbsOf, insideOf, isUnpacked, keyOfItem, unpackable } from "./inside";
import { InsideView } from "./InsideView";

interface ItemRow {
  key: string;
  height: number;
  item: ArchiveItem;
}

/** What is in an archive, as folders: moved through as any list, looked into, unpacked by a plan. */
export function ArchiveView({ entry }: { entry: Entry }) {
  const [folder, setFolder] = useState("");
  const [selection, select] = useState<Selection>(nothing);
  const [looked, setLooked] = useState<ArchiveItem>();
  const box = useRef<HTMLDivElement>(null);
  const got = useInfiniteQuery(archiveQuery(entry, folder));
  const rows = useMemo<ItemRow[]>(() => (got.data?.pages ?? []).flatMap(({ items }) => items).map((item, i) => ({ key: keyOfItem(item, i), height: 30, item })), [got.data]);
  const head = got.data?.pages[0];
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = got;
  const seen = useCallback(
    (end: number) => {
      if (hasNextPage && !isFetchingNextPage && end > rows.length - 200) void fetchNextPage();
    },
    [hasNextPage, isFetchingNextPage, fetchNextPage, rows.length],
  );
  const ready = head !== undefined;
  useEffect(() => {
    if (ready && looked === undefined) box.current?.querySelector<HTMLElement>("[role=grid]")?.focus();
  }, [ready, looked, folder]);

  const enter = (to: string) => {
    setFolder(to);
    select(nothing);
  };
  const open = (item: ArchiveItem) => {
    if (item.folder) enter(item.path);
    else if (item.member !== undefined) setLooked(item);
  };
  const files = rows.filter(({ item }) => item.member !== undefined);
  const step = (by: 1 | -1) => {
    const next = files[files.findIndex(({ item }) => item.member === looked?.member) + by];
    return next && (() => {
      setLooked(next.item);
      select(only(next.key));
    });
  };
  if (got.error && !ready) return <ErrorNote error={got.error} retry={() => void got.refetch()} />;
  if (!ready) return <Waiting>Looking into the archive…</Waiting>;
  if (looked !== undefined) return <InsideView key={looked.member} file={insideOf(entry, looked)} step={step} back={() => setLooked(undefined)} />;

  const chosen = rows.filter(({ key }) => selection.keys.has(key)).map(({ item }) => item);
  const members = unpackable(chosen);
  const unpack = (some: string[]) => void propose(() => ops.filesExtract({ path: entry.path, ...(some.length === 0 ? {} : { members: some }) }));
  return (
    <div ref={box} className="flex h-full w-full min-w-0 flex-col overflow-hidden rounded border border-line bg-surface text-sm" data-archive={folder}>
      <nav aria-label="Folder in the archive" className="flex min-w-0 items-center gap-1 border-b border-line px-2 py-1">
        <IconButton icon={CornerLeftUp} small label="The folder above" keys="⌫" disabled={folder === ""} onClick={() => enter(above(folder))} />
        <div className="flex min-w-0 flex-1 items-center overflow-x-auto whitespace-nowrap">
          <Crumb name={entry.name} go={() => enter("")} last={folder === ""} />
          {crumbsOf(folder).map((crumb) => (
            <Fragment key={crumb.folder}>
              <span aria-hidden className="px-0.5 text-soft">›</span>
              <Crumb name={crumb.name} go={() => enter(crumb.folder)} last={crumb.folder === folder} />
            </Fragment>
          ))}
        </div>
      </nav>
      {rows.length === 0 ? (
        <p className="flex-1 p-6 text-center text-soft">{folder === "" ? "The archive is empty." : "This folder is empty."}</p>
      ) : (
        <RowList
          key={folder}
          label="In the archive"
          rows={rows}
          selection={selection}
          select={select}
          open={({ item }) => open(item)}
          inspect={() => chosen[0] && open(chosen[0])}
          menu={[]}
          seen={seen}
          onKey={(event) => {
            if (event.key !== "Backspace" && !(event.key === "ArrowUp" && event.altKey)) return false;
            if (folder !== "") enter(above(folder));
            return true;
          }}
        >
          {({ item }) => <ItemLine item={item} />}
        </RowList>
      )}
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5 border-t border-line px-3 py-1.5 text-xs text-soft">
        <span className="tabular">{countOf(head.files, "file")} in all, {bytes(head.bytes)} unpacked</span>
        {head.cut === true && <span className="text-warn">There is more in it than is listed here.</span>}
        <span className="flex-1" />
        {isUnpacked(entry.name) ? (
          <>
            {members.length > 0 && <Button icon={PackageOpen} className="h-7 text-xs" onClick={() => unpack(members)}>Unpack what is selected…</Button>}
            <Button icon={PackageOpen} className="h-7 text-xs" onClick={() => unpack([])}>Unpack all…</Button>
          </>
        ) : (
          <span>Archives of this kind are not unpacked; files in them can be looked into and downloaded.</span>
        )}
      </div>
    </div>
  );
}

function Crumb({ name, go, last }: { name: string; go: () => void; last: boolean }) {
  return (
    <button type="button" onClick={go} aria-current={last ? "location" : undefined} className="max-w-64 truncate rounded px-1 py-0.5 hover:bg-hover aria-[current]:font-semibold">
      <Name name={name} />
    </button>
  );
}

function ItemLine({ item }: { item: ArchiveItem }) {
  return (
    <span className="flex h-full items-center gap-2 px-2">
      <EntryIcon entry={{ name: item.name, kind: item.folder ? "folder" : item.target === undefined ? "file" : "symlink", ...(item.mime === undefined ? {} : { mime: item.mime }) }} className="size-4" />
      <span className="min-w-0 flex-1 truncate">
        <Name name={item.name} />
        {item.target !== undefined && <span className="text-soft"> → <Name name={item.target} /></span>}
      </span>
      {item.refused !== undefined && <span className="max-w-[40%] truncate text-xs text-warn" title={item.refused}>not unpacked: {item.refused}</span>}
      <span className="text-xs text-soft max-sm:hidden">{shortTime(item.modified)}</span>
      <span className="w-20 text-right text-xs text-soft tabular">{item.size < 0 ? "" : bytes(item.size)}</span>
    </span>
  );
}
