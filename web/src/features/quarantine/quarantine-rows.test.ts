import { expect, test } from "vitest";
import { quarantineRows } from "./quarantine-rows";

const failed = (content: string, kind: "facts" | "thumb256" | "text", reason: string, more: object = {}) => ({
  content, kind, status: "failed" as const, reason, bytes: 0, version: 1, ...more,
});

test("one row a file, and each reason once", () => {
  const rows = quarantineRows([
    failed("1", "facts", "cut off", { entry: "7", name: "a.png", path: "sd://local/a.png" }),
    failed("1", "text", "too long"),
    failed("1", "thumb256", "cut off"),
    failed("2", "facts", "odd"),
  ]);
  expect(rows.map(({ key, name, failed, height }) => ({ key, name, failed, height }))).toEqual([
    { key: "1", name: "a.png", failed: [{ what: "Facts, small picture", why: "cut off" }, { what: "Words", why: "too long" }], height: 84 },
    { key: "2", name: "A file that is gone", failed: [{ what: "Facts", why: "odd" }], height: 66 },
  ]);
  expect(rows.map((row) => row.entry?.id)).toEqual(["7", undefined]);
});
