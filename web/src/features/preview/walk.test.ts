import { expect, test } from "vitest";
import type { Entry } from "@/api/types";
import { companion, isImage, type Near, nextImage } from "./walk";

const files = ["a.jpg", "b.txt", "c.png", "d.md", "e.gif"].map((name): Entry => ({ id: name, name, path: name, kind: "file", size: 1, state: "present", mode: "", hidden: false }));
const near: Near = (from, by) => files[files.indexOf(from) + by];
const [a, b, c, d, e] = files as [Entry, Entry, Entry, Entry, Entry];

test("pictures are walked through, past all else", () => {
  expect([isImage(a), isImage(b)]).toEqual([true, false]);
  expect([nextImage(near, a, 1), nextImage(near, c, 1), nextImage(near, e, 1)]).toEqual([c, e, undefined]);
  expect([nextImage(near, e, -1), nextImage(near, a, -1), nextImage(near, b, 1)]).toEqual([c, undefined, c]);
});

test("the other picture is passed over", () => {
  expect(nextImage(near, a, 1, c)).toBe(e);
  expect(nextImage(near, e, -1, c)).toBe(a);
});

test("a picture is compared with the next, the last with the one before", () => {
  expect([companion(near, a), companion(near, c), companion(near, e)]).toEqual([c, e, c]);
  expect(companion(() => undefined, d)).toBeUndefined();
});

test("a walk in a ring ends", () => expect(nextImage(() => b, b, 1)).toBeUndefined());
