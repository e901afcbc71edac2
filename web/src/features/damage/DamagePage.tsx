import { Check, CopyPlus, HeartPulse, ShieldCheck } from "lucide-react";
import { useCallback, useMemo } from "react";
import type { Damage } from "@/api/types";
import { keyOf } from "@/features/browse/address";
import { usePages } from "@/features/browse/use-pages";
import { propose } from "@/features/changes/flow";
import { words } from "@/features/redundancy/words";
import { EntryLine, folderOf } from "@/features/rows/EntryLine";
import { openList } from "@/features/rows/open-lists";
import type { Row } from "@/features/rows/RowList";
import { Explained, RowsPage, ToolBar } from "@/features/rows/RowsPage";
import { ops } from "@/gen/client";
import { Button } from "@/ui/Button";
import { countOf, fullTime, relativeTime } from "@/ui/format";
import { Name } from "@/ui/Name";
import { plainName } from "@/ui/names";
import { say, sayError } from "@/ui/Toasts";

const listFor = () =>
  openList<Damage, true>("damage", async (cursor, limit, signal) => {
    const out = await ops.damageList({ cursor, limit: Math.min(limit, 500) }, { signal });
    return { items: out.items, next: out.next, total: out.items.length, head: true };
  });

type DamageRow = Row & { entry: Damage };

/** Files whose bytes are not what they were, though nobody wrote to them. */
export function DamagePage() {
  const { list, state } = usePages<Damage, true, ReturnType<typeof listFor>>(listFor(), () => true);
  const rows = useMemo(() => state.items.map((entry): DamageRow => ({ key: keyOf(entry), height: 84, entry })), [state.items]);
  const seen = useCallback((end: number) => list.pages.need(end + 100), [list]);
  const forget = (entry: Damage) => {
    ops.damageForget({ id: entry.id }).then(() => {
      say(`${plainName(entry.name)} is taken as it is now.`);
      list.pages.reload();
    }, sayError);
  };
  // A file of the same name is replaced, and the damaged one goes to the trash, if that is chosen in the sheet.
  const restore = (entry: Damage) => {
    const good = entry.copies.find(({ state }) => state === "present");
    if (good !== undefined) void propose(() => ops.filesCopy({ ids: [good.id], destination: folderOf(entry), verify: true }), { then: () => list.pages.reload() });
  };
  const look = () => {
    ops.scrubRun({}).then(({ items }) => say(items.length > 0 ? "All known files are being read and compared." : "There is nothing to be compared."), sayError);
  };
  return (
    <RowsPage
      title="Damage"
      rows={rows}
      waiting={state.head === undefined}
      error={state.error}
      retry={() => list.pages.reload()}
      seen={seen}
      status={state.head === undefined ? "" : countOf(state.items.length, "damaged file")}
      empty={{ icon: ShieldCheck, title: "No damage is known", words: "Files are read again from time to time, and compared with what they held." }}
      tools={
        <>
          <Explained>The bytes of these files are not what they were, or cannot be read, though nobody wrote to them. Restore them from a good copy.</Explained>
          <ToolBar>
            <Button icon={HeartPulse} onClick={look}>
              Compare all files now
            </Button>
          </ToolBar>
        </>
      }
      menu={({ entry }) => [{ label: words.restore, icon: CopyPlus, apart: true, disabled: !entry.copies.some(({ state }) => state === "present"), run: () => restore(entry) }, { label: "Take it as it is", icon: Check, run: () => forget(entry) }]}
    >
      {({ entry }, active, naming) => (
        <EntryLine entry={entry} active={active} naming={naming} side={<div title={fullTime(entry.since)}>found {relativeTime(entry.since)}</div>}>
          <p className="truncate text-xs text-bad">
            {entry.harm === "unreadable" ? "The disk does not give its bytes" : "Its bytes have changed"}
            {entry.reason !== undefined && <Name name={`: ${entry.reason}`} />}
            <span className="text-soft" title={fullTime(entry.good)}> · good {relativeTime(entry.good)}</span>
          </p>
          <p className="truncate text-xs">
            {entry.copies.length === 0 ? (
              <span className="text-warn">No other copy is known.</span>
            ) : (
              <>
                Good copy: <Name name={entry.copies.map((copy) => `${folderOf(copy)}/${copy.name}`).slice(0, 3).join(", ")} />
              </>
            )}
          </p>
        </EntryLine>
      )}
    </RowsPage>
  );
}
