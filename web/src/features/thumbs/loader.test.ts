import { expect, test } from "vitest";
import type { PictureAnswer } from "@/api/sidecars";
import { ThumbLoader, type Wanted } from "./loader";

const of = (id: string, mark = ""): Wanted => ({ id, mark, kind: "thumb256" });
const settle = async () => {
  for (let i = 0; i < 10; i++) await Promise.resolve();
};

function world(capacity = 100) {
  let now = 0;
  const timers: [number, () => void][] = [];
  const calls: { id: string; signal: AbortSignal; answer: (a: PictureAnswer) => void }[] = [];
  const dropped: string[] = [];
  let urls = 0;
  const loader = new ThumbLoader(
    {
      fetch: (id, _kind, signal) =>
        new Promise((answer, failed) => {
          calls.push({ id, signal, answer });
          signal.addEventListener("abort", () => failed(signal.reason as Error));
        }),
      makeUrl: () => `blob:${++urls}`,
      dropUrl: (url) => dropped.push(url),
      now: () => now,
      wait: (ms, fn) => timers.push([now + ms, fn]),
    },
    2,
    capacity,
  );
  const pass = (ms: number) => {
    now += ms;
    for (const [at, fn] of timers.splice(0)) {
      if (at <= now) fn();
      else timers.push([at, fn]);
    }
  };
  return { loader, calls, dropped, pass };
}
const ready: PictureAnswer = { state: "ready", bytes: new Blob() };

test("few are asked for at a time, the newest first", async () => {
  const { loader, calls } = world();
  for (const id of ["a", "b", "c", "d"]) loader.watch(of(id), () => undefined);
  expect(calls.map((c) => c.id)).toEqual(["a", "b"]);
  calls[0]?.answer(ready);
  await settle();
  expect(calls.map((c) => c.id)).toEqual(["a", "b", "d"]);
  expect(loader.get(of("a"))).toEqual({ state: "ready", url: "blob:1" });
  expect(loader.get(of("c"))).toEqual({ state: "waiting" });
});

test("what is looked at no more is given up, and makes room", async () => {
  const { loader, calls } = world();
  const leave = ["a", "b", "c", "d"].map((id) => loader.watch(of(id), () => undefined));
  leave[0]?.();
  leave[3]?.();
  await settle();
  expect(calls[0]?.signal.aborted).toBe(true);
  expect(calls.map((c) => c.id)).toEqual(["a", "b", "c"]);
});

test("what comes later is asked for again, but not for ever", async () => {
  const { loader, calls, pass } = world();
  loader.watch(of("a"), () => undefined);
  for (let i = 1; i <= 6; i++) {
    expect(calls).toHaveLength(i);
    calls[i - 1]?.answer({ state: "later", seconds: 2, why: "busy" });
    await settle();
    pass(1999);
    expect(calls).toHaveLength(i);
    pass(1);
  }
  expect(loader.get(of("a"))).toEqual({ state: "none", why: "busy" });
});

test("old ones that nobody sees are dropped, and their addresses freed", async () => {
  const { loader, calls, dropped } = world(1);
  const one = loader.watch(of("a"), () => undefined);
  calls[0]?.answer(ready);
  await settle();
  one();
  const two = loader.watch(of("b"), () => undefined);
  calls[1]?.answer(ready);
  await settle();
  two();
  expect(dropped).toEqual(["blob:1"]);
  expect(loader.get(of("b")).state).toBe("ready");
});

test("a picture that is made anew is fetched anew", async () => {
  const { loader, calls, dropped } = world();
  let told = 0;
  loader.watch(of("a"), () => (told += 1));
  calls[0]?.answer({ state: "none", why: "broken" });
  await settle();
  expect(loader.get(of("a"))).toEqual({ state: "none", why: "broken" });
  loader.forget("a");
  calls[1]?.answer(ready);
  await settle();
  expect(loader.get(of("a")).state).toBe("ready");
  loader.forget("a");
  expect(dropped).toEqual(["blob:1"]);
  expect(told).toBe(4);
});

test("what is told to be there now is asked for at once, and what is there stays", async () => {
  const { loader, calls } = world();
  loader.watch(of("a"), () => undefined);
  calls[0]?.answer({ state: "later", seconds: 100, why: "busy" });
  await settle();
  loader.retry("b");
  expect(calls).toHaveLength(1);
  loader.retry("a");
  expect(calls).toHaveLength(2);
  calls[1]?.answer(ready);
  await settle();
  loader.retry("a");
  expect(calls).toHaveLength(2);
  expect(loader.get(of("a")).state).toBe("ready");
});
