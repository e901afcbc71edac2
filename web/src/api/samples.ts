// Values for tests: plain ones, to be changed where a test cares.
import type { EntryInfo, Job, Location, Plan } from "./types";

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

export const samplePlan = (more: Partial<Plan> = {}): Plan => ({
  id: "1", action: "files.copy", title: "a thing", state: "planned", warnings: [], items: 1, undecided: 0, done: 0, failed: 0, skipped: 0, actor: "user",
  created: "2026-01-01T00:00:00Z", expires: "2026-01-02T00:00:00Z", undoable: false,
  summary: { files: 0, folders: 0, bytes: 0, write: 0, saved: 0, replaced: 0, trashed: 0, destroyed: 0, seconds: 0, room: [] }, ...more,
});
