import { useQuery } from "@tanstack/react-query";
import { Download, X } from "lucide-react";
import { useEffect, useState } from "react";
import { entryQuery } from "@/api/queries";
import { EntryIcon } from "@/features/kinds/EntryIcon";
import { sortOf } from "@/features/kinds/kinds";
import { addressOf, shownPath, weight } from "@/features/browse/address";
import { AddedFacts, AddToSeveral } from "@/features/marks/AddedFacts";
import { download } from "@/features/preview/download";
import { Preview } from "@/features/preview/Preview";
import { isPictured } from "@/features/thumbs/use-thumb";
import { previewKind } from "@/features/preview/preview-kind";
import type { Entry, EntryInfo } from "@/api/types";
import { Button, IconButton } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { bytes, count, countOf, fullTime, permissions, relativeTime } from "@/ui/format";
import { Name } from "@/ui/Name";
import { ContentFacts } from "./ContentFacts";
import { Copied, Fact, Facts } from "./Facts";

const stateWords: Record<string, string | undefined> = {
  present: "Present",
  absent: "No longer there",
  excluded: "Left out by the rules of its location",
  offline: "On a volume that is offline",
  unknown: "Not seen at the last look",
};

interface InspectorProps {
  /** One entry, several, or the open folder when nothing is selected. */
  entries: readonly Entry[];
  onClose: () => void;
  open: (entry: Entry) => void;
}

/** The facts of what is selected. */
export function Inspector({ entries, onClose, open }: InspectorProps) {
  const [first] = entries;
  return (
    <div className="flex h-full min-h-0 flex-col">
      <header className="flex h-[33px] shrink-0 items-center justify-between border-b border-line pr-2 pl-4">
        <h2 className="text-xs font-medium text-soft">Details</h2>
        <IconButton icon={X} label="Hide details" keys="Ctrl I" small onClick={onClose} />
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto">
        {first === undefined ? (
          <p className="p-4 text-soft">Nothing is selected.</p>
        ) : entries.length > 1 ? (
          <Several entries={entries} />
        ) : (
          <One key={first.id + first.path} entry={first} open={open} />
        )}
      </div>
    </div>
  );
}

function Several({ entries }: { entries: readonly Entry[] }) {
  const files = entries.filter((entry) => entry.kind === "file").length;
  const total = entries.reduce((sum, entry) => sum + (weight(entry) ?? 0), 0);
  return (
    <div className="p-4">
      <p className="font-semibold">{countOf(entries.length, "entry", "entries")} selected</p>
      <Facts>
        <Fact label="Files">{count(files)}</Fact>
        <Fact label="Others">{count(entries.length - files)}</Fact>
        <Fact label="Size">{bytes(total)}</Fact>
      </Facts>
      <div className="mt-4">
        <AddToSeveral entries={entries} />
      </div>
    </div>
  );
}

function One({ entry: listed, open }: { entry: Entry; open: (entry: Entry) => void }) {
  const info = useQuery(entryQuery(addressOf(listed)));
  // What the list knows is shown at once; the details follow.
  const entry: EntryInfo = info.data ?? listed;
  const path = shownPath(entry);
  return (
    <div className="flex flex-col gap-4 p-4">
      <div className={cx("flex items-center justify-center overflow-hidden rounded-lg bg-sunken p-2", isPictured(entry) ? "min-h-60" : "min-h-28")}>
        {previewKind(entry) === "none" && !isPictured(entry) ? <EntryIcon entry={entry} className="size-16" /> : <SettledPreview entry={entry} />}
      </div>
      <div>
        <p className="font-semibold break-words">
          <Name name={entry.name} raw={entry.raw} />
        </p>
        <p className="text-soft">
          {sortOf(entry).label}
          {entry.kind === "file" && ` · ${bytes(entry.size)}`}
        </p>
      </div>
      {entry.kind === "file" && (
        <div className="flex gap-2">
          <Button onClick={() => open(entry)} className="flex-1">Open</Button>
          <Button icon={Download} disabled={entry.state !== "present"} onClick={() => void download([entry])} className="flex-1">Download</Button>
        </div>
      )}
      <AddedFacts entry={entry} />
      <Facts>
        <EntryFacts entry={entry} />
        <Fact label="Path">
          <Copied text={path} what="Path">
            <Name name={path} className="font-mono text-xs leading-5 break-all" />
          </Copied>
        </Fact>
        {entry.id !== "" && (
          <Fact label="Entry id">
            <span className="font-mono text-xs break-all text-soft select-all">{entry.id}</span>
          </Fact>
        )}
      </Facts>
      <ContentFacts entry={entry} />
    </div>
  );
}

/** Waits until the cursor rests: walking through a folder opens no file on the way. */
function SettledPreview({ entry }: { entry: Entry }) {
  const [settled, setSettled] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(true), 120);
    return () => clearTimeout(timer);
  }, []);
  return settled ? <Preview entry={entry} small /> : null;
}

function EntryFacts({ entry }: { entry: EntryInfo }) {
  return (
    <>
      {entry.state !== "present" && (
        <Fact label="State">
          <span className="text-warn">{stateWords[entry.state]}</span>
        </Fact>
      )}
      {entry.target !== undefined && (
        <Fact label="Points to">
          <Name name={entry.target} className="font-mono text-xs break-all" />
        </Fact>
      )}
      {entry.kind === "file" && <Fact label="Size">{countOf(entry.size, "byte")}</Fact>}
      {entry.kind === "folder" && weight(entry) !== undefined && (
        <>
          <Fact label="Contains">
            {countOf(entry.files ?? 0, "file")}, {countOf(entry.folders ?? 0, "folder")}
          </Fact>
          <Fact label="Total size">{bytes(entry.size)}</Fact>
        </>
      )}
      <Fact label="Modified">
        {fullTime(entry.modified)}
        <span className="block text-soft">{relativeTime(entry.modified)}</span>
      </Fact>
      {entry.created !== undefined && <Fact label="Created">{fullTime(entry.created)}</Fact>}
      {entry.mode !== "" && (
        <Fact label="Permissions">
          <span className="font-mono text-xs">{permissions(entry.mode)}</span> <span className="text-soft">{entry.mode}</span>
        </Fact>
      )}
      {entry.content === undefined && entry.mime !== undefined && entry.mime !== "" && <Fact label="Type">{entry.mime}</Fact>}
      {entry.id === "" && <Fact label="Index">Not indexed; read live</Fact>}
    </>
  );
}
