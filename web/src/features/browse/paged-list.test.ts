import { describe, expect, it, vi } from "vitest";
import { type FetchPage, PagedList } from "./paged-list";

/** A source of `size` numbers whose pages hold at most 100, whatever is asked for. */
function source(size: () => number, seen: string[] = []): FetchPage<number, string> {
  return async (cursor, limit, signal) => {
    await Promise.resolve();
    signal.throwIfAborted();
    seen.push(cursor);
    const from = cursor === "" ? 0 : Number(cursor);
    const to = Math.min(from + Math.min(limit, 100), size());
    const items = Array.from({ length: Math.max(to - from, 0) }, (_, i) => from + i);
    return { items, next: to < size() ? String(to) : "", total: size(), head: `folder of ${size()}` };
  };
}

const settled = <T, H>(list: PagedList<T, H>) => vi.waitFor(() => expect(list.get().loading).toBe(false));

describe("PagedList", () => {
  it("holds the total, and only as many pages as were needed", async () => {
    const list = new PagedList(source(() => 1000));
    list.need(50);
    await settled(list);
    expect(list.get()).toMatchObject({ total: 1000, complete: false, head: "folder of 1000" });
    expect(list.get().items).toHaveLength(100);
  });

  it("follows the cursors as far as somebody looks, in order, each once", async () => {
    const seen: string[] = [];
    const list = new PagedList(source(() => 1000, seen));
    list.need(50);
    list.need(420);
    await settled(list);
    expect(list.get().items).toEqual(Array.from({ length: 500 }, (_, i) => i));
    expect(seen).toEqual(["", "100", "200", "300", "400"]);
  });

  it("ends at the end", async () => {
    const list = new PagedList(source(() => 130));
    list.need(100_000);
    await settled(list);
    expect(list.get()).toMatchObject({ complete: true, total: 130 });
  });

  it("an empty folder is complete", async () => {
    const list = new PagedList(source(() => 0));
    list.need(10);
    await settled(list);
    expect(list.get()).toMatchObject({ complete: true, total: 0, items: [] });
  });

  it("reload swaps the new list in at once, as far as it is looked at", async () => {
    let size = 1000;
    const list = new PagedList(source(() => size));
    list.need(250);
    await settled(list);
    const lengths: number[] = [];
    list.subscribe(() => lengths.push(list.get().items.length));
    size = 1001;
    list.reload();
    await settled(list);
    expect(list.get()).toMatchObject({ total: 1001 });
    expect(new Set(lengths)).toEqual(new Set([300])); // never shorter in between
  });

  it("a reload during a reload is not lost", async () => {
    let size = 10;
    const list = new PagedList(source(() => size));
    list.need(10);
    await settled(list);
    list.reload();
    await Promise.resolve();
    size = 12;
    list.reload();
    await settled(list);
    expect(list.get().total).toBe(12);
  });

  it("keeps what it has when a page fails, and goes on after reload", async () => {
    let broken = true;
    const good = source(() => 500);
    const list = new PagedList<number, string>((cursor, limit, signal) =>
      broken && cursor === "100" ? Promise.reject(new Error("gone")) : good(cursor, limit, signal));
    list.need(300);
    await settled(list);
    expect(list.get().items).toHaveLength(100);
    expect(String(list.get().error)).toContain("gone");
    broken = false;
    list.reload();
    await settled(list);
    expect(list.get()).toMatchObject({ error: undefined });
    expect(list.get().items).toHaveLength(300);
  });

  it("stop ends fetching without an error, and need takes it up again", async () => {
    const list = new PagedList(source(() => 1000));
    list.need(900);
    list.stop();
    expect(list.get()).toMatchObject({ loading: false, error: undefined });
    list.need(200);
    await settled(list);
    expect(list.get().items).toHaveLength(200);
  });
});
