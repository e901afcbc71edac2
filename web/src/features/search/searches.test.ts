import { describe, expect, it } from "vitest";
import type { SearchHit } from "@/api/types";
import { nextPage } from "./searches";

const hits = (n: number) => Array.from({ length: n }, () => ({}) as SearchHit);

describe("pages of a search", () => {
  it("follow each other by the cursor of the answer", () => {
    expect(nextPage("", { items: hits(200), total: 900, next: "c1" })).toBe("c1");
    expect(nextPage("c1", { items: hits(200), total: 900, next: "c2" })).toBe("c2");
  });
  it("end where the answer has no cursor, however many it counts", () => {
    expect(nextPage("c2", { items: hits(10), total: 900 })).toBe("");
  });
  it("go on by number in a folder that is not indexed", () => {
    const second = nextPage("", { items: hits(200), total: 450, live: true });
    const third = nextPage(second, { items: hits(200), total: 450, live: true });
    expect([second, third]).toEqual(["at 200", "at 400"]);
    expect(nextPage(third, { items: hits(50), total: 450, live: true })).toBe("");
    expect(nextPage(second, { items: [], total: 450, live: true })).toBe("");
  });
});
