import { expect, test } from "vitest";
import { coordinates, factGroups, playTime, sidecarWords } from "./fact-words";

test("a photo tells of its camera, and of where it was taken in degrees", () => {
  const [photo, ...others] = factGroups({ width: 4000, height: 3000, taken: "2024-05-04T10:00:00Z", camera: "Fuji X100V", exposure: "1/250", aperture: 5.6, iso: 200, focal: 23, latitude: 57.2736, longitude: -6.2155, keywords: ["sea", "rock"] });
  expect(others).toEqual([]);
  expect(photo?.title).toBe("Photo");
  const values = Object.fromEntries(photo?.facts.map(({ label, value }) => [label, value]) ?? []);
  expect(values["Dimensions"]).toMatch(/× .*pixels \(12 MP\)/);
  expect(values["Exposure"]).toBe("1/250 s, f/5.6, ISO 200, 23 mm");
  expect(values["Place"]).toBe("57.27360° N, 6.21550° W");
  expect(values["Keywords"]).toBe("sea, rock");
  expect(photo?.facts.find(({ label }) => label === "Place")?.copy).toBe(true);
});

test("a song and a document have their titles where they belong", () => {
  expect(factGroups({ duration: 200, title: "Shanty", artist: "Crew", channels: 2, sample_rate: 44100, audio_codec: "mp3" })).toEqual([
    { title: "Sound and film", facts: [{ label: "Duration", value: "3:20" }, { label: "Title", value: "Shanty" }, { label: "Artist", value: "Crew" }, { label: "Sound", value: "mp3, stereo, 44.1 kHz" }] },
  ]);
  const [document] = factGroups({ title: "Plan", author: "J.", pages: 3, language: "de" });
  expect(document).toEqual({ title: "Document", facts: [{ label: "Title", value: "Plan" }, { label: "Author", value: "J." }, { label: "Pages", value: "3" }, { label: "Language", value: "German" }] });
});

test("nothing known is nothing shown", () => expect(factGroups({})).toEqual([]));

test("the equator is north, and so is its altitude worth nothing", () => {
  expect(coordinates(0, 0)).toBe("0.00000° N, 0.00000° E");
  expect(coordinates(-33.9, 18.4)).toBe("33.90000° S, 18.40000° E");
});

test.each([[0.4, "0:00"], [65, "1:05"], [3725, "1:02:05"]])("%d seconds play for %s", (seconds, words) => expect(playTime(seconds)).toBe(words));

test("a language that is no code is its own name", () => {
  expect(factGroups({ language: "Go", lines: 12 })[0]?.facts[1]).toEqual({ label: "Language", value: "Go" });
});

test("kinds that are new are shown by their own names", () => {
  expect(sidecarWords({ kind: "thumb256", status: "failed" })).toEqual({ what: "Small picture", how: "Failed" });
  expect(sidecarWords({ kind: "hologram", status: "odd" })).toEqual({ what: "hologram", how: "odd" });
});
