import { useCallback, useSyncExternalStore } from "react";
import type { Entry } from "@/api/types";
import { MarksBook } from "@/features/marks/marks-book";
import { ops } from "@/gen/client";
import { isPictured } from "./use-thumb";

const book = new MarksBook(async (ids) => (await ops.sidecarBlurs({ ids })).items);
const never = () => () => undefined;

/** The colours of a picture that has not come yet, where they are known; undefined: nothing is waited for. */
export function useBlur(entry: Pick<Entry, "id" | "kind" | "name" | "mime"> | undefined): string | undefined {
  const id = entry !== undefined && isPictured(entry) ? entry.id : "";
  const watch = useCallback((told: () => void) => book.watch(id, told), [id]);
  return useSyncExternalStore(id === "" ? never : watch, () => (id === "" ? undefined : book.get(id)?.blurhash));
}
