import { FolderSearch, ShieldCheck, ShieldOff } from "lucide-react";
import { useGo } from "@/app/go";
import type { Copy, DuplicateGroup } from "@/api/types";
import { placeOf } from "@/features/browse/place";
import { folderOf } from "@/features/rows/EntryLine";
import { EntryIcon } from "@/features/kinds/EntryIcon";
import { useThumb } from "@/features/thumbs/use-thumb";
import { Button } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { Dialog } from "@/ui/Dialog";
import { bytes, countOf, fullTime, permissions, relativeTime } from "@/ui/format";
import { Name } from "@/ui/Name";
import { sayError } from "@/ui/Toasts";
import { type Choices, verdicts } from "./choices";
import { VerdictWord } from "./Verdict";
import { words } from "./words";

const facts: readonly [label: () => string, of: (copy: Copy) => string][] = [
  [() => words.name, (copy) => copy.name],
  [() => words.folder, folderOf],
  [() => words.location, (copy) => copy.location ?? ""],
  [() => words.volume, (copy) => copy.volume ?? ""],
  [() => words.changed, (copy) => fullTime(copy.modified)],
  [() => words.made, (copy) => (copy.created === undefined ? "" : fullTime(copy.created))],
  [() => words.rights, (copy) => permissions(copy.mode)],
  [() => words.names, (copy) => ((copy.links ?? 1) > 1 ? countOf(copy.links ?? 1, "name") : "")],
  [() => words.read, (copy) => relativeTime(copy.read)],
];

const most = 12;

interface CompareProps {
  group: DuplicateGroup;
  choices: Choices;
  /** Keeps a file, or leaves it to the rule again. */
  keep: (id: string) => void;
  onClose: () => void;
}

/** Files with the same bytes side by side: what is not alike in them is set off. */
export function CompareDialog({ group, choices, keep, onClose }: CompareProps) {
  const go = useGo();
  const copies = group.copies.slice(0, most);
  const told = verdicts(group, choices);
  const visit = (copy: Copy) => {
    onClose();
    placeOf(copy).then(({ address, select }) => go(address, select), sayError);
  };
  return (
    <Dialog title={`${words.compareTitle(group.files)}, ${bytes(group.size)}`} onClose={onClose} size="large">
      <Look copy={copies[0]} />
      <div className="min-h-0 flex-1 overflow-auto">
        <table className="text-left text-xs">
          <tbody className="divide-y divide-line">
            {facts.map(([label, of]) => {
              const values = copies.map(of);
              const differ = new Set(values).size > 1;
              return (
                <tr key={label()} className={cx(!differ && "text-soft")}>
                  <th scope="row" className="sticky left-0 bg-raised px-4 py-1.5 align-top font-normal whitespace-nowrap text-soft">{label()}</th>
                  {values.map((value, i) => (
                    <td key={copies[i]?.id} className={cx("max-w-72 min-w-44 px-3 py-1.5 align-top break-words", differ && "font-medium")}>
                      {value === "" ? words.none_ : <Name name={value} />}
                    </td>
                  ))}
                </tr>
              );
            })}
            <tr>
              <th scope="row" className="sticky left-0 bg-raised px-4 py-2 align-top font-normal whitespace-nowrap text-soft">{words.verdict}</th>
              {copies.map((copy, i) => {
                const stays = choices.stay.has(copy.id);
                return (
                  <td key={copy.id} className="px-3 py-2 align-top">
                    <p className="pb-2"><VerdictWord of={told[i] ?? "away"} /></p>
                    <div className="flex flex-col items-start gap-1.5">
                      <Button icon={stays ? ShieldOff : ShieldCheck} aria-pressed={stays} onClick={() => keep(copy.id)}>{stays ? words.unkeepThis : words.keepThis}</Button>
                      <Button icon={FolderSearch} onClick={() => visit(copy)}>{words.show}</Button>
                    </div>
                  </td>
                );
              })}
            </tr>
          </tbody>
        </table>
      </div>
    </Dialog>
  );
}

/** What all of them look like. */
function Look({ copy }: { copy: Copy | undefined }) {
  if (copy === undefined) return null;
  return <Picture copy={copy} />;
}

function Picture({ copy }: { copy: Copy }) {
  const thumb = useThumb(copy, "thumb512");
  return (
    <div className="flex h-44 shrink-0 items-center justify-center border-b border-line bg-sunken p-3 max-sm:h-28">
      {thumb?.state === "ready" ? <img src={thumb.url} alt="" className="max-h-full max-w-full rounded object-contain" /> : <EntryIcon entry={copy} className="size-14" />}
    </div>
  );
}
