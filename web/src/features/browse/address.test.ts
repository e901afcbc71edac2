import { describe, expect, it } from "vitest";
import { sampleEntry as folder } from "@/api/samples";
import { crumbs, isMeant, keyOf, parentOf, pathCrumbs } from "./address";

const paths = (path: string) => pathCrumbs(path).map((c) => c.address.path);

describe("pathCrumbs", () => {
  it.each([
    ["/home/jamie/Photos", ["/", "/home", "/home/jamie", "/home/jamie/Photos"]],
    ["/", ["/"]],
    ["C:\\Users\\Jamie", ["C:\\", "C:\\Users", "C:\\Users\\Jamie"]],
    ["sd://laptop/home", ["sd://laptop/", "sd://laptop/home"]],
    ["", []],
  ])("%s", (path, want) => expect(paths(path)).toEqual(want));
});

describe("crumbs", () => {
  it("joins the indexed parents to the live part of the path", () => {
    const f = folder({ id: "3", name: "2024", os_path: "/home/jamie/Photos/2024", parents: [{ id: "2", name: "Photos", path: "sd://local/home/jamie/Photos" }] });
    expect(crumbs(f).map(({ name, address }) => ({ name, address }))).toEqual([
      { name: "/", address: { path: "/" } },
      { name: "home", address: { path: "/home" } },
      { name: "jamie", address: { path: "/home/jamie" } },
      { name: "Photos", address: { id: "2" } },
      { name: "2024", address: { id: "3" } },
    ]);
    expect(parentOf(f)).toEqual({ id: "2" });
  });
  it("goes by path where a parent is not in the index", () => {
    const parents = [{ id: "", name: "System", path: "sd://local/" }, { id: "", name: "usr", path: "sd://local/usr" }];
    const f = folder({ path: "sd://local/usr/share", os_path: "/usr/share", name: "share", parents });
    expect(crumbs(f).map((c) => c.address.path)).toEqual(["sd://local/", "sd://local/usr", "sd://local/usr/share"]);
  });
  it("goes by path where nothing is indexed", () => {
    expect(parentOf(folder({ path: "sd://local/usr/share", os_path: "/usr/share", name: "share" }))).toEqual({ path: "/usr" });
  });
  it("has no parent at the top", () => {
    expect(parentOf(folder({ path: "sd://local/", os_path: "/", name: "/" }))).toBeUndefined();
  });
});

it("keyOf falls back to the path", () => {
  expect(keyOf({ id: "7", path: "p" })).toBe("7");
  expect(keyOf({ id: "", path: "p" })).toBe("p");
});

it("isMeant takes ids and both kinds of path, never an empty id", () => {
  const entry = { id: "", path: "sd://local/a", os_path: "/a" };
  expect([isMeant(entry, "sd://local/a"), isMeant(entry, "/a"), isMeant(entry, ""), isMeant({ ...entry, id: "7" }, "7")]).toEqual([true, true, false, true]);
});
