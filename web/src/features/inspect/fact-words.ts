// What is known of what is in a file, in words and groups for people.
import type { Facts } from "@/api/types";
import { bytes, count, countOf, fullTime } from "@/ui/format";

export interface FactGroup {
  title: string;
  facts: { label: string; value: string; copy?: boolean }[];
}

/** 0.0034 s of a film → "0:00"; 3725 → "1:02:05". */
export function playTime(seconds: number): string {
  const s = Math.round(seconds);
  const two = (n: number) => String(n).padStart(2, "0");
  return s < 3600 ? `${Math.floor(s / 60)}:${two(s % 60)}` : `${Math.floor(s / 3600)}:${two(Math.floor((s % 3600) / 60))}:${two(s % 60)}`;
}

/** Degrees as maps write them: "57.27360° N, 6.21550° W". */
export function coordinates(latitude: number, longitude: number): string {
  const one = (degrees: number, plus: string, minus: string) => `${Math.abs(degrees).toFixed(5)}° ${degrees < 0 ? minus : plus}`;
  return `${one(latitude, "N", "S")}, ${one(longitude, "E", "W")}`;
}

function megapixels(width: number, height: number): string {
  const millions = (width * height) / 1e6;
  return millions < 0.1 ? "" : ` (${millions < 10 ? millions.toFixed(1) : Math.round(millions)} MP)`;
}

const channelWords: Record<number, string | undefined> = { 1: "mono", 2: "stereo", 6: "5.1", 8: "7.1" };

function languageName(code: string): string {
  try {
    return /^[a-z]{2,3}(-|$)/.test(code) ? (new Intl.DisplayNames("en", { type: "language" }).of(code) ?? code) : code;
  } catch {
    return code;
  }
}

type Line = [label: string, value: string | undefined | false, copy?: boolean];

function group(title: string, lines: Line[]): FactGroup {
  return { title, facts: lines.flatMap(([label, value, copy]) => (typeof value === "string" && value !== "" ? [{ label, value, ...(copy === true && { copy }) }] : [])) };
}

const some = <T>(value: T | undefined, words: (value: T) => string): string | undefined => (value === undefined || value === 0 ? undefined : words(value));

/** The groups that have anything in them. */
export function factGroups(f: Facts): FactGroup[] {
  const { width = 0, height = 0, latitude, longitude } = f;
  const timed = (f.duration ?? 0) > 0;
  const sized = width > 0 && height > 0;
  const shot = [some(f.exposure, (s) => `${s} s`), some(f.aperture, (n) => `f/${n}`), some(f.iso, (n) => `ISO ${n}`), some(f.focal, (mm) => `${mm} mm`), f.flash === true && "flash"].filter((part) => typeof part === "string");
  const dated = (f.camera ?? "") !== "" || shot.length > 0 || latitude !== undefined;
  const sound = [f.audio_codec, some(f.channels, (n) => channelWords[n] ?? countOf(n, "channel")), some(f.sample_rate, (hz) => `${(hz / 1000).toLocaleString("en")} kHz`)].filter((part) => part !== undefined && part !== "");
  return [
    group(timed ? "Picture" : "Photo", [
      ["Dimensions", sized && `${count(width)} × ${count(height)} pixels${megapixels(width, height)}`],
      ["Taken", dated && some(f.taken, fullTime)],
      ["Camera", f.camera],
      ["Lens", f.lens],
      ["Exposure", shot.join(", ")],
      ["Place", latitude !== undefined && longitude !== undefined && coordinates(latitude, longitude), true],
      ["Altitude", some(f.altitude, (m) => `${Math.round(m)} m`)],
      ["Caption", f.caption],
      ["Keywords", f.keywords?.join(", ")],
      ["Rating", some(f.rating, (n) => `${n} of 5 stars`)],
      ["Moves", f.animated === true && "It is animated"],
    ]),
    group("Sound and film", [
      ["Duration", timed && playTime(f.duration ?? 0)],
      ["Title", timed && f.title],
      ["Artist", f.artist],
      ["Album", f.album],
      ["Track", some(f.track, String)],
      ["Genre", f.genre],
      ["Year", some(f.year, String)],
      ["Film", [f.video_codec, some(f.frame_rate, (n) => `${Number(n.toFixed(2))} pictures a second`)].filter((part) => part !== undefined && part !== "").join(", ")],
      ["Sound", sound.join(", ")],
      ["Bit rate", some(f.bitrate, (n) => `${count(Math.round(n / 1000))} kbit/s`)],
    ]),
    group(f.family !== undefined && f.family !== "" ? "Font" : (f.members ?? 0) > 0 ? "Archive" : "Document", [
      ["Title", !timed && f.title],
      ["Author", f.author],
      ["Subject", f.subject],
      ["Made", !dated && some(f.taken, fullTime)],
      ["Pages", some(f.pages, (n) => count(n))],
      ["Words", some(f.words, (n) => count(n))],
      ["Lines", some(f.lines, (n) => count(n))],
      ["Language", some(f.language, languageName)],
      ["Encoding", f.encoding],
      ["Holds", some(f.members, (n) => countOf(n, "file"))],
      ["Unpacked", some(f.unpacked, (n) => bytes(n))],
      ["Family", f.family],
      ["Style", f.style],
    ]),
  ].filter(({ facts }) => facts.length > 0);
}

const sidecarKinds: Record<string, string | undefined> = {
  facts: "Facts", text: "Words", thumb256: "Small picture", thumb512: "Medium picture", thumb1024: "Large picture", strip: "Scenes",
};
const sidecarStates: Record<string, string | undefined> = {
  ready: "Ready", failed: "Failed", none: "Nothing of that sort in it", evicted: "Made again when it is looked at",
};

/** What was derived, and how it stands, in words. */
export function sidecarWords({ kind, status }: { kind: string; status: string }): { what: string; how: string } {
  return { what: sidecarKinds[kind] ?? kind, how: sidecarStates[status] ?? status };
}
