import { infiniteQueryOptions, keepPreviousData, queryOptions, QueryClient } from "@tanstack/react-query";
import type { Job } from "./types";
import { ops } from "../gen/client";
import { contentType } from "./call";
import type { BytesOf } from "./library";
import { ApiError } from "./errors";
import { fetchStretch } from "@/features/preview/bytes";
import { JobNews, withJob } from "./job-news";
import { media, monthsOf } from "@/features/timeline/months";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000, // the event stream tells what changed; this is only for what it misses
      refetchOnWindowFocus: true,
      networkMode: "always", // the daemon is on this machine: being off-line says nothing
      retry: (failures, error) => failures < 2 && error instanceof ApiError && error.kind === "internal",
    },
    mutations: { networkMode: "always" },
  },
});

export const statusQuery = queryOptions({ queryKey: ["status"], queryFn: ({ signal }) => ops.daemonStatus({}, { signal }) });
export const libraryQuery = queryOptions({ queryKey: ["library"], queryFn: ({ signal }) => ops.libraryInfo({}, { signal }) });
export const librariesQuery = queryOptions({ queryKey: ["libraries"], queryFn: async ({ signal }) => (await ops.libraryList({}, { signal })).items });
export const locationsQuery = queryOptions({
  queryKey: ["locations"],
  queryFn: async ({ signal }) => (await ops.locationList({}, { signal })).items,
});
export const volumesQuery = queryOptions({
  queryKey: ["volumes"],
  queryFn: async ({ signal }) => (await ops.volumeList({}, { signal })).items,
});
const news = new JobNews();
export const jobsQuery = queryOptions({
  queryKey: ["jobs"],
  queryFn: async ({ signal }) => {
    const asked = performance.now();
    return news.merge((await ops.jobList({}, { signal })).items, asked);
  },
});

/** What was made of files, and what it takes. */
export const sidecarTotalsQuery = queryOptions({ queryKey: ["care", "sidecars"], queryFn: ({ signal }) => ops.sidecarTotals({}, { signal }) });

/** How many bytes a second copying may write; 0: as many as there are. */
export const limitQuery = queryOptions({ queryKey: ["limit"], queryFn: async ({ signal }) => (await ops.filesLimit({}, { signal })).limit });

/** One entry, by id where it has one, else by path. */
export const entryQuery = (ref: { id?: string | undefined; path?: string | undefined }) =>
  queryOptions({
    queryKey: ["entry", ref.id ?? "", ref.path ?? ""],
    queryFn: ({ signal }) => ops.entryInfo(ref.id === undefined ? { path: ref.path ?? "" } : { id: ref.id }, { signal }),
  });

/** A link to a file's bytes. It is short-lived, so it is asked for anew well before it ends. */
export const linkQuery = ({ id, path, member }: BytesOf) =>
  queryOptions({
    queryKey: ["link", id, path, member ?? ""],
    queryFn: ({ signal }) => ops.contentLink({ ...(id === "" ? { path } : { id }), ...(member === undefined ? {} : { member }) }, { signal }),
    staleTime: 60_000,
    gcTime: 60_000,
    refetchOnWindowFocus: false, // a new link would restart a video that is playing
  });

/** A file, as it is now: by id where it is indexed, else by path. */
interface FileAt extends BytesOf {
  size: number;
  modified?: string;
}

/** The media type of a file's bytes, as they are now. */
export const contentTypeQuery = (entry: FileAt) =>
  queryOptions({
    queryKey: ["content-type", entry.id, entry.path, entry.member ?? "", entry.size, entry.modified ?? ""],
    queryFn: ({ signal }) => contentType(entry, { signal }),
    retry: false, // the frame will say what is wrong
  });

export const searchQuery = (query: string, limit: number) =>
  queryOptions({
    queryKey: ["search", query, limit],
    queryFn: ({ signal }) => ops.searchQuery({ query, limit }, { signal }),
    enabled: query !== "",
    staleTime: 2000,
    gcTime: 10_000,
    placeholderData: keepPreviousData,
  });

export const savedQuery = queryOptions({ queryKey: ["saved"], queryFn: async ({ signal }) => (await ops.savedList({}, { signal })).items });

export const warningsQuery = (id: string) =>
  queryOptions({
    queryKey: ["warnings", id],
    queryFn: async ({ signal }) => (await ops.jobWarnings({ job: id, limit: 100 }, { signal })).items,
  });

export const rulesQuery = (location: string) =>
  queryOptions({
    queryKey: ["rules", location],
    queryFn: async ({ signal }) => (await ops.rulesList({ location }, { signal })).items,
  });
export const presetsQuery = queryOptions({
  queryKey: ["presets"],
  queryFn: async ({ signal }) => (await ops.rulesPresets({}, { signal })).items,
  staleTime: Infinity, // part of the program
});

/** Puts a job's newest state into the list of jobs without asking for the list again. */
export function putJob(job: Job): void {
  news.hear(job, performance.now());
  queryClient.setQueryData(jobsQuery.queryKey, (jobs) => jobs && withJob(jobs, job));
}

/** What takes the space in a folder. */
export const usageQuery = (path: string, limit: number) =>
  queryOptions({ queryKey: ["entry", "usage", path, limit], queryFn: ({ signal }) => ops.entryUsage({ path, limit }, { signal }) });

/** The months in which the photos below a folder were taken. */
export const monthsQuery = (place: string) =>
  queryOptions({
    queryKey: ["search", "months", place],
    queryFn: async ({ signal }) => monthsOf((await ops.searchSums({ query: media, in: place, by: ["taken"] }, { signal })).sums[0]?.values ?? [], "No date in them"),
    staleTime: 10_000,
  });

export const photosPage = 100;

/** One page of the photos that a query finds, those taken last first. */
export const photosQuery = (query: string, place: string, page: number) =>
  queryOptions({
    queryKey: ["search", "photos", query, place, page],
    queryFn: async ({ signal }) => (await ops.searchQuery({ query, in: place, groups: ["names"], sort: "taken", descending: true, limit: photosPage, offset: page * photosPage }, { signal })).items,
    gcTime: 60_000,
    placeholderData: keepPreviousData,
  });

// The daemon goes through all files for these: they are asked for anew when a job has ended, not at every change.
const calm = { staleTime: 60_000 };

/** What all files come to, by kind, year and volume. */
export const sumsQuery = queryOptions({ queryKey: ["care", "sums"], queryFn: ({ signal }) => ops.searchSums({ by: ["kind", "year", "volume"] }, { signal }), ...calm });

/** The files that were changed last. */
export const recentFilesQuery = queryOptions({
  queryKey: ["care", "recent"],
  queryFn: async ({ signal }) => (await ops.searchQuery({ query: "kind:file -is:hidden", groups: ["names"], sort: "modified", descending: true, limit: 8 }, { signal })).items,
  ...calm,
});

const most = 500;
const howMany = ({ items, next }: { items: readonly unknown[]; next: string }) => ({ n: items.length, more: next !== "" });

/** How the files fare, in numbers. */
export const careQuery = queryOptions({
  queryKey: ["care", "numbers"],
  queryFn: async ({ signal }) => {
    const [duplicates, risk, damaged, unread, failed, trash] = await Promise.all([
      ops.duplicatesSummary({}, { signal }),
      ops.redundancySummary({}, { signal }),
      ops.damageList({ limit: most }, { signal }),
      ops.contentUnread({ limit: most }, { signal }),
      ops.sidecarFailed({ limit: most }, { signal }),
      ops.trashList({ limit: 1 }, { signal }),
    ]);
    const [a, b] = [howMany(unread), howMany(failed)];
    return { duplicates, risk, damaged: howMany(damaged), unreadable: { n: a.n + b.n, more: a.more || b.more }, trash: trash.total };
  },
  ...calm,
});

/** A stretch of a file's bytes. */
export const stretchQuery = (entry: FileAt, from: number, length: number) =>
  queryOptions({
    queryKey: ["bytes", entry.id, entry.path, entry.member ?? "", entry.size, entry.modified ?? "", from, length],
    queryFn: ({ signal }) => fetchStretch(entry, from, length, signal),
    gcTime: 10_000,
    placeholderData: keepPreviousData,
    retry: false,
  });

const following = (last: { next: string }) => (last.next === "" ? undefined : last.next);
const cursor = (from: string) => (from === "" ? {} : { cursor: from });

/** What a plan does, page by page. */
export const planItemsQuery = (plan: string, conflicts: boolean) =>
  infiniteQueryOptions({
    queryKey: ["plan-items", plan, conflicts],
    queryFn: ({ pageParam, signal }) => ops.planItems({ plan, conflicts, limit: 200, ...cursor(pageParam) }, { signal }),
    initialPageParam: "",
    getNextPageParam: following,
    gcTime: 0,
  });

export const planFailuresQuery = (plan: string) =>
  queryOptions({ queryKey: ["history", "failures", plan], queryFn: async ({ signal }) => (await ops.planFailures({ plan, limit: 200 }, { signal })).items });

/** What was done, the newest first. */
export const historyQuery = infiniteQueryOptions({
  queryKey: ["history"],
  queryFn: ({ pageParam, signal }) => ops.planHistory({ limit: 100, ...cursor(pageParam) }, { signal }),
  initialPageParam: "",
  getNextPageParam: following,
});

/** A folder in an archive, page by page. */
export const archiveQuery = (entry: FileAt, folder: string) =>
  infiniteQueryOptions({
    queryKey: ["archive", entry.id, entry.path, entry.size, entry.modified ?? "", folder],
    queryFn: ({ pageParam, signal }) => ops.archiveList({ ...(entry.id === "" ? { path: entry.path } : { id: entry.id }), folder, limit: 1000, ...cursor(pageParam) }, { signal }),
    initialPageParam: "",
    getNextPageParam: following,
    gcTime: 60_000,
    retry: false,
  });

export const trashQuery = infiniteQueryOptions({
  queryKey: ["trash"],
  queryFn: ({ pageParam, signal }) => ops.trashList({ limit: 200, ...cursor(pageParam) }, { signal }),
  initialPageParam: "",
  getNextPageParam: following,
});

/** What users added. All of it is told of by one event, and asked for anew then. */
export const tagsQuery = queryOptions({ queryKey: ["added", "tags"], queryFn: async ({ signal }) => (await ops.tagList({}, { signal })).items });
export const collectionsQuery = queryOptions({ queryKey: ["added", "collections"], queryFn: async ({ signal }) => (await ops.collectionList({}, { signal })).items });
export const addedQuery = (id: string) => queryOptions({ queryKey: ["added", "of", id], queryFn: ({ signal }) => ops.organizeOf({ id }, { signal }), enabled: id !== "" });
export const suggestedTagsQuery = (id: string) =>
  queryOptions({ queryKey: ["added", "suggest", id], queryFn: async ({ signal }) => (await ops.tagSuggest({ id }, { signal })).items, enabled: id !== "" });
export const fieldsQuery = queryOptions({ queryKey: ["added", "fields"], queryFn: async ({ signal }) => (await ops.fieldList({}, { signal })).items });
export const tagRulesQuery = queryOptions({ queryKey: ["added", "rules"], queryFn: async ({ signal }) => (await ops.ruleList({}, { signal })).items });
export const whyQuery = (tag: string, id: string) => queryOptions({ queryKey: ["added", "why", tag, id], queryFn: ({ signal }) => ops.tagWhy({ tag, id }, { signal }) });
export const spacesQuery = queryOptions({ queryKey: ["added", "spaces"], queryFn: async ({ signal }) => (await ops.spaceList({}, { signal })).items });
/** A sidebar with what is in it; "" for the one that is always there. */
export const spaceQuery = (space: string) =>
  queryOptions({ queryKey: ["added", "space", space], queryFn: ({ signal }) => ops.spaceShow(space === "" ? {} : { space }, { signal }), placeholderData: keepPreviousData });

/** Saved searches are otherwise than before: so are sidebars that hold some. */
export async function savedMoved(): Promise<void> {
  await Promise.all([queryClient.invalidateQueries({ queryKey: savedQuery.queryKey }), queryClient.invalidateQueries({ queryKey: ["added", "space"] })]);
}
