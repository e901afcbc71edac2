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
  tags: ["/tags", async (page) => {
    await page.getByRole("treeitem", { name: /^Sea/ }).click();
    await page.keyboard.press("ArrowRight");
  }],
  rules: ["/rules", (page) => page.getByText("on 2 files").waitFor()],
  fields: ["/fields", (page) => page.getByText("field.state").waitFor()],
};

/** What somebody has added to these files. */
async function organised(page) {
  const op = async (name, input) => {
    const said = await page.evaluate(async ([path, body]) => (await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body })).text(), [`/v1/op/${name}`, JSON.stringify(input)]);
    if (said.includes('"kind":"invalid"')) throw new Error(`${name}: ${said}`);
  };
  const file = (path) => join(tree.root, path);
  for (const tag of [{ name: "Sea", colour: "#3b82f6" }, { name: "Harbours", parents: ["Sea"], icon: "flag" }, { name: "Islands", parents: ["Sea"], colour: "#30a46c" }, { name: "Council", colour: "#e5484d", aliases: ["town hall"] }, { name: "Money", icon: "briefcase", type: "private" }]) await op("tag.create", tag);
  await op("tag.apply", { tag: "Islands", paths: [file("Photos/Skye ridge.png"), file("Photos/Trip to the islands.md")] });
  await op("rule.create", { name: "Harbours", query: "harbour kind:image", tag: "Harbours", description: "Pictures of harbours, wherever they are" });
  await op("rule.create", { name: "Letters to the council", query: "letter council", tag: "Council", confidence: 0.75, paused: true });
  await op("field.create", { name: "state", label: "State", type: "choice", choices: ["draft", "sent", "answered"], description: "How far a letter is" });
  await op("field.create", { name: "due", label: "Due", type: "date" });
  await op("field.set", { field: "state", value: "sent", paths: [file("Documents/Letter to the council.txt")] });
  for (const path of ["Documents", "Photos/2024"]) await op("space.item_add", { space: "default", kind: "folder", ref: file(path) });
  await op("space.item_add", { space: "default", kind: "tag", ref: "Islands" });
}

let daemon;
let browser;
try {
  daemon = await startDaemon({ binary: process.env.STARDRIVE_BIN, data: tree.data, index: tree.root });
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-quic"] });
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "en-GB" });
  const page = await context.newPage();
  await page.goto(daemon.link);
  await page.getByRole("img", { name: "Up to date" }).first().waitFor({ timeout: 60_000 });
  await organised(page);
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
