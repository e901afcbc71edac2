import { FileX2, RotateCw, ShieldCheck } from "lucide-react";
import { useCallback, useMemo } from "react";
import type { ListedSidecar } from "@/api/types";
import { usePages } from "@/features/browse/use-pages";
import { EntryLine } from "@/features/rows/EntryLine";
import { openList } from "@/features/rows/open-lists";
import { Explained, RowsPage, ToolBar } from "@/features/rows/RowsPage";
import { forgetThumbs } from "@/features/thumbs/use-thumb";
import { ops } from "@/gen/client";
import { Button } from "@/ui/Button";
import { countOf } from "@/ui/format";
import { Name } from "@/ui/Name";
import { plainName } from "@/ui/names";
import { say, sayError } from "@/ui/Toasts";
import { quarantineRows } from "./quarantine-rows";

const listFor = () =>
  openList<ListedSidecar, true>("quarantine", async (cursor, limit, signal) => {
    const out = await ops.sidecarList({ status: "failed", cursor, limit: Math.min(limit, 1000) }, { signal });
    return { items: out.items, next: out.next, total: out.items.length, head: true };
  });

/** Files that could not be looked into. They are not tried again until somebody says so. */
export function QuarantinePage() {
  const { list, state } = usePages<ListedSidecar, true, ReturnType<typeof listFor>>(listFor(), () => true);
  const rows = useMemo(() => quarantineRows(state.items), [state.items]);
  const seen = useCallback((end: number) => list.pages.need(end * 3 + 200), [list]);
  const again = async (id: string, name: string) => {
    try {
      await ops.sidecarRebuild({ id });
      forgetThumbs(id);
      list.pages.reload();
      say(`${plainName(name)} was tried again.`);
    } catch (thrown) {
      sayError(thrown);
    }
  };
  const all = () => {
    ops.sidecarRebuild({ failed: true }).then(({ marked }) => {
      say(`${countOf(marked, "attempt")} will be made again.`);
      list.pages.reload();
    }, sayError);
  };
  return (
    <RowsPage
      title="Files that could not be read"
      rows={rows}
      waiting={state.head === undefined}
      error={state.error}
      retry={() => list.pages.reload()}
      seen={seen}
      status={state.head === undefined ? "" : `${state.complete ? "" : "More than "}${countOf(rows.length, "file")}`}
      empty={{ icon: ShieldCheck, title: "Every file could be read", words: "What is damaged, or of an odd format, would be listed here with the reason." }}
      tools={
        <>
          <Explained>Stardrive could not make pictures of these, or find their words, and leaves them alone. The files themselves are as they were.</Explained>
          {rows.length > 0 && (
            <ToolBar>
              <Button icon={RotateCw} onClick={all}>
                Try all of them again
              </Button>
            </ToolBar>
          )}
        </>
      }
      menu={({ entry }) => (entry === undefined ? [] : [{ label: "Try again", icon: RotateCw, keys: "R", apart: true, run: () => void again(entry.id, entry.name) }])}
      onKey={(event, row) => {
        if (event.key !== "r" || event.ctrlKey || event.metaKey || event.altKey || row?.entry === undefined) return false;
        void again(row.entry.id, row.entry.name);
        return true;
      }}
    >
      {(row, active) => {
        const reasons = row.failed.map(({ what, why }) => (
          <p key={what} className="truncate text-xs" title={plainName(why)}>
            {what}: <Name name={why === "" ? "no reason was given" : why} className="text-bad" />
          </p>
        ));
        if (row.entry) {
          return (
            <EntryLine entry={row.entry} active={active} side={<span />}>
              {reasons}
            </EntryLine>
          );
        }
        return (
          <div className="flex h-full items-start gap-3 px-2.5 py-1">
            <FileX2 aria-hidden className="mt-2 size-5 shrink-0 text-faint" />
            <div className="min-w-0 flex-1">
              <p className="truncate text-soft">{row.name}</p>
              {reasons}
            </div>
          </div>
        );
      }}
    </RowsPage>
  );
}
