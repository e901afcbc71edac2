import { expect, test } from "vitest";
import { choiceChanges, choicesOf, fieldFilters, fieldQuery, safeAddress, shownValue, withFilter, withoutFilter } from "./values";

test("values are shown as people read them", () => {
  expect(shownValue({ type: "bool" }, "true")).toBe("Yes");
  expect(shownValue({ type: "number" }, "1234.5", "en-GB")).toBe("1,234.5");
  expect(shownValue({ type: "date" }, "2024-03-01", "en-GB")).toBe("1 Mar 2024");
  expect(shownValue({ type: "text" }, "a\u202Eb")).toContain("U+202E");
});

test("only plain addresses are followed", () => {
  expect(safeAddress("https://example.org/x")).toBe("https://example.org/x");
  expect(safeAddress("javascript:alert(1)")).toBeUndefined();
  expect(safeAddress("file:///etc/passwd")).toBeUndefined();
});

test("a query names a field and its value, in quotes where that needs some", () => {
  expect(fieldQuery("state", "draft")).toBe("field.state:draft");
  expect(fieldQuery("office.state", "to be sent", true)).toBe('-field.office.state:"to be sent"');
  expect(fieldQuery("pages", ">=10")).toBe("field.pages:>=10");
  expect(fieldQuery("state", 'a "b"')).toBe("");
});

test("conditions are found in a query, and not inside a phrase", () => {
  const query = 'report field.state:draft -field.who:"Mia B" "no field.x:y here" kind:image';
  expect(fieldFilters(query).map(({ key, value, not }) => [key, value, not])).toEqual([["state", "draft", false], ["who", "Mia B", true]]);
  expect(fieldFilters("afield.x:y")).toEqual([]);
});

test("a condition is taken out, and another one takes its place", () => {
  const query = "report field.state:draft kind:image";
  const [state] = fieldFilters(query);
  expect(state && withoutFilter(query, state)).toBe("report kind:image");
  expect(withFilter(query, "State", "field.state:final")).toBe("report kind:image field.state:final");
  expect(withFilter("", "state", "field.state:*")).toBe("field.state:*");
});

test("choices are told by what came and what went", () => {
  expect(choicesOf(" draft \n\nfinal\ndraft")).toEqual(["draft", "final"]);
  expect(choiceChanges(["draft", "old"], ["draft", "final"])).toEqual({ add_choices: ["final"], remove_choices: ["old"] });
  expect(choiceChanges(["a"], ["a"])).toEqual({});
});
