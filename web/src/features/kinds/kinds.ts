// What sort of thing an entry is, for people: an icon family and a label. Taken
// from the name alone, so that a list never waits for anybody to open a file. The
// table here has the words for what is common; all else is as the daemon has it.
import type { Entry } from "@/api/types";

export type Family =
  | "folder" | "image" | "video" | "audio" | "text" | "document" | "pdf" | "sheet" | "slides"
  | "code" | "archive" | "disk" | "font" | "book" | "model" | "program" | "key" | "link" | "special" | "other";

export interface Sort {
  family: Family;
  label: string;
}

// family: "label: extensions; label: extensions"; {} in a label stands for the extension in capitals.
const table: Partial<Record<Family, string>> = {
  image: "JPEG image: jpg jpeg jpe jfif; PNG image: png; GIF image: gif; WebP image: webp; HEIC image: heic heif; AVIF image: avif; TIFF image: tif tiff; BMP image: bmp; SVG drawing: svg; Icon: ico icns; Photoshop document: psd; GIMP image: xcf; Raw photo: cr2 cr3 nef arw dng orf rw2 raf",
  video: "MPEG-4 video: mp4 m4v; QuickTime video: mov; Matroska video: mkv; WebM video: webm; AVI video: avi; MPEG video: mpg mpeg ts m2ts; {} video: wmv flv 3gp ogv",
  audio: "MP3 audio: mp3; FLAC audio: flac; WAVE audio: wav; AAC audio: m4a aac; Ogg audio: ogg oga; Opus audio: opus; {} audio: wma aiff aif mid midi; Playlist: m3u m3u8",
  text: "Plain text: txt text; Markdown: md markdown; Log: log; Subtitles: srt vtt sub; {} text: nfo rst adoc org tex bib",
  document: "Word document: doc docx; OpenDocument text: odt; Rich text: rtf; Pages document: pages; Email: eml msg mbox; Calendar: ics; Contact: vcf",
  pdf: "PDF document: pdf; PostScript: ps eps; DjVu document: djvu",
  sheet: "Excel sheet: xls xlsx xlsm; OpenDocument sheet: ods; CSV table: csv; TSV table: tsv; Numbers sheet: numbers; SQLite database: sqlite sqlite3 db; Parquet table: parquet",
  slides: "PowerPoint slides: ppt pptx; OpenDocument slides: odp; Keynote slides: key",
  book: "EPUB book: epub; Kindle book: mobi azw azw3; Comic: cbz cbr",
  code: "JavaScript: js mjs cjs; TypeScript: ts tsx mts; React source: jsx; Go source: go; Python source: py; Rust source: rs; C source: c h; C++ source: cpp cc cxx hpp hh; Java source: java; Kotlin source: kt kts; Swift source: swift; Ruby source: rb; PHP source: php; Shell script: sh bash zsh fish; PowerShell script: ps1; SQL: sql; HTML page: html htm xhtml; Style sheet: css scss sass less; JSON: json jsonl ndjson; YAML: yml yaml; TOML: toml; XML: xml; {} source: lua pl r jl scala clj ex exs erl hs ml cs fs vb dart zig nim vue svelte proto; Settings: ini cfg conf env properties; Patch: diff patch; Notebook: ipynb",
  archive: "ZIP archive: zip; 7-Zip archive: 7z; RAR archive: rar; tar archive: tar; Compressed archive: tgz tbz txz gz bz2 xz zst lz4 br; Java archive: jar war; Package: deb rpm apk pkg msi",
  disk: "Disk image: iso img dmg vhd vhdx vmdk qcow2 ova",
  font: "Font: ttf otf woff woff2 ttc",
  model: "3D model: stl obj gltf glb fbx blend step stp 3mf; CAD drawing: dwg dxf",
  program: "Program: exe dll so dylib bin appimage app com wasm; Script: bat cmd",
  key: "Certificate or key: pem crt cer p12 pfx gpg asc pub age kdbx",
};

const byExtension = new Map<string, Sort>();
for (const [family, entries] of Object.entries(table)) {
  for (const entry of entries.split("; ")) {
    const [label = "", extensions = ""] = entry.split(": ");
    for (const extension of extensions.split(" ")) {
      byExtension.set(extension, { family: family as Family, label: label.replace("{}", extension.toUpperCase()) });
    }
  }
}
// .ts is also a video stream; source code is by far the more common.
byExtension.set("ts", { family: "code", label: "TypeScript" });

const byEntryKind: Record<string, Sort | undefined> = {
  folder: { family: "folder", label: "Folder" },
  symlink: { family: "link", label: "Symbolic link" },
  fifo: { family: "special", label: "Named pipe" },
  socket: { family: "special", label: "Socket" },
  char_device: { family: "special", label: "Character device" },
  block_device: { family: "special", label: "Block device" },
};

/** The extension in lower case without the dot, or "". Dot files have none. */
export function extensionOf(name: string): string {
  const dot = name.lastIndexOf(".");
  const extension = dot > 0 ? name.slice(dot + 1).toLowerCase() : "";
  return /^[a-z0-9_+-]{1,12}$/.test(extension) ? extension : "";
}

// What the daemon's table of kinds says, which people may extend, where this one is silent.
const byType: Record<string, Family | undefined> = {
  image: "image", video: "video", audio: "audio", document: "document", book: "book", text: "text", subtitle: "text", code: "code", config: "code", mail: "document",
  archive: "archive", package: "archive", diskimage: "disk", font: "font", model: "model", database: "sheet", executable: "program", key: "key", link: "link",
};

export function sortOf(entry: Pick<Entry, "kind" | "name" | "mime" | "type">): Sort {
  const special = byEntryKind[entry.kind];
  if (special) return special;
  const extension = extensionOf(entry.name);
  const known = byExtension.get(extension);
  if (known) return known;
  const family = byType[entry.type ?? ""] ?? familyOfMime(entry.mime ?? "");
  if (family !== undefined) return { family, label: extension === "" ? family.charAt(0).toUpperCase() + family.slice(1) : `${extension.toUpperCase()} ${family}` };
  return { family: "other", label: extension === "" ? "File" : `${extension.toUpperCase()} file` };
}

function familyOfMime(mime: string): Family | undefined {
  const major = mime.split("/")[0] ?? "";
  return major === "image" || major === "video" || major === "audio" || major === "text" || major === "font" ? major : undefined;
}
