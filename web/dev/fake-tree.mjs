// The made-up library of the fake daemon: a tree of nodes with everything that
// a list can hold, one folder of 100,000 entries, hostile names, and optionally
// real folders, which are followed as they change.
import { readdirSync, lstatSync, readlinkSync, watch } from "node:fs";
import { basename, dirname } from "node:path";

let nextId = 1;
export const byId = new Map();

/** A seeded generator, so that every run shows the same library. */
function seeded(seed) {
  let s = seed;
  return () => {
    s = (s * 1664525 + 1013904223) % 4294967296;
    return s / 4294967296;
  };
}
const random = seeded(7);
const pick = (list) => list[Math.floor(random() * list.length)];
const now = Date.now();
const ago = (days) => new Date(now - days * 86_400_000).toISOString();

export function node(parent, name, kind = "folder", more = {}) {
  const made = {
    id: "", name, kind, parent, children: kind === "folder" ? [] : undefined, size: 0, files: 0, folders: 0,
    modified: ago(random() * 900), mode: kind === "folder" ? "0755" : "0644", state: "present", ...more,
  };
  made.path = more.path ?? (parent === undefined ? "/" : `${parent.path === "/" ? "" : parent.path}/${name}`);
  if (parent?.id !== undefined && parent.id !== "") give(made);
  parent?.children.push(made);
  return made;
}

/** Puts a node into the index: from now on it has an id. */
export function give(n) {
  n.id = `e${nextId++}`;
  byId.set(n.id, n);
}

export function forget(n) {
  byId.delete(n.id);
  n.id = "";
  for (const child of n.children ?? []) forget(child);
}

/** Indexes a folder and all below it. */
export function index(n) {
  if (n.id === "") give(n);
  for (const child of n.children ?? []) index(child);
  sum(n);
}

export function sum(n) {
  if (n.kind !== "folder") return;
  n.size = n.files = n.folders = 0;
  for (const child of n.children) {
    n.size += child.size;
    if (child.kind === "folder") {
      n.folders += child.folders + 1;
      n.files += child.files;
    } else n.files += 1;
  }
}

export function sumUp(n) {
  for (let at = n; at; at = at.parent) sum(at);
}

const words = ["harbour", "summer", "invoice", "meeting", "draft", "holiday", "report", "garden", "letter", "budget", "river", "sketch", "notes", "family", "winter", "plan"];
const file = (parent, name, size = Math.floor(2 ** (random() * 24)), more = {}) => node(parent, name, "file", { size, ...more });

export const root = node(undefined, "/");
const home = node(node(root, "home"), "jamie");
for (const name of ["etc", "usr", "var", "tmp", "opt"]) node(root, name);
file(home, ".bashrc", 3771);
file(home, "todo.txt", 512);

export const pictures = node(home, "Pictures");
for (let year = 2019; year <= 2026; year++) {
  const folder = node(pictures, String(year));
  for (const trip of ["Lisbon", "Garden", "Skye", "Birthday"]) {
    const album = node(folder, `${trip} ${year}`);
    for (let i = 0; i < 30; i++) file(album, `IMG_${String(1000 + i * 7)}.${i % 9 === 8 ? "heic" : "jpg"}`, 1_800_000 + Math.floor(random() * 4e6));
    file(album, "clip.mp4", 84_000_000);
  }
}
file(pictures, "harbour at dusk.png", 420_000);
file(pictures, "harbour, morning.jpg", 3_400_000);
file(pictures, "panorama.webp", 1_400_000);
file(pictures, "scan of the old map.tiff", 48_000_000);
file(pictures, "logo.svg", 4200);
file(pictures, ".picasa.ini", 320);

export const documents = node(home, "Documents");
for (const area of ["Bank", "Contracts", "House", "Letters", "Taxes", "University"]) {
  const folder = node(documents, area);
  for (let i = 0; i < 40; i++) file(folder, `${pick(words)} ${pick(words)} ${2018 + (i % 9)}.${pick(["pdf", "docx", "txt", "xlsx", "odt", "md"])}`);
}
for (const name of ["readme.md", "household budget 2026.xlsx", "letter to the council.docx", "holiday plan.pdf", "passport.pdf", "novel.epub", "presentation.pptx", "contacts.vcf", "notes.txt", "main.go", "analysis.py", "backup.zip", "voice memo.wav", "keys.kdbx", "data.csv"]) file(documents, name);
file(documents, "huge log.log", 2_400_000_000);
file(documents, "empty.txt", 0);
node(documents, "Empty folder");
node(documents, "link to pictures", "symlink", { target: "/home/jamie/Pictures", size: 21 });
node(documents, "pipe", "fifo");

const odd = node(documents, "Odd names");
file(odd, "invoice\u202Efdp.exe", 12_000);
file(odd, "<img src=x onerror=alert(1)>.txt", 40);
file(odd, "two\nlines.txt", 40);
file(odd, "caf\u00e9 (composed).txt", 40);
file(odd, "cafe\u0301 (decomposed).txt", 40);
file(odd, "zero\u200Bwidth.txt", 40);
file(odd, "bad \uFFFD byte.txt", 40, { raw: Buffer.from("626164 ff 20627974652e747874".replaceAll(" ", ""), "hex").toString("base64") });
file(odd, "שלום עולם.txt", 40);
file(odd, "日本語のファイル名.txt", 40);
file(odd, "👩‍👩‍👧 family.jpg", 40);
file(odd, `${"very long name ".repeat(15)}.txt`, 40);

export const projects = node(home, "Projects");
const huge = node(projects, "Hundred thousand");
for (let i = 0; i < 100_000; i++) file(huge, `record ${String(i).padStart(6, "0")}.${i % 3 === 0 ? "json" : i % 3 === 1 ? "txt" : "jpg"}`);
for (const name of ["stardrive", "website", "notes"]) {
  const repo = node(projects, name);
  for (const sub of ["cmd", "internal", "web", ".git"]) for (let i = 0; i < 12; i++) file(repo.children.find((c) => c.name === sub) ?? node(repo, sub), `${pick(words)}_${i}.${pick(["go", "ts", "md"])}`);
  file(repo, "README.md", 4000);
  file(repo, "Makefile", 1200);
}

export const archive = node(node(node(root, "media"), "jamie"), "Archive");
for (let year = 2004; year < 2016; year++) {
  const folder = node(archive, `Films ${year}`);
  for (let i = 0; i < 20; i++) file(folder, `tape ${i + 1}.mkv`, 1_500_000_000, { state: "offline" });
}

/** Gives a whole tree a state (an offline volume). */
export function mark(n, state) {
  n.state = state;
  for (const child of n.children ?? []) mark(child, state);
}

export function find(path) {
  const parts = path.replace(/^sd:\/\/local/, "").split("/").filter(Boolean);
  let at = root;
  for (const part of parts) {
    at = at.children?.find((c) => c.name === part);
    if (!at) return undefined;
  }
  return at;
}

/** A folder of the real disk, read into the tree and followed. Calls changed(folder) for every folder that differs. */
export function adopt(path, changed) {
  let parent = root;
  for (const part of dirname(path).split("/").filter(Boolean)) parent = parent.children.find((c) => c.name === part) ?? node(parent, part);
  const top = node(parent, basename(path), "folder", { disk: path });
  read(top);
  index(top);
  sumUp(top);
  const watcher = watch(path, { recursive: true }, (_, name) => {
    const folder = find(name === null ? path : dirname(`${path}/${name}`)) ?? top;
    setTimeout(() => {
      if (read(folder)) {
        index(folder);
        sumUp(folder);
        changed(folder);
      }
    }, 50);
  });
  watcher.unref();
  return top;
}

/** Reads a real folder into its node, deep; reports whether anything differs. */
function read(folder) {
  let names;
  try {
    names = readdirSync(folder.disk, { encoding: "buffer" });
  } catch {
    return false;
  }
  let differs = false;
  const before = new Map(folder.children.map((c) => [c.name, c]));
  folder.children = [];
  for (const octets of names) {
    const name = octets.toString();
    const raw = Buffer.from(name).equals(octets) && !/\p{Cc}/u.test(name) ? undefined : octets.toString("base64");
    const disk = Buffer.concat([Buffer.from(folder.disk), Buffer.from("/"), octets]);
    let info;
    try {
      info = lstatSync(disk);
    } catch {
      continue;
    }
    const kind = info.isDirectory() ? "folder" : info.isSymbolicLink() ? "symlink" : info.isFIFO() ? "fifo" : "file";
    const known = before.get(name);
    before.delete(name);
    const facts = { size: kind === "file" ? info.size : 0, modified: info.mtime.toISOString(), mode: (info.mode & 0o7777).toString(8).padStart(4, "0") };
    if (known?.kind === kind) {
      differs ||= known.modified !== facts.modified;
      Object.assign(known, kind === "folder" ? { modified: facts.modified, mode: facts.mode } : facts);
      folder.children.push(known);
    } else {
      differs = true;
      const made = node(folder, name, kind, { ...facts, disk, raw, ...(kind === "symlink" ? { target: readlinkSync(disk) } : {}) });
      if (kind === "folder") read(made);
    }
  }
  return differs || before.size > 0;
}
