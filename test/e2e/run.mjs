#!/usr/bin/env node
// Drives the web interface over a real daemon in a real browser.
//
//   node test/e2e/run.mjs [--only WORDS] [--fake] [--show]
//
// STARDRIVE_BIN   the binary (default bin/stardrive; nothing is built here)
// CHROMIUM        the browser (default /usr/bin/chromium)
// E2E_PATIENCE    milliseconds that a step waits for what it looks for (default 15000)
//
// --fake runs against web/dev/fake-daemon.mjs instead, which needs web/dist.
// Exits with 0 when all passed.
import { existsSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startDaemon } from "./daemon.mjs";
import { steps } from "./steps.mjs";
import { makeTree } from "./tree.mjs";
import { Watchman } from "./watchman.mjs";

const { values: flags } = parseArgs({
  options: { only: { type: "string", default: "" }, fake: { type: "boolean" }, show: { type: "boolean" } },
});
const top = fileURLToPath(new URL("../../", import.meta.url));
const binary = process.env.STARDRIVE_BIN || `${top}bin/stardrive`;
const chrome = process.env.CHROMIUM || "/usr/bin/chromium";

function give(up, hint) {
  console.error(`e2e: ${up}\n     ${hint}`);
  process.exit(1);
}

if (!existsSync(chrome)) give(`there is no browser at ${chrome}`, "Install it (apt-get install chromium), or name another in CHROMIUM.");
if (!flags.fake && !existsSync(binary)) give(`there is no binary at ${binary}`, "Build it (make build), or name another in STARDRIVE_BIN.");
let chromium;
try {
  ({ chromium } = createRequire(`${top}web/package.json`)("playwright-core"));
} catch {
  give("playwright-core is not installed", "Run: cd web && npm ci");
}

const tree = makeTree();
let daemon;
let browser;
let passed = 0;
const failures = [];

async function clean() {
  await browser?.close().catch(() => undefined);
  await daemon?.kill();
  tree.remove();
}
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => void clean().then(() => process.exit(130)));

async function run(name, act, world) {
  const start = Date.now();
  try {
    await act(world);
    world.watchman.settle();
    passed += 1;
    console.log(`ok    ${name} (${Date.now() - start} ms)`);
  } catch (thrown) {
    failures.push(name);
    console.log(`FAIL  ${name}\n      ${String(thrown?.message ?? thrown).split("\n").slice(0, 12).join("\n      ")}`);
    await world.page.screenshot({ path: `${top}tmp/e2e-failure-${failures.length}.png` }).then(
      () => console.log(`      see tmp/e2e-failure-${failures.length}.png`),
      () => undefined,
    );
    for (let i = 0; i < 2; i++) await world.page.keyboard.press("Escape").catch(() => undefined); // the next begins without what is open
    world.watchman.forget();
  }
}

try {
  mkdirSync(`${top}tmp`, { recursive: true });
  daemon = await startDaemon({ binary, fake: flags.fake ? `${top}web/dev/fake-daemon.mjs` : undefined, data: tree.data, index: tree.root });
  browser = await chromium.launch({
    executablePath: chrome,
    headless: !flags.show,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  const watchman = new Watchman(daemon.origin);
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: "light", locale: "en-GB" });
  await watchman.follow(context);
  const page = await context.newPage();
  page.setDefaultTimeout(Number(process.env.E2E_PATIENCE || 15_000));
  const world = { fake: flags.fake === true, binary, browser, context, page, daemon, tree, watchman };
  for (const [name, act] of Object.entries(steps)) {
    // Logging in is what all others stand on.
    if (!name.startsWith("login") && !flags.only.split("|").some((words) => name.includes(words))) continue;
    await run(name, act, world);
    if (failures.at(-1) === name && (name.startsWith("login") || daemon.gone())) {
      console.log(daemon.gone() ? "\nThe daemon has died; the rest makes no sense." : "\nNobody is logged in; the rest makes no sense.");
      break;
    }
  }
} catch (thrown) {
  failures.push("start");
  console.log(`FAIL  start\n      ${String(thrown?.message ?? thrown)}`);
} finally {
  if (failures.length > 0 && daemon) console.log(`\nThe daemon's last words:\n${daemon.log()}`);
  await clean();
}
console.log(`\n${passed} passed, ${failures.length} failed`);
process.exit(failures.length === 0 ? 0 : 1);
