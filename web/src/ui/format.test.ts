import { describe, expect, it } from "vitest";
import { bytes, countOf, duration, permissions, relativeTime, shortTime } from "./format";

describe("bytes", () => {
  it.each([
    [0, "0 B"], [999, "999 B"], [1000, "1.0 kB"], [1234567, "1.2 MB"], [99_960_000, "100 MB"],
    [999_600, "1.0 MB"], [2 ** 40, "1.1 TB"], [Number.MAX_SAFE_INTEGER, "9.0 PB"], [-1, "–"], [Number.NaN, "–"],
  ])("%d → %s", (n, want) => expect(bytes(n, "en")).toBe(want));
});

it("countOf picks the number's form", () => {
  expect(countOf(1, "file", undefined, "en")).toBe("1 file");
  expect(countOf(12345, "entry", "entries", "en")).toBe("12,345 entries");
});

describe("shortTime", () => {
  const now = new Date("2026-06-15T12:00:00Z");
  it.each([
    ["2026-06-15T09:05:00Z", "09:05"],
    ["2026-03-02T18:30:00Z", "2 Mar, 18:30"],
    ["2019-03-02T18:30:00Z", "2 Mar 2019"],
    ["2030-01-01T00:00:00Z", "1 Jan 2030"],
    ["0001-01-01T00:00:00Z", "–"],
    ["nonsense", "–"],
    ["", "–"],
  ])("%s → %s", (time, want) => expect(shortTime(time, now, "en-GB", "UTC")).toBe(want));
});

it("relativeTime speaks of the nearest unit", () => {
  const now = new Date("2026-06-15T12:00:00Z");
  expect(relativeTime("2026-06-15T11:59:50Z", now, "en")).toBe("just now");
  expect(relativeTime("2026-06-15T10:00:00Z", now, "en")).toBe("2 hours ago");
  expect(relativeTime("2026-06-14T11:00:00Z", now, "en")).toBe("yesterday");
  expect(relativeTime(undefined, now, "en")).toBe("");
});

describe("duration", () => {
  it.each([[0.4, "under 1 s"], [42, "42 s"], [61, "1 min 1 s"], [1800, "30 min"], [3725, "1 h 2 min"], [200_000, "2 d 7 h"], [-1, "–"]])(
    "%d → %s", (n, want) => expect(duration(n)).toBe(want));
});

it("permissions spells octal modes out", () => {
  expect(permissions("0644")).toBe("rw-r--r--");
  expect(permissions("0750")).toBe("rwxr-x---");
  expect(permissions("odd")).toBe("odd");
});
