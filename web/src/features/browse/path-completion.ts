// What a half typed path may become: the folders that begin so. Their paths are
// the daemon's, never put together here.
import { useEffect, useState } from "react";
import type { Entry } from "@/api/types";
import { ops } from "@/gen/client";
import { shownPath } from "./address";

/** A half typed path as the folder it names and the beginning of a name in it. */
export function splitTyped(typed: string): { folder: string; begin: string } | undefined {
  const cut = Math.max(typed.lastIndexOf("/"), typed.lastIndexOf("\\"));
  if (cut < 0 || !/^([/~]|sd:\/\/|[A-Za-z]:[\\/])/.test(typed)) return undefined;
  return { folder: typed.slice(0, cut + 1), begin: typed.slice(cut + 1) };
}

/** The folders among entries whose names begin so, whatever the case; the path of each in the way it is typed. */
export function continuing(entries: readonly Entry[], typed: string, most = 8): { name: string; path: string }[] {
  const parts = splitTyped(typed);
  if (parts === undefined) return [];
  const begin = parts.begin.toLocaleLowerCase();
  const scheme = typed.startsWith("sd://");
  return entries
    .filter((entry) => entry.kind === "folder" && entry.raw === undefined && entry.name.toLocaleLowerCase().startsWith(begin))
    .slice(0, most)
    .map((entry) => ({ name: entry.name, path: scheme ? entry.path : shownPath(entry) }));
}

/** The folders that a typed path may go on with. */
export function usePathCompletion(typed: string, wanted: boolean): { name: string; path: string }[] {
  const parts = wanted ? splitTyped(typed) : undefined;
  const folder = parts?.folder ?? "";
  const hidden = parts?.begin.startsWith(".") === true;
  const [found, setFound] = useState<{ folder: string; hidden: boolean; entries: readonly Entry[] }>();
  useEffect(() => {
    if (folder === "") return;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      ops.entryList({ path: folder, hidden, limit: 1000 }, { signal: stop.signal }).then(
        ({ items }) => setFound({ folder, hidden, entries: items }),
        () => setFound({ folder, hidden, entries: [] }), // there is no such folder: nothing to offer
      );
    }, 60);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [folder, hidden]);
  return folder !== "" && found?.folder === folder && found.hidden === hidden ? continuing(found.entries, typed) : [];
}
