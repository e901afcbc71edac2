import { expect, test } from "vitest";
import type { Tag } from "@/api/types";
import { allBelow, childrenOf, matchingLines, tagQuery, treeLines } from "./tag-tree";

const tag = (id: string, parents: string[] = [], more: Partial<Tag> = {}): Tag => ({ id, name: id, type: "standard", files: 0, parents, ...more });
const all = [tag("a"), tag("b", ["a"]), tag("c", ["a", "b"]), tag("d", ["gone"])];
const drawn = (lines: ReturnType<typeof treeLines>) => lines.map(({ tag: { id }, depth }) => "-".repeat(depth) + id).join(" ");

test("a tag stands below each of its parents, and only where those are open", () => {
  expect(drawn(treeLines(all, new Set()))).toBe("a d");
  expect(drawn(treeLines(all, new Set(["a"])))).toBe("a -b -c d");
  expect(drawn(treeLines(all, new Set(["a", "b"])))).toBe("a -b --c -c d");
});

test("a circle ends where it closes", () => {
  const lines = treeLines([tag("top"), tag("x", ["top", "y"]), tag("y", ["x"])], new Set(["top", "x", "y"]));
  expect(drawn(lines)).toBe("top -x --y ---x");
});

test("letters find tags by name, alias and namespace, whatever their accents", () => {
  const some = [tag("Büro", [], { aliases: ["job"] }), tag("x", [], { namespace: "city" })];
  expect(matchingLines(some, "buro").map(({ key }) => key)).toEqual(["Büro"]);
  expect(matchingLines(some, "JO")).toHaveLength(1);
  expect(matchingLines(some, "cit")).toHaveLength(1);
});

test("everything below a tag is known", () => expect([...allBelow("a", childrenOf(all))]).toEqual(["b", "c"]));

test("a tag is asked for by its name, in quotes where that needs some, and by its id where others have the name", () => {
  expect(tagQuery(tag("work"), all)).toBe("tag:work");
  expect(tagQuery({ id: "1", name: "two words" }, [])).toBe('tag:"two words"');
  expect(tagQuery({ id: "1", name: "Phoenix", namespace: "city" }, [{ id: "2", name: "phoenix", namespace: "bird" }])).toBe("tag:city/Phoenix");
  expect(tagQuery({ id: "1", name: "Phoenix" }, [{ id: "2", name: "phoenix", namespace: "bird" }])).toBe("tag:1");
});
