import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { ArrowDown, ArrowUp, Library, ListX, PencilLine } from "lucide-react";
import { type DragEvent, type KeyboardEvent, useCallback, useMemo, useState } from "react";
import { openDialog } from "@/app/dialogs";
import { collectionsQuery } from "@/api/queries";
import type { Entry } from "@/api/types";
import { keyOf } from "@/features/browse/address";
import { usePages } from "@/features/browse/use-pages";
import { entriesType, readRefs } from "@/features/changes/drag";
import { mark, markingOf, whatOf } from "@/features/marks/marking";
import { EntryLine } from "@/features/rows/EntryLine";
import { openList } from "@/features/rows/open-lists";
import type { Row } from "@/features/rows/RowList";
import { Explained, RowsPage, ToolBar } from "@/features/rows/RowsPage";
import { ops } from "@/gen/client";
import { Button } from "@/ui/Button";
import { plainName } from "@/ui/names";
import { words } from "./words";

type Member = Row & { entry: Entry; place: number };

const listFor = (id: string) =>
  openList<Entry, { away: number }>(JSON.stringify(["collection", id]), async (cursor, limit, signal) => {
    const offset = Number(cursor || 0);
    const some = Math.min(limit, 500);
    const out = await ops.collectionShow({ collection: id, offset, limit: some }, { signal });
    const end = offset + some;
    return { items: out.items, next: end < out.total ? String(end) : "", total: out.total, head: { away: out.away ?? 0 } };
  });

/** What is in a collection, in its order; that of one without a search can be changed. */
export function CollectionPage() {
  const { id = "" }: { id?: string | undefined } = useSearch({ strict: false });
  const all = useQuery(collectionsQuery);
  const collection = all.data?.find((one) => one.id === id);
  const { list, state } = usePages<Entry, { away: number }, ReturnType<typeof listFor>>(listFor(id), () => true);
  const rows = useMemo(() => state.items.map((entry, place): Member => ({ key: keyOf(entry), height: 48, entry, place })), [state.items]);
  const seen = useCallback((end: number) => list.pages.need(end + 100), [list]);
  const smart = (collection?.query ?? "") !== "";
  const name = plainName(collection?.name ?? "");
  const [over, setOver] = useState("");
  const changed = () => list.pages.reload();
  const place = (entries: readonly Entry[], at: number) => void mark(() => ops.collectionPlace({ collection: id, at: Math.max(at, 0), ...markingOf(entries) }), () => words.placed(whatOf(entries))).then(changed);
  const step = (row: Member, by: 1 | -1) => {
    const to = row.place + by;
    if (to >= 0 && to < state.total) place([row.entry], to);
  };
  const takeOut = (entry: Entry) => void mark(() => ops.collectionRemove({ collection: id, ...markingOf([entry]) }), () => words.taken(whatOf([entry]), name)).then(changed);
  const onKey = (event: KeyboardEvent, row: Member | undefined) => {
    if (row === undefined || smart || !event.altKey || !event.shiftKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return false;
    step(row, event.key === "ArrowDown" ? 1 : -1);
    return true;
  };
  const dropHere = (row: Member) => ({
    onDragOver: (event: DragEvent) => {
      if (smart || !event.dataTransfer.types.includes(entriesType)) return;
      event.preventDefault();
      event.stopPropagation();
      setOver(row.key);
    },
    onDragLeave: () => setOver(""),
    onDrop: (event: DragEvent) => {
      setOver("");
      if (smart || !event.dataTransfer.types.includes(entriesType)) return;
      event.preventDefault();
      event.stopPropagation();
      const { ids = [] } = readRefs(event);
      const moved = ids.flatMap((one) => state.items.find((entry) => entry.id === one) ?? []);
      const before = moved.filter((entry) => state.items.indexOf(entry) < row.place).length;
      if (moved.length > 0) place(moved, row.place - (before > 0 ? before - 1 : 0));
      else void mark(() => ops.collectionAdd({ collection: id, ids }), () => words.collected("", name)).then(changed);
    },
  });
  return (
    <RowsPage
      title={name === "" ? words.section : name}
      rows={rows}
      waiting={state.head === undefined}
      error={state.error}
      retry={changed}
      seen={seen}
      status={state.head === undefined ? "" : words.count(state.total) + (state.head.away > 0 ? `, ${words.away(state.head.away)}` : "")}
      empty={{ icon: Library, title: all.data !== undefined && collection === undefined ? words.gone : words.empty, words: smart ? "" : words.emptyHelp }}
      tools={
        collection && (
          <>
            <Explained>{plainName(collection.description ?? "")} {smart ? words.smart(plainName(collection.query ?? "")) : words.help}</Explained>
            <ToolBar>
              <Button icon={PencilLine} onClick={() => openDialog({ kind: "collection", collection })}>{words.edit}</Button>
            </ToolBar>
          </>
        )
      }
      menu={(row) =>
        smart
          ? []
          : [
              { label: words.up, icon: ArrowUp, keys: "Alt Shift ↑", apart: true, disabled: row.place === 0, run: () => step(row, -1) },
              { label: words.down, icon: ArrowDown, keys: "Alt Shift ↓", disabled: row.place + 1 >= state.total, run: () => step(row, 1) },
              { label: words.takeOut, icon: ListX, run: () => takeOut(row.entry) },
            ]
      }
      onKey={(event, row) => onKey(event, row)}
    >
      {(row, active, naming) => (
        // Where it is dropped is where it goes; the keys do the same.
        <div {...dropHere(row)} className={over === row.key ? "h-full border-t-2 border-accent" : "h-full"}>
          <EntryLine entry={row.entry} active={active} naming={naming} pictured />
        </div>
      )}
    </RowsPage>
  );
}
