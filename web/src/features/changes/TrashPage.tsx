import { useInfiniteQuery } from "@tanstack/react-query";
import { Trash2, Undo2 } from "lucide-react";
import { useState } from "react";
import { trashQuery } from "@/api/queries";
import type { TrashItem } from "@/api/types";
import { shownSdPath } from "@/features/browse/address";
import { EntryIcon } from "@/features/kinds/EntryIcon";
import { JobsDock } from "@/features/jobs/JobsDock";
import { ToolBar } from "@/features/rows/RowsPage";
import { useCommands } from "@/features/shell/commands";
import { TopBar } from "@/features/shell/TopBar";
import { goBack, goForward, useTabTitle } from "@/features/tabs/tabs";
import { ops } from "@/gen/client";
import { Button } from "@/ui/Button";
import { bytes, countOf, fullTime, relativeTime } from "@/ui/format";
import { Name } from "@/ui/Name";
import { EmptyNote, ErrorNote, Waiting } from "@/ui/Note";
import { plainName } from "@/ui/names";
import { undoLast } from "@/features/marks/marking";
import { propose } from "./flow";

/** What was deleted, last first: it can be brought back, or go for good. */
export function TrashPage() {
  const trash = useInfiniteQuery(trashQuery);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  useTabTitle("Trash");
  const all = trash.data?.pages.flatMap(({ items }) => items) ?? [];
  const items = all.filter(({ id }) => chosen.has(id)).map(({ id }) => id);
  const total = trash.data?.pages[0]?.total ?? 0;
  const clear = () => setChosen(new Set());
  const restore = items.length > 0 ? () => void propose(() => ops.trashRestore({ items }), { quiet: true, then: clear }) : undefined;
  const destroy = items.length > 0 ? () => void propose(() => ops.trashEmpty({ items }), { then: clear }) : undefined;
  useCommands({
    reload: () => void trash.refetch(),
    selectAll: () => setChosen(new Set(all.map(({ id }) => id))),
    selectNone: clear,
    destroy,
    trash: destroy,
    undo: () => void undoLast(),
  });
  const toggle = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  return (
    <>
      <TopBar back={goBack} forward={goForward}>
        <h1 className="px-2 py-1 text-sm font-semibold">Trash</h1>
      </TopBar>
      <ToolBar>
        <Button icon={Undo2} disabled={!restore} onClick={restore}>Bring back</Button>
        <Button icon={Trash2} disabled={!destroy} onClick={destroy}>Delete for good…</Button>
        <span className="flex-1" />
        <Button look="danger" disabled={total === 0} onClick={() => void propose(() => ops.trashEmpty({}))}>Empty the trash…</Button>
      </ToolBar>
      <main className="min-h-0 flex-1 overflow-y-auto bg-surface">
        {trash.error ? (
          <ErrorNote error={trash.error} retry={() => void trash.refetch()} />
        ) : trash.data === undefined ? (
          <Waiting>Looking into the trash…</Waiting>
        ) : all.length === 0 ? (
          <EmptyNote icon={Trash2} title="The trash is empty" className="h-full">
            What you delete waits here until you empty it. What other programs put into the trash is shown, too.
          </EmptyNote>
        ) : (
          <>
            <ul aria-label="In the trash" className="divide-y divide-line px-2">
              {all.map((item) => <Line key={item.id} item={item} chosen={chosen.has(item.id)} toggle={() => toggle(item.id)} />)}
            </ul>
            {trash.hasNextPage && <Button onClick={() => void trash.fetchNextPage()} className="mx-auto my-3 flex">More</Button>}
          </>
        )}
      </main>
      <footer className="flex h-9 shrink-0 items-center gap-3 border-t border-line bg-surface pr-2 pl-4 text-xs text-soft">
        <p role="status" className="min-w-0 flex-1 truncate tabular">
          {chosen.size > 0 ? `${countOf(items.length, "thing")} of ${total} selected` : countOf(total, "thing")}
        </p>
        <JobsDock />
      </footer>
    </>
  );
}

function Line({ item, chosen, toggle }: { item: TrashItem; chosen: boolean; toggle: () => void }) {
  const kind = item.kind === "folder" ? "folder" : "file";
  return (
    <li>
      <label className="flex items-center gap-3 rounded-md px-2 py-2 hover:bg-hover">
        <input type="checkbox" checked={chosen} onChange={toggle} aria-label={plainName(item.name)} className="accent-accent" />
        <EntryIcon entry={{ name: item.name, kind }} className="size-5" />
        <span className="min-w-0 flex-1">
          <span className="block truncate"><Name name={item.name} /></span>
          <span className="block truncate text-xs text-soft">
            {item.broken !== undefined ? "Nobody knows where it was" : <Name name={shownSdPath(item.was)} />} · {item.volume}
          </span>
        </span>
        <span className="shrink-0 text-right text-xs text-soft tabular">
          {kind === "file" && <span className="block">{bytes(item.size)}</span>}
          <span className="block" title={fullTime(item.deleted)}>{relativeTime(item.deleted)}</span>
        </span>
      </label>
    </li>
  );
}
