// How quantities and times are written. All functions are pure; the locale and
// the present are parameters so that tests do not depend on where they run.

const locale = typeof navigator === "undefined" ? "en" : navigator.language;

const sizeUnits = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];

/** 1234567 → "1.2 MB". Powers of 1000, as drives are sold and `ls -h --si` counts. */
export function bytes(n: number, language = locale): string {
  if (!Number.isFinite(n) || n < 0) return "–";
  let unit = 0;
  let value = n;
  while (value >= 999.5 && unit < sizeUnits.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toLocaleString(language, { maximumFractionDigits: digits, minimumFractionDigits: digits })} ${sizeUnits[unit] ?? ""}`;
}

export function count(n: number, language = locale): string {
  return n.toLocaleString(language);
}

/** count(1, "file") → "1 file", count(2, "file") → "2 files". */
export function countOf(n: number, one: string, many = `${one}s`, language = locale): string {
  return `${count(n, language)} ${n === 1 ? one : many}`;
}

function valid(time: string | undefined): Date | undefined {
  if (time === undefined || time === "") return undefined;
  const date = new Date(time);
  return Number.isNaN(date.getTime()) || date.getTime() <= -62135596800000 ? undefined : date;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatter(language: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = language + JSON.stringify(options);
  let found = formats.get(key);
  if (found === undefined) formats.set(key, (found = new Intl.DateTimeFormat(language, options)));
  return found;
}

/** The time a list shows: the hour today, the day and hour this year, else the date. */
export function shortTime(time: string | undefined, now = new Date(), language = locale, timeZone?: string): string {
  const date = valid(time);
  if (date === undefined) return "–";
  const zone = timeZone === undefined ? {} : { timeZone };
  const day = formatter(language, { year: "numeric", month: "numeric", day: "numeric", ...zone });
  if (day.format(date) === day.format(now)) return formatter(language, { hour: "2-digit", minute: "2-digit", ...zone }).format(date);
  const age = now.getTime() - date.getTime();
  if (age > 0 && age < 300 * 86_400_000) {
    return formatter(language, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", ...zone }).format(date);
  }
  return formatter(language, { day: "numeric", month: "short", year: "numeric", ...zone }).format(date);
}

/** The exact time, for the inspector and tooltips. */
export function fullTime(time: string | undefined, language = locale): string {
  const date = valid(time);
  return date === undefined ? "unknown" : formatter(language, { dateStyle: "medium", timeStyle: "medium" }).format(date);
}

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_557_600], ["month", 2_629_800], ["week", 604_800], ["day", 86_400], ["hour", 3600], ["minute", 60],
];

/** "3 minutes ago", "in 2 days". */
export function relativeTime(time: string | undefined, now = new Date(), language = locale): string {
  const date = valid(time);
  if (date === undefined) return "";
  const seconds = (date.getTime() - now.getTime()) / 1000;
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return "just now";
}

/** 3725 → "1 h 2 min". */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return "–";
  if (seconds < 1) return "under 1 s";
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return s % 60 === 0 || s >= 600 ? `${Math.round(s / 60)} min` : `${Math.floor(s / 60)} min ${s % 60} s`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86_400)} d ${Math.floor((s % 86_400) / 3600)} h`;
}

/** "0644" → "rw-r--r--"; what is not octal comes back as it is. */
export function permissions(mode: string): string {
  if (!/^[0-7]{1,6}$/.test(mode)) return mode;
  const n = Number.parseInt(mode, 8);
  const triple = (bits: number) => `${bits & 4 ? "r" : "-"}${bits & 2 ? "w" : "-"}${bits & 1 ? "x" : "-"}`;
  return triple((n >> 6) & 7) + triple((n >> 3) & 7) + triple(n & 7);
}
