// Files from outside into a folder, and out of it again.
import { Buffer } from "node:buffer";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ok, until } from "./checks.mjs";
import { contrasts, fitsPhones, goTo, list, row } from "./page.mjs";
import { hostile } from "./tree.mjs";

const piece = 4 * 1024 * 1024;
const inbox = ({ root }) => join(root, "Inbox");
const litter = (folder) => readdirSync(folder).filter((name) => name.startsWith(".sd-"));
const dock = (page) => page.locator("[aria-controls=jobs]");

/** Chooses files as the file chooser would. */
export async function choose(page, keys, files) {
  await page.bringToFront(); // browsers show choosers in front only
  for (let tries = 3; ; tries--) {
    await list(page).focus();
    const coming = page.waitForEvent("filechooser", { timeout: 5000 }).catch((thrown) => thrown);
    await page.keyboard.press(keys);
    const chooser = await coming;
    if (!(chooser instanceof Error)) return chooser.setFiles(files);
    if (tries === 1) throw chooser;
  }
}

/** A file outside, large enough to be sent in pieces. */
export function large(tree, pieces) {
  const path = join(tree.top, "Outside", "film.bin");
  mkdirSync(join(path, ".."), { recursive: true });
  const data = Buffer.alloc(pieces * piece + 77);
  for (let i = 0; i < data.length; i += 997) data[i] = (i * 7) % 251;
  writeFileSync(path, data);
  return { path, data };
}

export const uploadSteps = {
  "upload: chosen files arrive as they were, with hostile names as text, and are undone": async ({ page, tree, fake }) => {
    if (fake) return;
    mkdirSync(inbox(tree), { recursive: true });
    await goTo(page, inbox(tree));
    const outside = join(tree.top, "Outside");
    mkdirSync(outside, { recursive: true });
    const time = new Date(Date.UTC(2021, 4, 6, 7, 8, 9));
    const files = ["letter.txt", hostile, "two words.md"].map((name) => join(outside, name));
    for (const file of files) {
      writeFileSync(file, `this is ${file}\n`);
      utimesSync(file, time, time);
    }
    await choose(page, "Alt+U", files);
    await row(page, "letter.txt").waitFor();
    await row(page, hostile).waitFor();
    ok(!(await page.evaluate(() => globalThis.hacked)), "a name was taken for markup");
    for (const file of files) {
      const there = join(inbox(tree), file.slice(outside.length + 1));
      ok(readFileSync(there, "utf8") === `this is ${file}\n` && Math.abs(statSync(there).mtimeMs - time.getTime()) < 2, `${there} is not what was sent`);
    }
    await page.getByText(/^Done: Upload 3 things to Inbox/).waitFor();
    await until("nothing private to be left", () => litter(inbox(tree)).length === 0);
    await page.locator("[aria-live=polite]").getByRole("button", { name: "Undo" }).last().click();
    await row(page, "letter.txt").waitFor({ state: "detached" });
    ok(!existsSync(join(inbox(tree), "letter.txt")), "it is still there");
    await page.getByText(/^Undone: Upload 3 things/).waitFor();
    await page.locator("[aria-live=polite]").getByRole("button", { name: "Undo" }).last().click();
    await row(page, "letter.txt").waitFor();
  },

  "upload: a folder with all that is in it": async ({ page, tree, fake }) => {
    if (fake) return;
    const trip = join(tree.top, "Outside", "Trip");
    mkdirSync(join(trip, "day 1", "evening"), { recursive: true });
    writeFileSync(join(trip, "plan.txt"), "plan");
    writeFileSync(join(trip, "day 1", "evening", "song.txt"), "song");
    await choose(page, "Alt+Shift+U", trip);
    await row(page, "Trip").waitFor();
    ok(readFileSync(join(inbox(tree), "Trip", "day 1", "evening", "song.txt"), "utf8") === "song", "the tree did not come as it was");
  },

  "upload: files dropped from the desktop come, and a name that is taken asks": async ({ page, tree, fake }) => {
    if (fake) return;
    const drop = (name, text) =>
      list(page).evaluate((element, [fileName, content]) => {
        const data = new DataTransfer();
        data.items.add(new File([content], fileName, { lastModified: 1_600_000_000_000 }));
        for (const type of ["dragover", "drop"]) element.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: data }));
      }, [name, text]);
    await drop("dropped.txt", "dropped");
    await row(page, "dropped.txt").waitFor();
    await drop("letter.txt", "another letter");
    const sheet = page.getByRole("dialog").filter({ has: page.getByRole("region", { name: "What will be done" }) });
    await sheet.getByText("is there already").first().waitFor();
    await contrasts(page, "an upload's plan");
    await sheet.getByRole("button", { name: "All: Keep both" }).click();
    await until("the plan to be ready", () => sheet.getByRole("button", { name: "Do it" }).isEnabled());
    await sheet.getByRole("button", { name: "Do it" }).click();
    await row(page, "letter (2).txt").waitFor();
    ok(readFileSync(join(inbox(tree), "letter (2).txt"), "utf8") === "another letter", "it is another one");
  },

  "upload: the tab is killed in the middle; the files chosen again go on": async ({ page, context, tree, watchman, fake }) => {
    if (fake) return;
    const { path, data } = large(tree, 5);
    watchman.allow(/Failed to load resource/, /ERR_/);
    const tab = await context.newPage();
    await tab.goto(page.url());
    await list(tab).waitFor();
    let sent = 0;
    await tab.route("**/v1/upload/**", async (route) => (++sent > 3 ? undefined : route.continue())); // the fourth never arrives
    await choose(tab, "Alt+U", [path]);
    await until("three pieces to be sent", () => sent > 3, 60_000);
    await dock(tab).click();
    await tab.getByRole("region", { name: "Jobs" }).getByText("Upload to Inbox").waitFor();
    await contrasts(tab, "an upload");
    await fitsPhones(tab, "an upload");
    await tab.close();
    ok(!existsSync(join(inbox(tree), "film.bin")), "half a film has its name");
    await page.reload();
    await list(page).waitFor();
    await dock(page).getByText("An upload stopped").waitFor();
    await dock(page).click();
    const card = page.locator("[data-upload=stopped]");
    await card.getByText("Choose them again to go on").waitFor();
    await contrasts(page, "an upload that stopped");
    await page.keyboard.press("Escape");
    await card.waitFor({ state: "detached" });
    let again = 0;
    await page.route("**/v1/upload/**", async (route) => ((again += 1), route.continue()));
    await choose(page, "Alt+U", [path]);
    await row(page, "film.bin").waitFor();
    await page.unroute("**/v1/upload/**");
    ok(again > 0 && again <= 3, `${again} pieces were sent again, not the 3 that were missing`); // the browser may have got one more out
    ok(readFileSync(join(inbox(tree), "film.bin")).equals(data), "the film is another one");
    await until("nothing private to be left", () => litter(inbox(tree)).length === 0);
  },

  "download: several things come as one archive, a file as it is": async ({ page, tree, fake }) => {
    if (fake) return;
    await row(page, "Trip").click();
    await row(page, "letter.txt").first().click({ modifiers: ["Control"] });
    const coming = page.waitForEvent("download");
    await page.keyboard.press("Alt+Shift+D");
    const zip = join(tree.top, "got.zip");
    await (await coming).saveAs(zip);
    const inside = execFileSync("python3", ["-c", "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print('\\n'.join(z.namelist()))", zip], { encoding: "utf8" });
    ok(inside.includes("Trip/day 1/evening/song.txt") && inside.includes("letter.txt"), `the archive holds ${inside}`);
    await page.keyboard.press("Escape");
    await row(page, "two words.md").click();
    const one = page.waitForEvent("download");
    await page.keyboard.press("Alt+Shift+D");
    const file = join(tree.top, "got.md");
    await (await one).saveAs(file);
    ok(readFileSync(file, "utf8").startsWith("this is "), "the file is another one");
  },
};
