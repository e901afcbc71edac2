import { describe, expect, it } from "vitest";
import { standardView, viewKey, viewOf, withView } from "./folder-view";

const none = { all: {}, folders: [] };

describe("folder views", () => {
  it("are the standard one until somebody chooses", () => expect(viewOf(none, "a")).toEqual(standardView));
  it("belong to their folder", () => {
    const views = withView(none, "a", { mode: "grid" });
    expect(viewOf(views, "a").mode).toBe("grid");
    expect(viewOf(views, "b").mode).toBe("list");
  });
  it("go with what was chosen for all", () => expect(viewOf({ all: { tile: 200 }, folders: [["a", { mode: "grid" }]] }, "a")).toMatchObject({ tile: 200, mode: "grid" }));
  it("group in the order of the group", () => {
    const views = withView(none, "a", { group: "modified" });
    expect(viewOf(views, "a")).toMatchObject({ sort: "modified", descending: true, group: "modified" });
    expect(viewOf(withView(views, "a", { sort: "modified", descending: false }), "a").group).toBe("modified");
    expect(viewOf(withView(views, "a", { sort: "name" }), "a").group).toBe("none");
  });
  it("are forgotten, the oldest first", () => {
    let views: Parameters<typeof withView>[0] = none;
    for (let i = 0; i < 400; i++) views = withView(views, `f${i}`, { mode: "grid" });
    expect(views.folders).toHaveLength(300);
    expect(viewOf(views, "f399").mode).toBe("grid");
    expect(viewOf(views, "f0").mode).toBe("list");
  });
  it("are named by id, else by path", () => expect([viewKey({ id: "x", path: "/y" }), viewKey({ path: "/y" })]).toEqual(["x", "/y"]));
});
