// The operations of the daemon as typed functions. Written by hand in the shape
// that cmd/stardrive-gen emits; the generated file replaces it.
import { call, type CallOptions } from "../api/call";

/** What an operation answers when there is nothing to say. */
export type Empty = Record<string, never>;

/** One page of a list; `next` is empty at the end. */
export interface List<T> {
  items: T[];
  next?: string;
}

export type EntryKind = "file" | "folder" | "symlink" | "fifo" | "socket" | "char_device" | "block_device";
export type EntryState = "present" | "absent" | "offline" | "unknown";

/** One file, folder, symlink or special file on a volume. */
export interface Entry {
  /** Entry id; empty for an entry that is read live and not in the index. */
  id: string;
  name: string;
  /** Base64 of the name's bytes, when they are not valid UTF-8 or hold control characters. */
  raw?: string;
  /** SdPath. */
  path: string;
  /** Absolute path of the operating system, where mounted. */
  os_path?: string;
  kind: EntryKind;
  /** Bytes of a file; of a folder, the sum of what is below it. */
  size: number;
  modified?: string;
  created?: string;
  /** Octal permissions, such as "0644". */
  mode?: string;
  state: EntryState;
  hidden?: boolean;
  mime?: string;
  extension?: string;
  folders?: number;
  files?: number;
  parent?: string;
  volume?: string;
  target?: string;
}

export interface EntryParent {
  id: string;
  name: string;
}

export interface EntryInfo extends Entry {
  parents?: EntryParent[];
}

export type EntrySort = "name" | "size" | "modified" | "kind";

export interface EntryListIn {
  id?: string;
  path?: string;
  sort?: EntrySort;
  descending?: boolean;
  hidden?: boolean;
  cursor?: string;
  limit?: number;
}

export interface EntryListOut {
  folder: EntryInfo;
  items: Entry[];
  next?: string;
  total: number;
  live?: boolean;
}

export interface EntryRef {
  id?: string;
  path?: string;
}

export type JobState = "queued" | "running" | "paused" | "done" | "failed" | "cancelled";

export interface Job {
  id: string;
  kind: string;
  title: string;
  state: JobState;
  step?: string;
  done: number;
  total: number;
  bytes: number;
  rate: number;
  eta: number;
  current?: string;
  warnings: number;
  error?: string;
  error_kind?: string;
  created: string;
  started?: string;
  finished?: string;
  seconds: number;
}

export interface JobWarning {
  n: number;
  path: string;
  kind: string;
  message: string;
}

export type LocationMode = "shallow" | "content" | "deep";

export interface Location {
  id: string;
  name: string;
  path: string;
  os_path?: string;
  volume: string;
  mode: LocationMode;
  state: string;
  files: number;
  folders: number;
  bytes: number;
  skipped: number;
  errors: number;
  last_indexed?: string;
  watch?: string;
  /** Id of the root entry. */
  entry: string;
  job?: Job;
}

export interface LocationAddIn {
  path: string;
  name?: string;
  mode?: LocationMode;
}

export interface LocationRef {
  location: string;
}

export interface Volume {
  id: string;
  name: string;
  identity: string;
  mount?: string;
  fs?: string;
  device?: string;
  capacity: number;
  free: number;
  state: string;
  class?: string;
  removable?: boolean;
  read_only?: boolean;
  network?: boolean;
}

export interface LibraryInfo {
  id: string;
  name: string;
  path: string;
  files: number;
  folders: number;
  bytes: number;
  contents: number;
  unique_bytes: number;
  devices: number;
  volumes: number;
  locations: number;
}

export interface Problem {
  kind: string;
  message: string;
  remedy?: string;
}

export interface DaemonStatus {
  version: string;
  uptime: number;
  pid: number;
  memory: number;
  address?: string;
  data?: string;
  device: { id: string; name: string; slug: string };
  libraries: { id: string; name: string; state?: string }[];
  jobs: { running: number; queued: number };
  watch?: { folders: number; watched: number; share: number };
  problems?: Problem[];
}

export interface SearchIn {
  query: string;
  limit?: number;
  offset?: number;
  in?: string;
}

export interface SearchHit extends Entry {
  score?: number;
  match?: unknown;
}

export interface SearchOut {
  items: SearchHit[];
  total: number;
  took_ms: number;
}

export const ops = {
  /** Show versions, uptime, memory, libraries, jobs and problems. */
  daemonStatus: (input: Empty = {}, options?: CallOptions) => call<DaemonStatus>("daemon.status", input, options),
  /** Show the library and its totals. */
  libraryInfo: (input: Empty = {}, options?: CallOptions) => call<LibraryInfo>("library.info", input, options),
  /** List the locations of the library. */
  locationList: (input: Empty = {}, options?: CallOptions) => call<List<Location>>("location.list", input, options),
  /** Index a folder. */
  locationAdd: (input: LocationAddIn, options?: CallOptions) => call<Location>("location.add", input, options),
  /** Read a location again. */
  locationRescan: (input: LocationRef, options?: CallOptions) => call<{ job: string }>("location.rescan", input, options),
  /** Forget a location; the files stay. */
  locationRemove: (input: LocationRef, options?: CallOptions) => call<unknown>("location.remove", input, options),
  /** List the volumes. */
  volumeList: (input: Empty = {}, options?: CallOptions) => call<List<Volume>>("volume.list", input, options),
  /** List a folder. */
  entryList: (input: EntryListIn, options?: CallOptions) => call<EntryListOut>("entry.list", input, options),
  /** Show one entry. */
  entryInfo: (input: EntryRef, options?: CallOptions) => call<EntryInfo>("entry.info", input, options),
  /** Find entries by name. */
  searchQuery: (input: SearchIn, options?: CallOptions) => call<SearchOut>("search.query", input, options),
  /** Make a short-lived link to the bytes of a file on the content origin. */
  contentLink: (input: { id: string }, options?: CallOptions) => call<{ url: string }>("content.link", input, options),
  /** List jobs. */
  jobList: (input: Empty = {}, options?: CallOptions) => call<List<Job>>("job.list", input, options),
  /** List what a job could not do. */
  jobWarnings: (input: { id: string; after?: number; limit?: number }, options?: CallOptions) =>
    call<List<JobWarning>>("job.warnings", input, options),
  /** Pause a job. */
  jobPause: (input: { id: string }, options?: CallOptions) => call<unknown>("job.pause", input, options),
  /** Resume a paused job. */
  jobResume: (input: { id: string }, options?: CallOptions) => call<unknown>("job.resume", input, options),
  /** Cancel a job. */
  jobCancel: (input: { id: string }, options?: CallOptions) => call<unknown>("job.cancel", input, options),
};
