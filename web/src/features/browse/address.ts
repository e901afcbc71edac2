// Where a person is: a folder by id (in the index) or by path (read live). The
// address stands in the page's URL, so history, reload and bookmarks work.
import type { Entry, EntryInfo } from "@/api/types";

export interface Address {
  id?: string | undefined;
  path?: string | undefined;
}

/** What names an entry in lists: its id, or its path while it has none. */
export function keyOf(entry: Pick<Entry, "id" | "path">): string {
  return entry.id === "" ? entry.path : entry.id;
}

/** Whether a key, taken from wherever, means this entry. */
export function isMeant(entry: Pick<Entry, "id" | "path" | "os_path">, key: string): boolean {
  return key === entry.path || key === entry.os_path || (key === entry.id && key !== "");
}

/** The address of an entry. Ids are better than paths: names are bytes, and an id survives a rename. */
export function addressOf(entry: Pick<Entry, "id" | "path">): Address {
  return entry.id === "" ? { path: entry.path } : { id: entry.id };
}

/** How much an entry holds: a file's size, an indexed folder's sum; undefined where nobody has counted. */
export function weight(entry: Pick<Entry, "id" | "kind" | "size">): number | undefined {
  if (entry.kind === "file") return entry.size;
  return entry.kind === "folder" && entry.id !== "" ? entry.size : undefined;
}

export function sameAddress(a: Address, b: Address): boolean {
  return a.id === b.id && a.path === b.path;
}

/** The path that a person would type. */
export function shownPath(entry: { path: string; os_path?: string }): string {
  return entry.os_path === undefined || entry.os_path === "" ? entry.path : entry.os_path;
}

export interface Crumb {
  name: string;
  address: Address;
  path: string;
}

/**
 * The way from the root to a folder. The daemon's list of parents leads as far
 * up as the index reaches; above that the path's own parts lead on, read live.
 */
export function crumbs(folder: EntryInfo): Crumb[] {
  const last: Crumb = { name: folder.name, address: addressOf(folder), path: folder.path };
  const known: Crumb[] = [...(folder.parents ?? []).map((p) => ({ name: p.name, address: addressOf(p), path: p.path })), last];
  const above = pathCrumbs(shownPath(folder));
  // Both end at the folder: what the path has more is what the index does not hold.
  const more = Math.max(above.length - known.length, 0);
  return above.length === 0 ? known : [...above.slice(0, more), ...known];
}

/** The parts of a POSIX, Windows or sd:// path, each with the path up to it. */
export function pathCrumbs(path: string): Crumb[] {
  const scheme = /^sd:\/\/[^/]*/.exec(path)?.[0] ?? "";
  const rest = path.slice(scheme.length);
  const drive = /^[A-Za-z]:[\\/]/.exec(rest)?.[0] ?? "";
  const separator = drive.endsWith("\\") ? "\\" : "/";
  const parts = rest.slice(drive.length).split(separator).filter((part) => part !== "");
  const root = scheme + (drive === "" ? "/" : drive);
  const result: Crumb[] = [{ name: scheme === "" ? root : scheme, address: { path: root }, path: root }];
  let at = root.replace(/[\\/]$/, "");
  for (const part of parts) {
    at += separator + part;
    result.push({ name: part, address: { path: at }, path: at });
  }
  return path === "" ? [] : result;
}

/** The address of the folder above, or undefined at the top. */
export function parentOf(folder: EntryInfo): Address | undefined {
  return crumbs(folder).at(-2)?.address;
}

/** An SdPath as people read it: on this device the path alone. */
export function shownSdPath(path: string): string {
  if (!path.startsWith("sd://local/")) return path;
  try {
    return decodeURIComponent(path.slice("sd://local".length));
  } catch {
    return path; // bytes that are no text stay written as numbers
  }
}
