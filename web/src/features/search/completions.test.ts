import { expect, test } from "vitest";
import { completed } from "./completions";

const put = (query: string, text: string, at: number, length: number) => completed(query, { text, at, length, kind: "value" });

test("a completion takes the place of what was typed of it", () => {
  expect(put("boat ki", "kind:", 5, 2)).toBe("boat kind:");
  expect(put("boat kind:im", "kind:image", 5, 7)).toBe("boat kind:image ");
  expect(put("ki boat", "kind:", 0, 2)).toBe("kind: boat");
});

test("places are counted in characters", () => expect(put("👩 ki", "kind:", 2, 2)).toBe("👩 kind:"));
