// What a person does, in order; each step leaves the page where the next can begin.
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ok, until } from "./checks.mjs";
import { goTo, list, names, row, selected } from "./page.mjs";
import { archiveSteps } from "./archive-steps.mjs";
import { changeSteps } from "./change-steps.mjs";
import { explorerSteps } from "./explorer-steps.mjs";
import { journeySteps } from "./journey-steps.mjs";
import { loginSteps } from "./login-steps.mjs";
import { lookSteps } from "./look-steps.mjs";
import { mediaSteps } from "./media-steps.mjs";
import { organiseSteps } from "./organise-steps.mjs";
import { placeSteps } from "./place-steps.mjs";
import { pagesSteps } from "./pages-steps.mjs";
import { searchSteps } from "./search-steps.mjs";
import { uploadSteps } from "./upload-steps.mjs";
import { tagSteps } from "./tag-steps.mjs";
import { themeSteps } from "./theme-steps.mjs";
import { many, reversed } from "./tree.mjs";

export const steps = {
  ...loginSteps,

  "locations: the indexed folder stands in the sidebar, and its run ends": async ({ page }) => {
    const sidebar = page.getByRole("navigation", { name: "Library" });
    await sidebar.getByRole("button", { name: "Home", exact: false }).first().waitFor();
    await until("the index run to end", async () => (await sidebar.getByRole("img", { name: "Up to date" }).count()) > 0, 60_000);
  },

  "browse: a folder opens with folders first and without hidden files": async ({ page }) => {
    await page.getByRole("navigation", { name: "Library" }).locator("button[title*='Home']").first().click();
    await row(page, "Documents").waitFor();
    await row(page, "Documents").dblclick();
    await row(page, "plan.md").waitFor();
    const all = await names(page);
    ok(all[0] === "Deep", `the first row is ${all[0]}, not the folder Deep`);
    ok(!all.includes(".hidden notes.txt"), "a hidden file is shown");
  },

  "browse: hidden files come and go": async ({ page }) => {
    await page.keyboard.press("Control+Shift+.");
    await row(page, ".hidden notes.txt").waitFor();
    await page.getByRole("button", { name: "Hidden files are shown" }).click();
    await row(page, ".hidden notes.txt").waitFor({ state: "detached" });
  },

  "browse: columns sort": async ({ page }) => {
    const header = page.getByRole("columnheader", { name: "Size" });
    await header.getByRole("button").click();
    await until("the largest file to come first", async () => (await names(page)).filter((n) => n.includes("."))[0] === "big.bin");
    ok((await header.getAttribute("aria-sort")) === "descending", "the header does not tell the order");
    await page.getByRole("columnheader", { name: "Name" }).getByRole("button").click();
    await until("the order by name", async () => (await names(page))[0] === "Deep");
  },

  "keyboard: moves, opens, goes up and jumps to names": async ({ page }) => {
    await list(page).focus();
    await page.keyboard.press("Home");
    ok((await selected(page)) === "Deep", "Home does not select the first row");
    await page.keyboard.press("ArrowDown");
    ok((await selected(page)) !== "Deep", "ArrowDown does not move");
    await page.keyboard.type("pla");
    ok((await selected(page)) === "plan.md", `typing “pla” selects ${await selected(page)}`);
    await page.keyboard.press("Home");
    await page.keyboard.press("Enter");
    await row(page, "Deeper").waitFor();
    await page.keyboard.press("Backspace");
    await until("the folder that was left to be selected", async () => (await selected(page).catch(() => "")) === "Deep");
    await page.keyboard.press("Shift+ArrowDown");
    ok((await list(page).locator("[aria-selected=true]").count()) === 2, "Shift does not extend the selection");
    await page.keyboard.press("Escape");
    ok((await list(page).locator("[aria-selected=true]").count()) === 0, "Escape does not clear the selection");
  },

  "keyboard: where one goes by the sidebar, the arrows work at once": async ({ page }) => {
    const sidebar = page.getByRole("navigation", { name: "Library" });
    const focused = () => list(page).evaluate((e) => e === document.activeElement).catch(() => false);
    for (const from of ["another folder", "the overview", "the same folder"]) {
      if (from === "the overview") {
        await page.getByRole("link", { name: "Overview" }).click();
        await page.getByRole("heading", { name: "Overview" }).waitFor();
      }
      await sidebar.locator("button[title*='Home']").first().focus();
      await page.keyboard.press("Enter");
      await row(page, "Documents").waitFor();
      await until(`the list to have the focus, coming from ${from}`, focused);
    }
    await page.keyboard.press("Home");
    ok((await selected(page)) === "Documents", "the arrows do not work in the list");
    await page.keyboard.press("Enter");
    await row(page, "plan.md").waitFor();
    await list(page).focus();
    await page.keyboard.press("Tab");
    ok(!(await focused()), "Tab does not leave the list");
  },

  "keyboard: the sheet of shortcuts opens and closes": async ({ page }) => {
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  },

  "path: an absolute path goes there, a wrong one tells": async ({ page, tree, watchman }) => {
    await goTo(page, join(tree.root, "Music"));
    await row(page, "Sea shanty.txt").waitFor();
    watchman.allow(/404/, /400/, /422/);
    await page.keyboard.press("F4");
    await page.getByRole("combobox", { name: "Path" }).fill(join(tree.root, "No such folder"));
    await page.keyboard.press("Enter");
    await page.getByRole("alert").waitFor();
    await page.keyboard.press("Escape");
  },

  "path: a file's path opens its folder and selects it": async ({ page, tree }) => {
    await page.keyboard.press("F4");
    await page.getByRole("combobox", { name: "Path" }).fill(join(tree.root, "Documents", "plan.md"));
    await page.keyboard.press("Enter");
    await until("plan.md to be selected", async () => (await selected(page).catch(() => "")) === "plan.md");
  },

  "search: results as one types, and Enter shows the file in its folder": async ({ page }) => {
    await page.keyboard.press("/");
    await page.keyboard.type("needle");
    const hit = page.getByRole("option").filter({ hasText: "needle in the haystack.txt" });
    await hit.waitFor();
    await until("the match to be marked", async () => (await hit.locator("mark").first().textContent()) === "needle");
    await page.getByText(/\d+ results? · [\d.]+ ms/).waitFor();
    await page.keyboard.press("Enter");
    await until("the file to be selected in its folder", async () => (await selected(page).catch(() => "")) === "needle in the haystack.txt");
  },

  "search: Enter need not wait for the answer": async ({ page }) => {
    await page.keyboard.press("/");
    await page.keyboard.type("sea shanty");
    await page.keyboard.press("Enter");
    await until("the file to be selected in its folder", async () => (await selected(page).catch(() => "")) === "Sea shanty.txt");
  },

  "search: nothing found is said": async ({ page }) => {
    await page.keyboard.press("/");
    await page.keyboard.type("zzz no such thing");
    await page.getByText("Nothing in the library matches").waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
  },

  ...searchSteps,

  ...explorerSteps,

  "details: the facts of an entry": async ({ page, tree }) => {
    await goTo(page, join(tree.root, "Documents"));
    await row(page, "big.bin").click();
    const details = page.getByRole("complementary", { name: "Details" });
    await details.getByText("3,000,000 bytes").waitFor();
    await details.getByText(join(tree.root, "Documents", "big.bin")).waitFor();
    await list(page).press("Control+i");
    await details.waitFor({ state: "detached" });
    await list(page).press("Control+i");
    await details.waitFor();
  },

  "preview: a text shows in its sandbox": async ({ page }) => {
    await row(page, "Letter to the council.txt").dblclick();
    const frame = page.getByRole("dialog").locator("iframe");
    await frame.waitFor();
    ok((await frame.getAttribute("sandbox")) === "", "the text's frame is not sandboxed");
    await page.frameLocator("dialog iframe").getByText("the harbour lamp is out again").waitFor();
    ok(new URL(await frame.getAttribute("src")).origin !== new URL(page.url()).origin, "the preview stands on the page's own origin");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    ok(await list(page).evaluate((e) => e === document.activeElement), "the list did not get the focus back");
  },

  "preview: an old text is readable, and what is no text is not shown as one": async ({ page, tree, fake }) => {
    if (fake) return; // it looks at names only
    await goTo(page, join(tree.root, "Texts"));
    await row(page, "From the nineties.txt").dblclick();
    await page.frameLocator("dialog iframe").getByText("Grüße aus Köln").waitFor();
    await page.keyboard.press("ArrowRight");
    await page.getByRole("dialog", { name: "Not a text.txt" }).getByText("what is in it is not").waitFor();
    ok((await page.getByRole("dialog").locator("iframe").count()) === 0, "a frame stands empty");
    await page.keyboard.press("Escape");
  },

  "preview: a picture shows, and the arrows walk on": async ({ page, tree }) => {
    await goTo(page, join(tree.root, "Photos"));
    await row(page, "Harbour at dusk.png").click();
    await page.keyboard.press("Enter");
    const image = page.getByRole("dialog").locator("img");
    await until("the picture to be drawn", () => image.evaluate((e) => e.naturalWidth > 0).catch(() => false));
    await page.keyboard.press("ArrowRight");
    await page.getByRole("dialog", { name: "Harbour, morning.png" }).waitFor();
    await page.keyboard.press("Escape");
  },

  ...lookSteps,
  ...archiveSteps,

  ...changeSteps,

  ...uploadSteps,
  ...journeySteps,
  ...tagSteps,
  ...organiseSteps,

  ...mediaSteps,
  ...pagesSteps,

  "live: a new file appears, and a removed one goes, without a reload": async ({ page, tree }) => {
    await goTo(page, join(tree.root, "Photos"));
    await page.evaluate(() => (globalThis.stayed = true));
    const file = join(tree.root, "Photos", "Just written.txt");
    writeFileSync(file, "new\n");
    await row(page, "Just written.txt").waitFor();
    renameSync(file, join(tree.root, "Photos", "Just renamed.txt"));
    await row(page, "Just renamed.txt").waitFor();
    await row(page, "Just written.txt").waitFor({ state: "detached" });
    rmSync(join(tree.root, "Photos", "Just renamed.txt"));
    await row(page, "Just renamed.txt").waitFor({ state: "detached" });
    ok(await page.evaluate(() => globalThis.stayed === true), "the page was loaded again");
  },

  "scale: a folder of thousands scrolls to its end": async ({ page, tree }) => {
    await goTo(page, join(tree.root, "Many"));
    await row(page, "record 00000.txt").waitFor();
    ok((await list(page).getAttribute("aria-rowcount")) === String(many + 1), "the list does not tell its length");
    await list(page).press("End");
    await row(page, `record ${String(many - 1).padStart(5, "0")}.txt`).waitFor();
    ok((await list(page).getByRole("row").count()) < 200, "the list is not virtual");
    await list(page).press("Home");
    await row(page, "record 00000.txt").waitFor();
  },

  "A4: hostile names are shown as text, and marked": async ({ page, tree }) => {
    await goTo(page, join(tree.root, "Odd names"));
    await row(page, "<img src=x").waitFor();
    ok(await page.evaluate(() => globalThis.hacked === undefined), "a name ran as a script");
    await row(page, "U+202E").waitFor();
    ok(!(await names(page)).includes(reversed), "a name that turns the text around is shown as it is");
    await row(page, "\\xFF").waitFor();
  },

  ...placeSteps,

  ...themeSteps,

  "offline: the page says when the daemon is gone": async ({ page, daemon, watchman }) => {
    watchman.allow(/./);
    await daemon.kill();
    await page.getByText("Stardrive is not answering").waitFor();
    ok((await list(page).getByRole("row").count()) > 1, "what was loaded is gone");
  },
};
