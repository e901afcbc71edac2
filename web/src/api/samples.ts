// Values for tests: plain ones, to be changed where a test cares.
import type { EntryInfo, Job, Location } from "./types";

export const sampleEntry = (more: Partial<EntryInfo> = {}): EntryInfo => ({
  id: "", name: "x", path: "sd://local/x", kind: "folder", size: 0, mode: "0755", state: "present", hidden: false, ...more,
});

export const sampleJob = (more: Partial<Job> = {}): Job => ({
  id: "1", kind: "index.scan", title: "Index", state: "running", step: "", done: 0, total: 0, bytes: 0, rate: 0, eta: 0,
  current: "", warnings: 0, created: "2026-01-01T00:00:00Z", seconds: 0, ...more,
});

export const sampleLocation = (more: Partial<Location> = {}): Location => ({
  id: "l", name: "", path: "", volume: "", volume_id: "", entry: "", mode: "content", state: "ready", files: 0, folders: 1,
  bytes: 0, skipped: 0, errors: 0, missing: 0, watch: { folders: 1, watched: 1, share: 1 }, ...more,
});
