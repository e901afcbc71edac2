import { describe, expect, it } from "vitest";
import { asApiError, fromProblem, sentence } from "./errors";

describe("fromProblem", () => {
  it("reads kind, detail, remedy and path", () => {
    const e = fromProblem(503, { kind: "unavailable", title: "Unavailable", detail: "volume is offline", remedy: "Plug it in.", path: "/mnt/x" });
    expect([e.kind, e.message, e.remedy, e.path]).toEqual(["unavailable", "Volume is offline.", "Plug it in.", "/mnt/x"]);
  });
  it("takes 401 for the end of the session whatever the body says", () => {
    expect(fromProblem(401, { kind: "denied", detail: "no" }).kind).toBe("signed_out");
  });
  it("falls back to the status for foreign bodies", () => {
    expect(fromProblem(404, undefined).kind).toBe("not_found");
    expect(fromProblem(418, "tea").kind).toBe("internal");
    expect(fromProblem(500, { kind: "made_up" }).message).toContain("500");
  });
});

it("asApiError keeps an ApiError and wraps the rest", () => {
  const e = fromProblem(404, {});
  expect(asApiError(e)).toBe(e);
  expect(asApiError(new Error("boom")).message).toBe("boom");
});

it.each([
  ["no such folder", "No such folder."],
  ["Run `stardrive open` to log in.", "Run “stardrive open” to log in."],
  ["", ""],
])("sentence(%j) is %j", (words, want) => expect(sentence(words)).toBe(want));
