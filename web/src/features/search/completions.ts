import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { queryClient } from "@/api/queries";
import { ops } from "@/gen/client";

/** What may be put in the place of `length` characters at `at`. */
export interface Completion {
  text: string;
  at: number;
  length: number;
  kind: string;
  help?: string;
}

/** The query with a completion put in, and a blank behind it where it is whole. */
export function completed(query: string, { text, at, length }: Completion): string {
  const characters = Array.from(query);
  const before = characters.slice(0, at).join("");
  const after = characters.slice(at + length).join("");
  return before + text + (after === "" && !text.endsWith(":") ? " " : "") + after;
}

const recentKey = ["recent"];

/** The searches that were made lately, the newest first. */
export function useRecent(wanted: boolean): string[] {
  const { data } = useQuery({ queryKey: recentKey, queryFn: async ({ signal }) => (await ops.recentList({}, { signal })).items, enabled: wanted });
  return wanted ? (data ?? []).map(({ query }) => query).slice(0, 8) : [];
}

/** How a query that is being typed may go on; nothing while nothing is typed. */
export function useCompletions(query: string, wanted: boolean): Completion[] {
  const asks = wanted && query.trim() !== "";
  const { data } = useQuery({
    queryKey: ["complete", query],
    queryFn: async ({ signal }) => (await ops.searchComplete({ query, limit: 6 }, { signal })).items,
    enabled: asks,
    placeholderData: keepPreviousData,
    retry: false,
  });
  return asks ? (data ?? []).filter(({ kind, at, length }) => kind !== "recent" && at + length === Array.from(query).length) : [];
}

/** Somebody found what they looked for, or wanted to see all of it. */
export function remember(query: string): void {
  if (query.trim() === "") return;
  // That it is not kept is no reason to disturb anybody.
  ops.recentAdd({ query: query.trim() }).then(() => queryClient.invalidateQueries({ queryKey: recentKey }), () => undefined);
}

/** Forgets all searches that were made. */
export async function forgetRecent(): Promise<void> {
  await ops.recentForget({ all: true });
  await queryClient.invalidateQueries({ queryKey: recentKey });
}
