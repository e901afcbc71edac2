// Ways that lead through several parts: other windows, and a daemon that dies and comes back.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ok, until } from "./checks.mjs";
import { startDaemon } from "./daemon.mjs";
import { goTo, list, row } from "./page.mjs";
import { hostile } from "./tree.mjs";
import { run } from "./media-steps.mjs";
import { choose, large } from "./upload-steps.mjs";

export const journeySteps = {
  "windows: what is cut in one is pasted in another, by keys alone": async ({ page, context, tree, fake }) => {
    if (fake) return;
    const [from, to] = ["Shelf", "Drawer"].map((name) => join(tree.root, name));
    for (const folder of [from, to]) mkdirSync(folder, { recursive: true });
    writeFileSync(join(from, hostile), "moved");
    for (const path of [from, to]) await until(`${path} to be indexed`, async () => (await run(page, "entry.info", { path })).out.id);
    await goTo(page, from);
    await row(page, hostile).waitFor();
    const other = await context.newPage();
    await other.goto(page.url());
    await list(other).waitFor();
    await goTo(other, to);
    await page.bringToFront();
    await list(page).focus();
    await page.keyboard.press("Control+a");
    await page.keyboard.press("Control+x");
    await page.getByText("1 thing cut").waitFor();
    await other.bringToFront();
    await list(other).focus();
    await other.keyboard.press("Control+v");
    await row(other, hostile).waitFor();
    ok(readFileSync(join(to, hostile), "utf8") === "moved" && !existsSync(join(from, hostile)), "it was not moved");
    ok(!(await other.evaluate(() => globalThis.hacked)), "a name was taken for markup");
    await other.close();
    await page.bringToFront();
    await row(page, hostile).waitFor({ state: "detached" });
  },

  "upload: the daemon is killed in the middle; when it is back, the files chosen again go on": async ({ browser, binary, tree, fake }) => {
    if (fake) return;
    const home = join(tree.top, "Other home");
    const inbox = join(home, "Inbox");
    mkdirSync(inbox, { recursive: true });
    const { path, data } = large(tree, 4);
    const world = { binary, data: join(tree.top, "other data"), index: home };
    let daemon = await startDaemon(world);
    const context = await browser.newContext();
    try {
      const page = await context.newPage();
      const enter = async () => {
        await page.goto("about:blank");
        await page.goto(daemon.link);
        await page.getByRole("navigation", { name: "Library" }).getByRole("button", { name: /^Other home/ }).first().click();
        await row(page, "Inbox").dblclick();
        await page.locator("nav[aria-label=Path] [aria-current=location]").filter({ hasText: "Inbox" }).waitFor();
      };
      await enter();
      let sent = 0;
      await page.route("**/v1/upload/**", async (route) => (++sent > 2 ? undefined : route.continue())); // the third never arrives
      await choose(page, "Alt+U", [path]);
      await until("two pieces to be sent", () => sent > 2, 60_000);
      await daemon.crash();
      await page.getByText("Stardrive is not answering").waitFor();
      ok(!existsSync(join(inbox, "film.bin")), "half a film has its name");
      daemon = await startDaemon({ ...world, listen: new URL(daemon.origin).host });
      await page.unroute("**/v1/upload/**");
      await enter();
      let again = 0;
      await page.route("**/v1/upload/**", async (route) => ((again += 1), route.continue()));
      await choose(page, "Alt+U", [path]);
      await row(page, "film.bin").waitFor();
      ok(readFileSync(join(inbox, "film.bin")).equals(data), "the film is another one");
      ok(again > 0 && again <= 4, `${again} pieces were sent again, though some had come before`); // of five; the one under way may have been lost
      await until("nothing private to be left", () => readdirSync(inbox).every((name) => !name.startsWith(".sd-")));
    } finally {
      await context.close();
      await daemon.kill();
    }
  },
};
