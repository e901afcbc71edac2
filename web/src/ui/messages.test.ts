import { afterEach, expect, test } from "vitest";
import { catalogue, pseudo, speak } from "./messages";

const words = catalogue("sample", { hello: "Hello", files: (n: number) => `${n} files` });

afterEach(() => speak("en"));

test("English stands in the catalogue itself", async () => {
  await speak("en");
  expect([words.hello, words.files(3)]).toEqual(["Hello", "3 files"]);
});

test("another language takes its place, in functions too", async () => {
  await speak("en-XA");
  expect([words.hello, words.files(3)]).toEqual([pseudo("Hello"), pseudo("3 files")]);
  expect(words.hello).not.toBe("Hello");
});

test("a language that there is not is English", async () => {
  await speak("tlh");
  expect(words.hello).toBe("Hello");
});
