import { expect, test } from "vitest";
import { sampleEntry } from "@/api/samples";
import { quarantineRows } from "./quarantine-rows";

test("one row a file, with its name, and each reason once", () => {
  const rows = quarantineRows([
    { ...sampleEntry({ id: "9", name: "secret", kind: "file" }), why: "denied", reason: "Stardrive is not allowed to read it", tries: 3, since: "", tried: "", again: "" },
    {
      ...sampleEntry({ id: "7", name: "a.png", kind: "file" }),
      content: "1",
      failed: [
        { kinds: ["facts", "thumb256"], reason: "cut off" },
        { kinds: ["text"], reason: "too long" },
      ],
    },
  ]);
  expect(rows.map(({ key, entry, unread, failed, height }) => ({ key, name: entry.name, unread, failed, height }))).toEqual([
    { key: "u 9", name: "secret", unread: true, failed: [{ what: "Not read in 3 tries", why: "Stardrive is not allowed to read it" }], height: 66 },
    { key: "f 7", name: "a.png", unread: false, failed: [{ what: "Facts, small picture", why: "cut off" }, { what: "Words", why: "too long" }], height: 84 },
  ]);
});
