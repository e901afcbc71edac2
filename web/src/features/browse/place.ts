import type { Entry, EntryInfo } from "@/api/types";
import { ops } from "@/gen/client";
import { preferences, setPreferences } from "@/ui/preferences";
import { say } from "@/ui/Toasts";
import { type Address, addressOf, keyOf, parentOf } from "./address";

/** Where an entry is shown: in the folder that holds it, selected. A hidden one brings the hidden files up. */
export async function placeOf(entry: Entry): Promise<{ address: Address; select: string }> {
  if (entry.hidden && !preferences().showHidden) {
    setPreferences({ showHidden: true });
    say("Hidden files are shown now.");
  }
  return { address: await holderOf(entry), select: keyOf(entry) };
}

async function holderOf(entry: EntryInfo): Promise<Address> {
  if (entry.parent !== undefined && entry.parent !== "") return { id: entry.parent };
  const info = entry.parents === undefined ? await ops.entryInfo(addressOf(entry)) : entry;
  return parentOf(info) ?? addressOf(info);
}

/** Finds out what a typed path is, and where to go for it: a folder itself, or a file's folder. */
export async function resolvePath(path: string): Promise<{ address: Address; select?: string }> {
  const entry = await ops.entryInfo({ path });
  return entry.kind === "folder" ? { address: addressOf(entry) } : placeOf(entry);
}
