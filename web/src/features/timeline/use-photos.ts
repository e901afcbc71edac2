import { useQueries } from "@tanstack/react-query";
import { photosPage, photosQuery, queryClient } from "@/api/queries";
import type { Entry } from "@/api/types";
import type { Month } from "./months";

/** The photos of a timeline by their place in the whole; those that are drawn are fetched. */
export function usePhotos(months: readonly Month[], from: readonly number[], place: string, drawn: readonly { first: number; count: number }[]) {
  /** The page of answers that an entry stands in: its month, and which page of that. */
  const pageOf = (index: number) => {
    const month = from.findLastIndex((begin) => begin <= index);
    return { month, page: Math.floor((index - (from[month] ?? 0)) / photosPage) };
  };
  const queryOf = ({ month, page }: { month: number; page: number }) => photosQuery(months[month]?.query ?? "", place, page);
  const wanted = new Map<string, { month: number; page: number }>();
  for (const { first, count } of drawn) {
    for (const index of [first, first + count - 1]) {
      const at = pageOf(index);
      wanted.set(`${at.month} ${at.page}`, at);
    }
  }
  const pages = [...wanted.values()];
  const answers = useQueries({ queries: pages.map(queryOf) });
  const inPage = (index: number, answer: readonly Entry[] | undefined) => {
    const { month, page } = pageOf(index);
    return answer?.[index - (from[month] ?? 0) - page * photosPage];
  };
  const entryAt = (index: number): Entry | undefined => {
    const { month, page } = pageOf(index);
    return inPage(index, answers[pages.findIndex((one) => one.month === month && one.page === page)]?.data);
  };
  /** All from one place to another, those far away too. */
  const entriesIn = async (a: number, b: number): Promise<Entry[]> => {
    const found: Entry[] = [];
    for (let index = Math.min(a, b); index <= Math.max(a, b); index++) {
      const entry = inPage(index, await queryClient.query({ ...queryOf(pageOf(index)), staleTime: "static" }));
      if (entry) found.push(entry);
    }
    return found;
  };
  return { pageOf, entryAt, entriesIn };
}
