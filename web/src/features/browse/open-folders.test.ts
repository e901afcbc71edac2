import { afterEach, describe, expect, it, vi } from "vitest";
import { ops } from "@/gen/client";
import { foldersChanged, listFor } from "./open-folders";

vi.mock("@/gen/client", () => ({ ops: { entryList: vi.fn() } }));

const answer = (id: string, names: string[]) =>
  ({ folder: { id, path: "/home/desk" }, live: false, items: names.map((name) => ({ name })), next: "", total: names.length }) as never;

describe("foldersChanged", () => {
  afterEach(() => vi.mocked(ops.entryList).mockReset());

  it("reads a folder anew whose first answer is older than the event that came before it", async () => {
    let arrive: (out: never) => void = () => undefined;
    vi.mocked(ops.entryList)
      .mockReturnValueOnce(new Promise((resolve) => (arrive = resolve)))
      .mockResolvedValueOnce(answer("7", ["keep.txt"]));
    const { pages } = listFor({ path: "/home/desk" }, { sort: "name", descending: false, hidden: false });
    const end = pages.subscribe(() => undefined);
    pages.need(1);
    foldersChanged(new Set(["7"]));
    arrive(answer("7", []));
    await vi.waitFor(() => expect(pages.get().items).toHaveLength(1));
    end();
  });

  it("leaves alone what other folders hold", async () => {
    vi.mocked(ops.entryList).mockResolvedValue(answer("8", ["a"]));
    const { pages } = listFor({ path: "/home/other" }, { sort: "name", descending: false, hidden: false });
    const end = pages.subscribe(() => undefined);
    pages.need(1);
    await vi.waitFor(() => expect(pages.get().loading).toBe(false));
    foldersChanged(new Set(["7"]));
    expect(ops.entryList).toHaveBeenCalledTimes(1);
    end();
  });
});
