import { RotateCw, ShieldCheck } from "lucide-react";
import { useCallback, useMemo } from "react";
import { usePages } from "@/features/browse/use-pages";
import { EntryLine } from "@/features/rows/EntryLine";
import { openList } from "@/features/rows/open-lists";
import { Explained, RowsPage, ToolBar } from "@/features/rows/RowsPage";
import { forgetThumbs } from "@/features/thumbs/use-thumb";
import { ops } from "@/gen/client";
import { Button } from "@/ui/Button";
import { countOf, fullTime, relativeTime } from "@/ui/format";
import { Name } from "@/ui/Name";
import { plainName } from "@/ui/names";
import { say, sayError } from "@/ui/Toasts";
import { type QuarantineRow, quarantineRows, type Trouble } from "./quarantine-rows";

// First the files that could not be read, then those that could not be looked into.
const listFor = () =>
  openList<Trouble, true>("quarantine", async (cursor, limit, signal) => {
    const items: Trouble[] = [];
    let at = cursor;
    if (!at.startsWith("f")) {
      const out = await ops.contentUnread({ cursor: at.slice(1), limit: Math.min(limit, 1000) }, { signal });
      items.push(...out.items);
      at = out.next === "" ? "f" : `u${out.next}`;
    }
    if (at.startsWith("f")) {
      const out = await ops.sidecarFailed({ cursor: at.slice(1), limit: Math.min(limit, 1000) }, { signal });
      items.push(...out.items);
      at = out.next === "" ? "" : `f${out.next}`;
    }
    return { items, next: at, total: items.length, head: true };
  });

/** Files that could not be looked into. They are not tried again until somebody says so. */
export function QuarantinePage() {
  const { list, state } = usePages<Trouble, true, ReturnType<typeof listFor>>(listFor(), () => true);
  const rows = useMemo(() => quarantineRows(state.items), [state.items]);
  const seen = useCallback((end: number) => list.pages.need(end * 3 + 200), [list]);
  const again = async ({ entry, unread }: QuarantineRow) => {
    try {
      await (unread ? ops.contentIdentify({ id: entry.id }) : ops.sidecarRebuild({ id: entry.id }));
      forgetThumbs(entry.id);
      list.pages.reload();
      say(`${plainName(entry.name)} was tried again.`);
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
          <Explained>Stardrive could not read these, or could not make pictures of them or find their words. It tries again to read them from time to time, and looks into the others only if you say so. The files themselves are as they were.</Explained>
          {rows.some(({ unread }) => !unread) && (
            <ToolBar>
              <Button icon={RotateCw} onClick={all}>
                Look into all of them again
              </Button>
            </ToolBar>
          )}
        </>
      }
      menu={(row) => [{ label: "Try again", icon: RotateCw, keys: "R", apart: true, run: () => void again(row) }]}
      onKey={(event, row) => {
        if (event.key !== "r" || event.ctrlKey || event.metaKey || event.altKey || row === undefined) return false;
        void again(row);
        return true;
      }}
    >
      {({ entry, failed }, active, naming) => (
        <EntryLine entry={entry} active={active} naming={naming} side={"again" in entry && <div title={fullTime(entry.again)}>again {relativeTime(entry.again)}</div>}>
          {failed.map(({ what, why }) => (
            <p key={what} className="truncate text-xs" title={plainName(why)}>
              {what}: <Name name={why === "" ? "no reason was given" : why} className="text-bad" />
            </p>
          ))}
        </EntryLine>
      )}
    </RowsPage>
  );
}
