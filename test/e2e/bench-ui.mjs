#!/usr/bin/env node
// Measures what a person feels: the first paint, a large folder, scrolling.
//
//   node test/e2e/bench-ui.mjs
//
// STARDRIVE_BIN, CHROMIUM   as for run.mjs
// UI_ROWS                   entries of the large folder (default 100000)
// UI_SECONDS                how long it is scrolled (default 60)
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startDaemon } from "./daemon.mjs";

const web = fileURLToPath(new URL("../../web/package.json", import.meta.url));
const { chromium } = createRequire(web)("playwright-core");
const rows = Number(process.env.UI_ROWS || 100_000);
const seconds = Number(process.env.UI_SECONDS || 60);
const top = mkdtempSync(join(tmpdir(), "stardrive-ui-"));
const root = join(top, "Home");
const figures = [];
const tell = (what, value) => {
  figures.push(value);
  console.log(`${what.padEnd(58)} ${value}`);
};
const ms = (value) => `${Math.round(value)} ms`;
const mb = (value) => `${(value / 1e6).toFixed(1)} MB`;
const part = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

function makeTree() {
  const large = join(root, "Large");
  mkdirSync(large, { recursive: true });
  for (let i = 0; i < rows; i++) writeFileSync(join(large, `record ${String(i).padStart(7, "0")}.txt`), "");
}

/** Runs in the page: counts long tasks and frames while it scrolls by steps of its own height. */
function scroll(duration) {
  return new Promise((done) => {
    const list = document.querySelector("[data-entry-list]");
    const long = [];
    const observer = new PerformanceObserver((entries) => long.push(...entries.getEntries().map((entry) => entry.duration)));
    observer.observe({ entryTypes: ["longtask"] });
    const frames = [];
    const end = performance.now() + duration;
    let last = performance.now();
    let by = list.clientHeight / 4;
    const step = (now) => {
      frames.push(now - last);
      last = now;
      if (list.scrollTop + list.clientHeight >= list.scrollHeight - 1) by = -Math.abs(by);
      if (list.scrollTop <= 0) by = Math.abs(by);
      list.scrollTop += by;
      if (now < end) requestAnimationFrame(step);
      else {
        observer.disconnect();
        done({ frames: frames.slice(1), long });
      }
    };
    requestAnimationFrame(step);
  });
}

let daemon;
let browser;
try {
  makeTree();
  daemon = await startDaemon({ binary: process.env.STARDRIVE_BIN, data: join(top, "data"), index: root });
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox", "--disable-quic", "--enable-precise-memory-info"] });
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send("Performance.enable");
  const heap = async () => {
    await devtools.send("HeapProfiler.collectGarbage");
    const { metrics } = await devtools.send("Performance.getMetrics");
    const of = (name) => metrics.find((one) => one.name === name)?.value ?? 0;
    return { heap: of("JSHeapUsedSize"), nodes: of("Nodes") };
  };
  await page.goto(daemon.link);
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  await page.getByRole("img", { name: "Up to date" }).first().waitFor({ timeout: 600_000 });
  const paints = [];
  for (let i = 0; i < 5; i++) {
    await page.goto(daemon.origin);
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    paints.push(await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0));
  }
  tell("first contentful paint, median of 5", ms(part(paints.sort((a, b) => a - b), 0.5)));
  const opens = [];
  for (let i = 0; i < 5; i++) {
    await page.goto(`${daemon.origin}/browse?path=${encodeURIComponent(join(root, "Large"))}`, { waitUntil: "commit" });
    opens.push(await page.evaluate(() => new Promise((done) => {
      const look = () => (document.querySelector("[data-entry-list] [data-index] bdi") ? requestAnimationFrame(() => done(performance.now())) : requestAnimationFrame(look));
      look();
    })));
  }
  tell(`a folder of ${rows.toLocaleString("en")} entries: first row drawn, median of 5`, ms(part(opens.sort((a, b) => a - b), 0.5)));
  const before = await heap();
  const { frames, long } = await page.evaluate(scroll, seconds * 1000);
  const after = await heap();
  frames.sort((a, b) => a - b);
  tell(`scrolled for ${seconds} s: frames a second`, (frames.length / seconds).toFixed(1));
  tell("a frame, median / 95 % / 99 %", [0.5, 0.95, 0.99].map((share) => ms(part(frames, share))).join(" / "));
  tell("long tasks (over 50 ms) while it scrolled", `${long.length}, ${ms(long.reduce((sum, one) => sum + one, 0))} in all`);
  tell("memory of scripts before and after", `${mb(before.heap)} / ${mb(after.heap)}`);
  tell("nodes of the page before and after", `${before.nodes} / ${after.nodes}`);
} finally {
  await browser?.close();
  await daemon?.kill();
  rmSync(top, { recursive: true, force: true });
}
