#!/usr/bin/env node
// Takes pictures of the main pages over a real daemon, to be looked at:
//   node test/e2e/shots.mjs OUT_DIR
// STARDRIVE_BIN and CHROMIUM as for run.mjs.
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "./checks.mjs";
import { startDaemon } from "./daemon.mjs";
import { row } from "./page.mjs";
import { makeTree } from "./tree.mjs";

const { chromium } = createRequire(fileURLToPath(new URL("../../web/package.json", import.meta.url)))("playwright-core");
const out = process.argv[2] ?? "docs/img";
mkdirSync(out, { recursive: true });
const tree = makeTree(true);
const at = (path, view) => `/browse?path=${encodeURIComponent(join(tree.root, path))}${view === undefined ? "" : `&view=${view}`}`;
const drawn = (page, count) => until("the pictures", () => page.evaluate((n) => [...document.querySelectorAll("[data-entry-list] img")].filter((e) => e.naturalWidth > 0).length >= n, count), 60_000);

/** What is shown: where it is, and what is done there. */
const scenes = {
  overview: ["/", (page) => page.getByRole("heading", { name: "Overview" }).waitFor()],
  folder: [at("Documents"), (page) => row(page, "plan.md").click()],
  pictures: [at("Photos", "grid"), (page) => drawn(page, page.viewportSize().width > 700 ? 6 : 2)],
  space: [at("", "sizes"), (page) => page.getByText("Photos").last().waitFor()],
  search: ["/search?q=harbour", (page) => page.getByText("Harbour at dusk.png").first().waitFor()],
};

let daemon;
let browser;
try {
  daemon = await startDaemon({ binary: process.env.STARDRIVE_BIN, data: tree.data, index: tree.root });
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-quic"] });
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "en-GB" });
  const page = await context.newPage();
  await page.goto(daemon.link);
  await page.getByRole("img", { name: "Up to date" }).first().waitFor({ timeout: 60_000 });
  for (const [name, [address, act]] of Object.entries(scenes)) {
    for (const [size, viewport] of Object.entries({ wide: { width: 1280, height: 800 }, narrow: { width: 360, height: 720 } })) {
      await page.setViewportSize(viewport);
      await page.goto(daemon.origin + address);
      await act(page);
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        await page.waitForTimeout(400); // until nothing fades any more
        await page.screenshot({ path: join(out, `${name}-${size}-${colorScheme}.jpg`), type: "jpeg", quality: 70 });
      }
    }
    console.log(`${name}: taken`);
  }
} finally {
  await browser?.close();
  await daemon?.kill();
  tree.remove();
}
