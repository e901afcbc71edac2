// The operations of the fake daemon, with the names and shapes of the real ones.
import { existsSync } from "node:fs";
import { mimeOf } from "./fake-content.mjs";
import * as tree from "./fake-tree.mjs";

export class Problem extends Error {
  constructor(status, kind, message, remedy = "") {
    super(message);
    Object.assign(this, { status, kind, remedy });
  }
}

const missing = (what) => new Problem(404, "not_found", `there is nothing at ${what}`, "Look at the folder above it.");

export function view(n) {
  const v = {
    id: n.id, name: n.name, path: `sd://local${n.path}`, os_path: n.path, kind: n.kind, size: n.id === "" && n.kind === "folder" ? 0 : n.size,
    modified: n.modified, created: n.modified, mode: n.mode, state: n.state, hidden: n.name.startsWith("."), parent: n.parent?.id ?? "", volume: "System",
  };
  if (n.raw) v.raw = n.raw;
  if (n.target) v.target = n.target;
  if (n.kind === "folder" && n.id !== "") Object.assign(v, { files: n.files || undefined, folders: n.folders || undefined });
  if (n.kind === "file") Object.assign(v, { mime: mimeOf(n.name) || undefined, extension: n.name.includes(".") ? n.name.split(".").pop().toLowerCase() : undefined });
  return v;
}

function info(n) {
  const parents = [];
  for (let at = n.parent; at; at = at.parent) parents.unshift({ id: at.id, name: at.parent ? at.name : "System", path: `sd://local${at.path}` });
  return { ...view(n), parents, ...inside(n) };
}

/** What is in a made-up file. */
function inside(n) {
  const mime = n.kind === "file" && n.id !== "" ? mimeOf(n.name) : "";
  if (mime === "") return {};
  const hash = [...n.name].map((c) => c.charCodeAt(0).toString(16).padStart(2, "0")).join("").padEnd(64, "7c").slice(0, 64);
  const content = { id: n.id, hash, size: n.size, kind: mime.split("/")[0], mime, read: n.modified, proven: true, copies: 1 + (n.size % 3) };
  const facts = mime.startsWith("image/")
    ? { width: 4032, height: 2688, blurhash: "LKO2?U%2Tw=w]~RBVZRi};RPxuwH", taken: n.modified, camera: "Fujifilm X100V", lens: "23 mm f/2", exposure: "1/250", aperture: 5.6, iso: 200, focal: 23, latitude: 57.2736, longitude: -6.2155, altitude: 120, keywords: ["harbour", "evening"], rating: 4 }
    : mime.startsWith("video/")
      ? { width: 1920, height: 1080, duration: 754, video_codec: "h264", audio_codec: "aac", frame_rate: 29.97, channels: 2, sample_rate: 48000, bitrate: 8_200_000 }
      : mime.startsWith("audio/") ? { duration: 61, artist: "The Shanty Crew", title: "Heave away", album: "Quayside", channels: 1, sample_rate: 8000 } : { title: "A winter at the coast", author: "J. Doe", pages: 12, words: 5210, language: "en" };
  const sidecars = [{ kind: "facts", status: "ready" }, { kind: "text", status: mime.startsWith("image/") ? "none" : "ready" }, n.name.endsWith(".heic") ? { kind: "thumb256", status: "failed", reason: "the picture is cut off after 12 rows" } : { kind: "thumb256", status: "ready" }];
  return { content, facts, sidecars };
}

function resolve({ id, path }) {
  const found = id ? tree.byId.get(id) : tree.find(path ?? "/");
  if (!found) throw missing(id ?? path);
  return found;
}

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
const orders = {
  name: (a, b) => collator.compare(a.name, b.name),
  size: (a, b) => a.size - b.size || orders.name(a, b),
  modified: (a, b) => a.modified.localeCompare(b.modified) || orders.name(a, b),
  kind: (a, b) => (a.name.split(".").pop() ?? "").localeCompare(b.name.split(".").pop() ?? "") || orders.name(a, b),
};
const sorted = new Map(); // folder → [children, key, list]

function order(folder, sort, descending, hidden) {
  const key = `${sort} ${descending} ${hidden} ${folder.children.length}`;
  const known = sorted.get(folder);
  if (known?.[0] === folder.children && known[1] === key) return known[2];
  const list = folder.children.filter((c) => hidden || !c.name.startsWith("."));
  const sign = descending ? -1 : 1;
  list.sort((a, b) => Number(b.kind === "folder") - Number(a.kind === "folder") || sign * orders[sort](a, b));
  sorted.set(folder, [folder.children, key, list]);
  return list;
}

/** Made-up finds in texts: every fifth document tells of harbours. */
function written(wanted) {
  if (wanted.length === 0 || !"the harbour lay still in the morning light".includes(wanted.join(" "))) return { texts: [], similar: [] };
  const documents = [...tree.byId.values()].filter((n) => /\.(pdf|docx|txt|md|odt)$/.test(n.name));
  const sentence = (n, before) => {
    const text = `${before} the ${wanted.join(" ")} lay still in the morning light, and nobody had touched the boats since the storm of ${n.name}.`;
    const at = before.length + 5;
    return { text, marks: [[at, at + wanted.join(" ").length]] };
  };
  return {
    texts: documents.filter((_, i) => i % 17 === 0).slice(0, 12).map((n, i) => ({ ...view(n), score: 1, title: i % 3 === 0 ? "A winter at the coast" : "", copies: 1 + (i % 3), snippets: [sentence(n, "…when"), sentence(n, "…and so")].slice(0, 1 + (i % 2)) })),
    similar: documents.filter((_, i) => i % 41 === 5).slice(0, 6).map((n) => ({ ...view(n), score: 0.4, copies: 1, content: n.id, snippets: [{ text: "Boats were tied up at the quay for weeks; no ferry came.", marks: [] }] })),
  };
}

const saved = new Map();
for (const [name, query, more] of [["Large videos", "kind:video size:>1gb", { sort: "size", descending: true }], ["Harbour", "harbour", {}]]) saved.set(name, { name, query, ...more, created: "2026-01-01T00:00:00Z" });

export function operations(state) {
  const { locations, volumes, jobs, publish, startScan } = state;
  const locationOf = ({ location }) => {
    const found = locations.find((l) => l.id === location || l.name === location);
    if (!found) throw missing(location);
    return found;
  };
  const show = (l) => ({
    id: l.id, name: l.name, path: `sd://local${l.node.path}`, os_path: l.node.path, volume: l.volume ?? "System", mode: l.mode, state: l.state, files: l.node.files,
    folders: l.node.folders + 1, bytes: l.node.size, skipped: 0, errors: l.errors ?? 0, missing: 0, last_indexed: l.indexed, watch: { folders: 1, watched: 1, share: 1 }, entry: l.node.id, job: l.job && jobs.get(l.job),
  });
  const jobOf = ({ job }) => {
    if (!jobs.has(job)) throw missing(job);
    return jobs.get(job);
  };
  const change = (input, to) => {
    const job = jobOf(input);
    job.state = to;
    publish("job.changed", job, true);
    return job;
  };
  return {
    "daemon.status": () => ({
      version: "0.1.0-fake", go: "go1.26", uptime: process.uptime(), pid: process.pid, memory: 88_000_000, address: state.url, data: "/tmp/fake",
      device: { id: "d1", name: "jamies-laptop", slug: "jamies-laptop" }, libraries: [{ id: "l1", name: "Home", state: "open" }],
      jobs: { running: [...jobs.values()].filter((j) => j.state === "running").length, queued: 0 }, watch: { folders: 10, watched: 10, share: 1 }, problems: state.problems,
    }),
    "library.info": () => {
      const total = (f) => locations.reduce((s, l) => s + f(l.node), 0);
      return { id: "l1", name: "Home", path: "/tmp/fake/Home.sdlibrary", files: total((n) => n.files), folders: total((n) => n.folders), bytes: total((n) => n.size), contents: 0, unique_bytes: 0, devices: 1, volumes: volumes.length, locations: locations.length };
    },
    "location.list": () => ({ items: locations.map(show), next: "" }),
    "location.add": ({ path, mode = "content", name }) => {
      if (!path.startsWith("/")) throw new Problem(400, "invalid", "the path is not absolute", "Give the whole path, such as /home/you/Pictures.");
      if (!tree.find(path) && existsSync(path)) return show(state.adopt(path));
      const found = tree.find(path);
      if (!found) throw missing(path);
      if (found.id !== "") throw new Problem(409, "conflict", `${path} is indexed already`);
      tree.index(found);
      tree.sumUp(found);
      const location = { id: `loc${locations.length + 1}`, name: name ?? found.name, node: found, mode, state: "ready" };
      locations.push(location);
      startScan(location);
      publish("location.changed", {});
      return show(location);
    },
    "location.rescan": (input) => {
      startScan(locationOf(input));
      return show(locationOf(input));
    },
    "location.remove": (input) => {
      const location = locationOf(input);
      const shown = show(location);
      locations.splice(locations.indexOf(location), 1);
      tree.forget(location.node);
      publish("location.changed", {});
      return shown;
    },
    "rules.list": (input) => ({ location: locationOf(input).name, items: locationOf(input).rules ?? [], next: "" }),
    "rules.presets": () => ({ items: [{ name: "developer", words: "packages, caches and build files of developer tools", patterns: ["node_modules/"] }], next: "" }),
    "rules.add": ({ kind = "pattern", value = "", include = false, ...ref }) => {
      const location = locationOf(ref);
      const rules = (location.rules ??= []);
      rules.push({ id: (rules.at(-1)?.id ?? 0) + 1, kind, value, include, words: `${include ? "include" : "exclude"} what matches "${value}"` });
      return { location: location.name, items: rules, next: "" };
    },
    "rules.remove": ({ rule, ...ref }) => {
      const location = locationOf(ref);
      location.rules = (location.rules ?? []).filter((known) => known.id !== rule);
      return { location: location.name, items: location.rules, next: "" };
    },
    "volume.list": () => ({ items: volumes }),
    "entry.list": ({ sort = "name", descending = false, hidden = false, cursor = "", limit = 500, ...ref }) => {
      const folder = resolve(ref);
      if (folder.kind !== "folder") throw new Problem(400, "invalid", `${folder.path} is not a folder`);
      const list = order(folder, sort, descending, hidden);
      const from = Number(cursor || 0);
      const to = Math.min(from + limit, list.length);
      return { folder: view(folder), items: list.slice(from, to).map(view), next: to < list.length ? String(to) : "", total: list.length, live: folder.id === "" };
    },
    "entry.info": (ref) => info(resolve(ref)),
    "search.query": ({ query, limit = 50, offset = 0, cursor = "" }) => {
      if (cursor !== "") offset = Number(cursor);
      const start = performance.now();
      const fold = (s) => s.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
      const wanted = fold(query).split(/\s+/).filter((w) => w !== "" && !w.includes(":"));
      const hits = [];
      for (const n of tree.byId.values()) {
        n.folded ??= fold(n.name);
        if (wanted.every((w) => n.folded.includes(w))) hits.push(n);
      }
      const items = hits.slice(offset, offset + limit).map((n) => ({ ...view(n), score: 1, match: "inside" }));
      const { texts, similar } = written(wanted);
      const hints = /taggged:/.test(query) ? [{ at: 0, length: 8, text: "there is no such filter; did you mean `tag:`?" }] : undefined;
      const end = offset + items.length;
      return { items, total: hits.length, next: end < hits.length ? String(end) : undefined, texts, similar, hints, partial: state.partial || undefined, took_ms: performance.now() - start };
    },
    "saved.list": () => ({ items: [...saved.values()].sort((a, b) => a.name.localeCompare(b.name)) }),
    "saved.create": (input) => {
      if (saved.has(input.name)) throw new Problem(409, "conflict", `another saved search is named ${input.name}`, "Choose another name.");
      saved.set(input.name, { ...input, created: new Date().toISOString() });
      return saved.get(input.name);
    },
    "saved.rename": ({ name, to }) => {
      const one = saved.get(name);
      if (!one) throw missing(name);
      saved.delete(name);
      saved.set(to, { ...one, name: to });
      return saved.get(to);
    },
    "saved.remove": ({ name }) => {
      const one = saved.get(name);
      saved.delete(name);
      return one;
    },
    "recent.list": () => ({ items: [] }),
    "recent.add": () => ({ items: [] }),
    "search.complete": () => ({ items: [] }),
    "search.similar": () => ({ items: written(["harbour"]).similar }),
    "duplicates.list": () => ({ items: [], next: "" }),
    "duplicates.summary": () => ({ groups: 0, files: 0, wasted: 0, identified: 0, all_files: 0 }),
    "near.list": () => ({ items: [], next: 0 }),
    "redundancy.list": () => ({ items: [], next: "" }),
    "damage.list": () => ({ items: [], next: "" }),
    "sidecar.list": () => ({ items: [], next: "" }),
    "sidecar.failed": () => ({ items: [], next: "" }),
    "content.unread": () => ({ items: [], next: "" }),
    "content.copies": () => ({ content: "1", hash: "", kind: "other", size: 0, files: 0, bodies: 0, volumes: 0, disks: 0, devices: 0, copies: [] }),
    "sidecar.rebuild": () => ({ marked: 3 }),
    "content.identify": () => ({}),
    "content.link": ({ id }) => ({ url: state.link(resolve({ id })) }),
    "job.list": () => ({ items: [...jobs.values()].reverse(), next: "" }),
    "job.show": jobOf,
    "job.warnings": () => ({ total: 1, items: [{ number: 1, path: "/home/jamie/Documents/locked.pdf", kind: "denied", message: "permission denied" }], next: "" }),
    "job.pause": (input) => change(input, "paused"),
    "job.resume": (input) => change(input, "running"),
    "job.cancel": (input) => change(input, "cancelled"),
  };
}
