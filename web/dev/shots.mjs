#!/usr/bin/env node
// Takes pictures of the interface over the fake daemon, to be looked at:
//   node dev/shots.mjs [OUT_DIR] [ONLY]
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const out = process.argv[2] ?? "shots";
const only = process.argv[3] ?? "";
mkdirSync(out, { recursive: true });

const daemon = spawn(process.execPath, [fileURLToPath(new URL("fake-daemon.mjs", import.meta.url)), "serve", "--listen", "127.0.0.1:0", "--busy"], { stdio: ["ignore", "pipe", "inherit"] });
const url = await new Promise((done) => {
  let text = "";
  daemon.stdout.on("data", (part) => {
    text += part;
    const found = /http:\S+#login=\S+/.exec(text);
    if (found) done(found[0]);
  });
});
const base = new URL(url).origin;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

const grid = "[data-entry-list]";
const open = async (page, path) => {
  await page.goto(`${base}/browse?path=${encodeURIComponent(path)}`);
  await page.waitForSelector(`${grid} [aria-busy=false]`);
};

const scenes = {
  login: async (page) => page.context().clearCookies().then(() => page.goto(base)),
  home: (page) => page.goto(base).then(() => page.waitForSelector("text=Overview")),
  folder: async (page) => {
    await open(page, "/home/jamie/Pictures");
    await page.getByText("harbour, morning.jpg").click();
    await page.waitForTimeout(500);
  },
  tiles: async (page) => {
    await open(page, "/home/jamie/Pictures");
    await page.keyboard.press("Alt+g");
    await page.waitForSelector(`${grid} [role=gridcell] img`);
    await page.getByText("harbour, morning.jpg").click();
    await page.waitForTimeout(900);
  },
  facts: async (page) => {
    await open(page, "/home/jamie/Pictures");
    await page.getByText("harbour, morning.jpg").click();
    if (await page.getByRole("button", { name: "Details", exact: true, pressed: false }).isVisible()) await page.getByRole("button", { name: "Details", exact: true }).click();
    await page.waitForTimeout(500);
    await page.locator("aside .overflow-y-auto").evaluate((e) => e.scrollTo(0, 560));
  },
  film: async (page) => {
    await open(page, "/home/jamie/Pictures/2024/Skye 2024");
    await page.getByText("clip.mp4").click();
    if (await page.getByRole("button", { name: "Details", exact: true, pressed: false }).isVisible()) await page.getByRole("button", { name: "Details", exact: true }).click();
    await page.waitForTimeout(500);
    const box = await page.locator("aside [data-still]").boundingBox();
    await page.mouse.move(box.x + box.width * 0.3, box.y + box.height / 2);
    await page.waitForTimeout(500);
    await page.mouse.move(box.x + box.width * 0.7, box.y + box.height / 2);
  },
  heic: async (page) => {
    await open(page, "/home/jamie/Pictures/2024/Skye 2024");
    await page.locator(grid).press("End");
    await page.getByText(".heic").first().dblclick();
    await page.waitForTimeout(800);
  },
  documents: async (page) => {
    await open(page, "/home/jamie/Documents");
    await page.locator(grid).press("End");
  },
  odd: (page) => open(page, "/home/jamie/Documents/Odd names"),
  huge: async (page) => {
    await open(page, "/home/jamie/Projects/Hundred thousand");
    await page.locator(grid).press("End");
    await page.waitForTimeout(3000);
  },
  live: (page) => open(page, "/"),
  search: async (page) => {
    await open(page, "/home/jamie/Pictures");
    await page.fill("[data-search]", "harbour");
    await page.waitForSelector("[role=option]");
  },
  results: async (page) => {
    await page.goto(`${base}/search?q=harbour`);
    await page.waitForSelector(`${grid} [aria-selected]`);
    await page.locator(grid).press("Home");
  },
  hints: async (page) => {
    await page.goto(`${base}/search?q=taggged:x+note`);
    await page.waitForSelector(`${grid} [aria-selected]`);
  },
  save: async (page) => {
    await page.goto(`${base}/search?q=harbour`);
    await page.waitForSelector(`${grid} [aria-selected]`);
    await page.keyboard.press("Control+s");
  },
  quick: async (page) => {
    await open(page, "/home/jamie/Pictures");
    await page.getByText("harbour, morning.jpg").dblclick();
    await page.waitForSelector("dialog img");
    await page.waitForTimeout(300);
  },
  text: async (page) => {
    await open(page, "/home/jamie/Documents");
    await page.getByText("notes.txt").dblclick();
    await page.waitForSelector("dialog iframe");
    await page.waitForTimeout(500);
  },
  jobs: async (page) => {
    await open(page, "/home/jamie/Documents");
    await page.locator("[aria-controls=jobs]").click();
  },
  add: async (page) => {
    await open(page, "/home/jamie");
    await page.locator("footer").getByText("Not indexed").click();
  },
  menu: async (page) => {
    await open(page, "/home/jamie/Pictures");
    await page.getByText("panorama.webp").click({ button: "right" });
    await page.waitForSelector("[role=menu]");
  },
  shortcuts: async (page) => {
    await open(page, "/home/jamie/Pictures");
    await page.keyboard.press("?");
  },
  error: (page) => page.goto(`${base}/browse?path=/nowhere/at/all`).then(() => page.waitForSelector("[role=alert]")),
  drawer: async (page) => {
    await open(page, "/home/jamie/Pictures");
    if (await page.getByLabel("Show the sidebar").isVisible()) await page.getByLabel("Show the sidebar").click();
  },
};

const looks = [
  ["light", { width: 1280, height: 800 }, "light"],
  ["dark", { width: 1280, height: 800 }, "dark"],
  ["phone", { width: 360, height: 720 }, "light"],
  ["phone-dark", { width: 360, height: 720 }, "dark"],
];
try {
  const first = await browser.newContext();
  const login = await first.newPage();
  await login.goto(url);
  await login.waitForSelector("text=Overview");
  const state = await first.storageState();
  for (const [look, viewport, colorScheme] of looks) {
    for (const [name, act] of Object.entries(scenes)) {
      if (!`${look}-${name}`.includes(only)) continue;
      const context = await browser.newContext({ viewport, colorScheme, storageState: state, hasTouch: look.startsWith("phone"), locale: "en-GB" });
      const page = await context.newPage();
      page.on("console", (m) => ["error", "warning"].includes(m.type()) && !/401/.test(m.text()) && console.log(look, name, m.text()));
      page.on("pageerror", (e) => console.log(look, name, e.message));
      page.setDefaultTimeout(8000);
      try {
        await act(page);
      } catch (thrown) {
        console.log(look, name, String(thrown).split("\n")[0]);
      }
      await page.waitForTimeout(350);
      await page.screenshot({ path: `${out}/${look}-${name}.png` });
      await context.close();
    }
  }
} finally {
  await browser.close();
  daemon.kill();
}
