import { expect, test } from "vitest";
import { fromParams, fromSaved, sameSearch, searchFor, toParams } from "./address";

test("a search survives the way through the URL", () => {
  for (const ask of [searchFor("harbour"), { q: "kind:video size:>1gb", in: "sd://local/films", exact: true, sort: "size" as const, descending: true }]) {
    expect(fromParams(toParams(ask))).toEqual(ask);
  }
});

test("an order that does not exist is the usual one", () => {
  expect(fromParams({ q: "x", sort: "beauty" }).sort).toBe("relevance");
  expect(fromParams({ q: "x", sort: "toString" }).sort).toBe("relevance");
});

test("a saved search is recognised when it is open", () => {
  const saved = { id: "1", name: "films", query: "kind:video", sort: "size" as const, descending: true, created: "" };
  expect(sameSearch(fromSaved(saved), { ...searchFor("kind:video "), sort: "size", descending: true })).toBe(true);
  expect(sameSearch(fromSaved(saved), searchFor("kind:video"))).toBe(false);
});
