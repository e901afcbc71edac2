import { expect, test } from "vitest";
import { edited } from "./tag-form";

const form = { name: "work", namespace: "", type: "standard" as const, colour: "", icon: "", description: "", aliases: "" };

test("only what is otherwise is asked for", () => {
  const tag = { id: "1", name: "work", type: "standard" as const, files: 0, colour: "#3b82f6", aliases: ["job", "office"] };
  expect(edited(tag, { ...form, colour: "#3b82f6", aliases: "job, office" })).toEqual({ aliases: {} });
  expect(edited(tag, { ...form, name: " office work ", icon: "star", aliases: "job,  desk ,desk" })).toEqual({
    name: "office work", icon: "star", clear: ["colour"], aliases: { add_aliases: ["desk"], remove_aliases: ["office"] },
  });
});

test("of a new tag what was filled in is asked for", () =>
  expect(edited(undefined, { ...form, type: "private", description: " what it means " })).toEqual({ name: "work", type: "private", description: "what it means", aliases: {} }));
