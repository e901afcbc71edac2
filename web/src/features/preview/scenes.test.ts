import { expect, test } from "vitest";
import { scenesIn } from "./scenes";

test.each([
  [{ width: 2560, height: 144 }, { width: 1920, height: 1080 }, 10],
  [{ width: 1440, height: 256 }, { width: 1080, height: 1920 }, 10],
  [{ width: 256, height: 144 }, undefined, 1],
  [{ width: 0, height: 0 }, { width: 1920, height: 1080 }, 1],
  [{ width: 10, height: 1000 }, { width: 0, height: 0 }, 1],
])("scenes of %j in the shape of %j", (strip, film, scenes) => expect(scenesIn(strip, film)).toBe(scenes));
