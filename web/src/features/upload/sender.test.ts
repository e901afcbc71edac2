import { expect, test } from "vitest";
import { ApiError, asApiError, type ErrorKind } from "@/api/errors";
import { hexOf, sha256 } from "@/api/uploads";
import type { Gift } from "./gather";
import { type FileState, type Outside, Sender, type Told } from "./sender";

const chunk = 4;
const gift = (path: string, text: string): Gift => ({ path, file: new File([text], path, { lastModified: 1000 }) });
const sum = async (text: string) => hexOf(await sha256(new TextEncoder().encode(text).buffer));

/** A daemon that keeps what it gets; `trouble` may fail a call. */
function daemon(trouble: (what: string, n: number) => ErrorKind | undefined = () => undefined) {
  const files = new Map<string, { n: number; size: number; text: string }>();
  let calls = 0;
  let backs = 0;
  const fail = (what: string) => {
    const kind = trouble(what, ++calls);
    if (kind !== undefined) throw new ApiError(kind, `no: ${what}`);
  };
  const byNumber = (n: number) => [...files.values()].find((file) => file.n === n) ?? { n: 0, size: 0, text: "" };
  const outside: Outside = {
    add: (all: Told[]) => {
      fail("add");
      return Promise.resolve(
        all.map(({ path, size = 0, anew }): FileState => {
          if (path.includes("..")) return { path, file: 0, got: 0, done: false, refused: "this cannot be a name" };
          const known = files.get(path) ?? { n: files.size + 1, size, text: "" };
          if (anew === true) known.text = "";
          files.set(path, known);
          return { path, file: known.n, got: known.text.length, done: known.text.length === size };
        }),
      );
    },
    sums: async (n) => {
      const { text } = byNumber(n);
      return Promise.all((text.match(/[^]{1,4}/g) ?? []).map(sum));
    },
    send: (n, offset, bytes) => {
      fail(`send ${n} ${offset}`);
      const file = byNumber(n);
      if (offset !== file.text.length) throw new ApiError("conflict", "not there");
      file.text += new TextDecoder().decode(bytes);
      return Promise.resolve(file.text.length);
    },
    digest: async (bytes) => hexOf(await sha256(bytes)),
    back: () => Promise.resolve(void (backs += 1)),
    error: asApiError,
    stopped: () => false,
  };
  return { files, outside, backs: () => backs };
}

const run = async (gifts: Gift[], outside: Outside) => {
  const sender = new Sender(gifts, chunk, outside, () => undefined);
  await sender.run();
  return sender.course;
};

test("files come whole, in pieces; folders and empty files too", async () => {
  const { files, outside } = daemon();
  const course = await run([gift("a/b.txt", "hello world"), gift("empty", ""), { path: "folder" }], outside);
  expect(files.get("a/b.txt")?.text).toBe("hello world");
  expect([...files.keys()]).toEqual(["a/b.txt", "empty", "folder"]);
  expect(course).toMatchObject({ files: 2, doneFiles: 2, bytes: 11, sent: 11, failed: [], refused: [] });
});

test("a name that is refused does not hold up the others", async () => {
  const { files, outside } = daemon();
  const course = await run([gift("../up", "x"), gift("fine", "fine")], outside);
  expect(course.refused).toEqual([{ path: "../up", why: "this cannot be a name" }]);
  expect(course).toMatchObject({ files: 1, doneFiles: 1, bytes: 4, sent: 4 });
  expect(files.get("fine")?.text).toBe("fine");
});

test("the daemon goes away and comes back: it goes on where it stopped", async () => {
  let away = 2;
  const { files, outside, backs } = daemon((what) => (what === "send 1 4" && away-- > 0 ? "unreachable" : undefined));
  const course = await run([gift("a", "0123456789")], outside);
  expect(files.get("a")?.text).toBe("0123456789");
  expect(backs()).toBe(2);
  expect(course).toMatchObject({ doneFiles: 1, sent: 10, waiting: false });
});

test("what stopped half way goes on, if it is the same file", async () => {
  const { files, outside } = daemon();
  await run([gift("a", "01234567")], outside);
  files.set("a", { n: 1, size: 10, text: "01234567" });
  let asked = 0;
  const counting = { ...outside, send: (n: number, at: number, bytes: ArrayBuffer) => ((asked += 1), outside.send(n, at, bytes)) };
  await run([gift("a", "0123456789")], counting);
  expect(asked).toBe(1);
  expect(files.get("a")?.text).toBe("0123456789");
});

test("what stopped half way begins anew, if it was another file of that name", async () => {
  const { files, outside } = daemon();
  files.set("a", { n: 1, size: 10, text: "0123xxxx" });
  await run([gift("a", "0123456789")], outside);
  expect(files.get("a")?.text).toBe("0123456789");
});

test("a file that can never be sent is told, the others come", async () => {
  const { files, outside } = daemon((what) => (what.startsWith("send 1") ? "conflict" : undefined));
  const course = await run([gift("a", "0123"), gift("b", "4567")], outside);
  expect(course.failed).toEqual([{ path: "a", why: "no: send 1 0" }]);
  expect(files.get("b")?.text).toBe("4567");
  expect(course).toMatchObject({ doneFiles: 1, sent: 4 });
});

test("a volume that is away ends it", async () => {
  const { outside } = daemon((what) => (what.startsWith("send") ? "unavailable" : undefined));
  await expect(run([gift("a", "0123")], outside)).rejects.toThrow("no: send");
});
