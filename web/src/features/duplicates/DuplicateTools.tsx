import { useQuery } from "@tanstack/react-query";
import { Fingerprint, Recycle, X } from "lucide-react";
import type { ReactNode } from "react";
import { locationsQuery, volumesQuery } from "@/api/queries";
import type { DuplicatesSummary } from "@/api/types";
import { QueryFilter } from "@/features/rows/QueryFilter";
import { Explained, ToolBar } from "@/features/rows/RowsPage";
import { ops } from "@/gen/client";
import { Button, IconButton } from "@/ui/Button";
import { plainName } from "@/ui/names";
import { say, sayError } from "@/ui/Toasts";
import { type Choices, hows, keeps } from "./choices";
import type { DuplicatesParams } from "./DuplicatesPage";
import { words } from "./words";

interface ToolsProps {
  q: string;
  min: string;
  folders: readonly string[];
  choices: Choices;
  summary: DuplicatesSummary | undefined;
  change: (more: DuplicatesParams) => void;
  setFolders: (paths: readonly string[]) => void;
  reclaim: () => void;
  forgetStay: () => void;
}

const sizes = [0, 1_000_000, 10_000_000, 100_000_000];
const look = "h-8 min-w-0 rounded-md bg-surface font-medium text-ink pointer-coarse:h-10";
const helps = { trash: "trashHelp", hard: "hardHelp", reflink: "reflinkHelp" } as const;

/** What is shown of the duplicates, which of them stay, and the way to free the room of the others. */
export function DuplicateTools({ q, min, folders, choices, summary, change, setFolders, reclaim, forgetStay }: ToolsProps) {
  const { keep, how, stay } = choices;
  return (
    <>
      {summary !== undefined && summary.identified < summary.all_files && <Unknown known={summary.identified} of={summary.all_files} />}
      <ToolBar>
        <QueryFilter value={q} change={(query) => change({ q: query === "" ? undefined : query })} />
        <Choice label={words.leastSize} value={min} change={(size) => change({ min: size === "0" ? undefined : size })}>
          {sizes.map((size) => <option key={size} value={size}>{size === 0 ? words.anySize : words.sizeFrom(size)}</option>)}
        </Choice>
        <KeepPicker folders={folders} add={(path) => setFolders([...folders, path])} />
        {folders.map((path) => (
          <Chip key={path} text={words.keptFolder(plainName(path))} label={words.dropFolder(plainName(path))} drop={() => setFolders(folders.filter((other) => other !== path))} />
        ))}
        {stay.size > 0 && <Chip text={words.chosen(stay.size)} label={words.forget} drop={forgetStay} />}
      </ToolBar>
      <ToolBar>
        <label className="flex items-center gap-1.5 text-soft">
          {words.rule}
          <Choice value={keep} change={(rule) => change({ rule: rule === "oldest" ? undefined : rule })}>
            {keeps.map((one) => <option key={one} value={one}>{words[one]}</option>)}
          </Choice>
        </label>
        <label className="flex items-center gap-1.5 text-soft" title={words[helps[how]]}>
          {words.others}
          <Choice value={how} change={(next) => change({ how: next === "trash" ? undefined : next })}>
            {hows.map((one) => <option key={one} value={one}>{words[one]}</option>)}
          </Choice>
        </label>
        <span className="flex-1" />
        <Button look="primary" icon={Recycle} disabled={summary === undefined || summary.groups === 0} onClick={() => reclaim()}>
          {words.reclaim(summary?.wasted ?? 0)}
        </Button>
        <p className="basis-full text-soft">{words[helps[how]]} <span className="pointer-coarse:hidden">{words.keysHelp}</span></p>
      </ToolBar>
    </>
  );
}

function Choice({ label, value, change, children }: { label?: string; value: string; change: (value: string) => void; children: ReactNode }) {
  return (
    <select aria-label={label} value={value} onChange={(event) => change(event.target.value)} className={look}>
      {children}
    </select>
  );
}

function Chip({ text, label, drop }: { text: string; label: string; drop: () => void }) {
  return (
    <span className="flex h-7 max-w-full min-w-0 items-center rounded-full bg-accent-soft pr-0.5 pl-3">
      <span className="truncate">{text}</span>
      <IconButton small icon={X} label={label} onClick={drop} />
    </span>
  );
}

/** Folders whose files are the ones to keep: locations, and whole volumes with files of the library. */
function KeepPicker({ folders, add }: { folders: readonly string[]; add: (path: string) => void }) {
  const { data: locations = [] } = useQuery(locationsQuery);
  const { data: volumes = [] } = useQuery(volumesQuery);
  const places = [
    ...locations.map(({ path, name }) => ({ path, name: plainName(name) })),
    ...volumes.filter(({ tracked, mount, state }) => tracked && mount !== "" && state === "online").map(({ mount, name }) => ({ path: mount, name: words.onVolume(plainName(name || mount)) })),
  ].filter(({ path }) => !folders.includes(path));
  if (places.length === 0) return null;
  return (
    <select aria-label={words.keepFrom} value="" onChange={(event) => add(event.target.value)} className={`${look} max-w-48`}>
      <option value="" disabled>
        {words.keepWhere}
      </option>
      {places.map(({ path, name }) => <option key={path} value={path}>{name}</option>)}
    </select>
  );
}

/** Not all files were read: there may be more duplicates. */
function Unknown({ known, of }: { known: number; of: number }) {
  const find = () => {
    ops.duplicatesFind({}).then(() => say(words.looking), sayError);
  };
  return (
    <Explained>
      {words.known(known, of)}{" "}
      <Button icon={Fingerprint} onClick={find} className="ml-1 align-middle">
        {words.look}
      </Button>
    </Explained>
  );
}
