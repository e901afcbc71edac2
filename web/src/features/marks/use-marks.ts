import { useCallback, useSyncExternalStore } from "react";
import type { Marks } from "@/api/types";
import { ops } from "@/gen/client";
import { MarksBook } from "./marks-book";

const book = new MarksBook(async (ids) => (await ops.organizeMarks({ ids })).items);

/** What users added is otherwise than before. */
export const marksMoved = (): void => book.moved();

const never = () => () => undefined;

/** What was added to an entry of the library; undefined for nothing, and until it is known. */
export function useMarks(id: string): Marks | undefined {
  const watch = useCallback((told: () => void) => book.watch(id, told), [id]);
  return useSyncExternalStore(id === "" ? never : watch, () => book.get(id));
}
