import { describe, expect, it, test } from "vitest";
import { activeOf, besides, closed, hereOf, oneTab, opened, renamed, restored, shown, wentOn } from "./tab-moves";

const here = (state: ReturnType<typeof oneTab>) => hereOf(activeOf(state) ?? { id: 0, title: "", way: [], at: 0 });

describe("a tab's way", () => {
  const two = wentOn(wentOn(oneTab("/a"), "/b"), "/c");
  it("grows", () => expect(activeOf(two)).toMatchObject({ way: ["/a", "/b", "/c"], at: 2 }));
  it("is left behind at a turning", () => expect(activeOf(wentOn(shown(two, 1, 0), "/d"))).toMatchObject({ way: ["/a", "/d"], at: 1 }));
  it("keeps its length when a place is called otherwise", () => expect(activeOf(renamed(two, "/c?x"))?.way).toEqual(["/a", "/b", "/c?x"]));
  it("is not endless", () => {
    let state = oneTab("/0");
    for (let i = 1; i < 300; i++) state = wentOn(state, `/${i}`);
    expect(activeOf(state)?.way).toHaveLength(100);
    expect(here(state)).toBe("/299");
  });
});

describe("tabs", () => {
  const three = opened(opened(oneTab("/a"), "/b", "B", true), "/c", "C", false);
  it("open beside the active one", () => {
    expect(three.tabs.map(({ id }) => id)).toEqual([1, 2, 3]);
    expect(here(three)).toBe("/b");
  });
  it("have ways of their own", () => {
    const on = shown(wentOn(three, "/b2"), 1);
    expect(here(on)).toBe("/a");
    expect(here(shown(on, 2))).toBe("/b2");
  });
  it("go round", () => expect([besides(three, 1), besides(three, -1), besides(shown(three, 3), 1)]).toEqual([3, 1, 1]));
  it("give way to the one beside", () => {
    expect(here(closed(three, 2))).toBe("/c");
    expect(here(closed(shown(three, 3), 3))).toBe("/b");
    expect(closed(three, 1).active).toBe(2);
  });
  it("never all go", () => expect(closed(oneTab("/a"), 1).tabs).toHaveLength(1));
});

test("what was kept comes back, and what is broken does not", () => {
  const kept: unknown = JSON.parse(JSON.stringify(opened(oneTab("/a"), "/b", "B", true)));
  expect(here(restored(kept, "/b"))).toBe("/b");
  expect(activeOf(restored(kept, "/z"))?.way).toEqual(["/b", "/z"]);
  for (const bad of [null, {}, { tabs: [] }, { tabs: [{ id: 1 }], active: 1 }, { tabs: [{ id: 1, title: "", way: ["javascript:1"], at: 0 }], active: 1 }]) expect(restored(bad, "/x")).toEqual(oneTab("/x"));
});
