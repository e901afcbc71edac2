import { expect, test } from "vitest";
import { sampleEntry } from "@/api/samples";
import { continuing, splitTyped } from "./path-completion";

test("a path is cut at its last separator", () => {
  expect(splitTyped("/home/ja")).toEqual({ folder: "/home/", begin: "ja" });
  expect(splitTyped("~/")).toEqual({ folder: "~/", begin: "" });
  expect(splitTyped("C:\\Us")).toEqual({ folder: "C:\\", begin: "Us" });
  expect(splitTyped("sd://local/x")).toEqual({ folder: "sd://local/", begin: "x" });
  expect(splitTyped("photos/x")).toBeUndefined();
  expect(splitTyped("~")).toBeUndefined();
});

test("folders that begin so, whatever the case", () => {
  const folder = (name: string) => sampleEntry({ name, kind: "folder", path: `sd://local/home/${name}`, os_path: `/home/${name}` });
  const all = [folder("Photos"), folder("Music"), sampleEntry({ name: "phone.txt", kind: "file" }), { ...folder("ph?"), raw: "cGj/" }];
  expect(continuing(all, "/home/ph")).toEqual([{ name: "Photos", path: "/home/Photos" }]);
  expect(continuing(all, "sd://local/home/PH")).toEqual([{ name: "Photos", path: "sd://local/home/Photos" }]);
});
