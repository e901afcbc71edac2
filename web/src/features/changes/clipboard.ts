// What was copied or cut, to be pasted: also in other tabs and windows of this browser.
import type { Entry } from "@/api/types";
import { keyOf } from "@/features/browse/address";
import { createStore } from "@/ui/store";

export interface Refs {
  ids?: string[];
  sources?: string[];
}

export interface Taken {
  mode: "copy" | "cut";
  refs: Refs;
  /** How many things it is. */
  count: number;
  /** Of what was cut: it is shown as on its way. */
  keys: readonly string[];
}

const storageKey = "stardrive.clipboard";
const most = 100_000;

/** How entries are named to the daemon: by id where there is one, else by path. */
export function refsOf(entries: readonly Pick<Entry, "id" | "path">[]): Refs {
  const ids = entries.flatMap(({ id }) => (id === "" ? [] : [id]));
  const sources = entries.flatMap(({ id, path }) => (id === "" ? [path] : []));
  return { ...(ids.length > 0 && { ids }), ...(sources.length > 0 && { sources }) };
}

/** What is kept under the clipboard's name, if it is whole. */
export function readTaken(text: string | null): Taken | undefined {
  try {
    const value = JSON.parse(text ?? "null") as Partial<Taken> | null;
    const texts = (list: unknown) => list === undefined || (Array.isArray(list) && list.every((one) => typeof one === "string"));
    if ((value?.mode !== "copy" && value?.mode !== "cut") || typeof value.count !== "number" || !texts(value.refs?.ids) || !texts(value.refs?.sources)) return undefined;
    return { mode: value.mode, refs: value.refs ?? {}, count: value.count, keys: Array.isArray(value.keys) ? value.keys : [] };
  } catch {
    return undefined;
  }
}

function stored(): Taken | undefined {
  try {
    return readTaken(localStorage.getItem(storageKey));
  } catch {
    return undefined;
  }
}

export const taken = createStore<Taken | undefined>(stored());

if (typeof addEventListener === "function") addEventListener("storage", (event) => event.key === storageKey && taken.set(readTaken(event.newValue)));

function keep(next: Taken | undefined): void {
  taken.set(next);
  try {
    if (next === undefined) localStorage.removeItem(storageKey);
    else localStorage.setItem(storageKey, JSON.stringify(next));
  } catch {
    // no storage, or too much for it: it can be pasted in this window
  }
}

export function take(mode: Taken["mode"], entries: readonly Entry[]): void {
  const some = entries.slice(0, most);
  keep({ mode, refs: refsOf(some), count: some.length, keys: mode === "cut" ? some.map(keyOf) : [] });
}

/** What was cut can be pasted once. */
export function pasted(): void {
  if (taken.get()?.mode === "cut") keep(undefined);
}
