// The page of a search, and searches that are kept.
import { writeFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ok, until } from "./checks.mjs";
import { contrasts, fitsPhones, list, row, selected } from "./page.mjs";

const sidebar = (page) => page.getByRole("navigation", { name: "Library" });
const field = (page) => page.getByRole("combobox", { name: "Search the library" });

export const searchSteps = {
  "search: all results stand on a page that follows what is typed": async ({ page }) => {
    await page.keyboard.press("/");
    await page.keyboard.type("harbour");
    await page.getByRole("option").first().waitFor();
    await page.keyboard.press("Shift+Enter");
    await row(page, "Harbour at dusk.png").waitFor();
    ok(new URL(page.url()).searchParams.get("q") === "harbour", `the address does not tell the search: ${page.url()}`);
    await until("the results to have the focus", () => list(page).evaluate((e) => e === document.activeElement));
    await page.keyboard.press("Home");
    ok((await selected(page)).startsWith("Harbour"), "Home selects no result");
    await page.keyboard.press("/");
    await page.keyboard.type("harbour morning");
    await row(page, "Harbour at dusk.png").waitFor({ state: "detached" });
    await page.keyboard.press("ArrowDown");
    await until("the arrow to lead into the results", () => list(page).evaluate((e) => e === document.activeElement));
    await page.keyboard.press("Home");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "Harbour, morning.png" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("combobox", { name: "Order" }).selectOption("Name");
    ok(new URL(page.url()).searchParams.get("sort") === "name", "the address does not tell the order");
    await contrasts(page, "the page of a search");
    await fitsPhones(page, "the page of a search");
  },

  "search: results follow the library, and the selection stays": async ({ page, tree, watchman }) => {
    await page.keyboard.press("/");
    await page.keyboard.type("tidings");
    await page.getByText("Nothing in the library matches").waitFor();
    const paths = ["b tidings.txt", "a tidings.txt"].map((name) => join(tree.root, "Documents", name));
    writeFileSync(paths[0], "x");
    await row(page, "b tidings.txt").waitFor();
    await row(page, "b tidings.txt").click();
    writeFileSync(paths[1], "x");
    await row(page, "a tidings.txt").waitFor();
    ok((await selected(page)) === "b tidings.txt", `the selection moved to ${await selected(page)}`);
    rmSync(paths[0]);
    await row(page, "b tidings.txt").waitFor({ state: "detached" });
    await until("the selection to go to what is left", async () => (await selected(page).catch(() => "")) === "a tidings.txt");
    watchman.allow(/404/, /Framing/); // its preview may come too late for a file that goes
    rmSync(paths[1]);
    await page.getByText("Nothing in the library matches").waitFor();
  },

  "search: one is saved, run, renamed, removed and had back, by keys": async ({ page, watchman, fake }) => {
    await page.keyboard.press("/");
    await page.keyboard.type("harbour ext:png");
    await row(page, "Harbour at dusk.png").waitFor();
    await page.keyboard.press("Control+s");
    const dialog = page.getByRole("dialog", { name: "Save this search" });
    await dialog.getByRole("textbox", { name: "Name" }).fill("Boats");
    await page.keyboard.press("Enter");
    const boats = sidebar(page).getByRole("button", { name: "Boats", exact: true });
    await boats.waitFor();
    await page.getByText("Saved as Boats", { exact: true }).waitFor();
    ok((await boats.getAttribute("aria-current")) === "page", "the saved search does not show that it is open");
    await field(page).fill("needle");
    await row(page, "needle in the haystack.txt").waitFor();
    if (!fake) {
      watchman.allow(/409/);
      await page.keyboard.press("Control+s");
      await dialog.getByRole("textbox", { name: "Name" }).fill("Boats");
      await page.keyboard.press("Enter");
      await dialog.getByRole("alert").filter({ hasText: "Boats" }).waitFor();
      await page.keyboard.press("Escape");
    }
    await boats.focus();
    await page.keyboard.press("Enter");
    await row(page, "Harbour at dusk.png").waitFor();
    ok((await field(page).inputValue()) === "harbour ext:png", "the field does not show the search");
    await boats.focus();
    await page.keyboard.press("F2");
    await page.getByRole("dialog", { name: "Rename the saved search" }).getByRole("textbox", { name: "Name" }).fill("All boats");
    await page.keyboard.press("Enter");
    const all = sidebar(page).getByRole("button", { name: "All boats", exact: true });
    await all.waitFor();
    await all.focus();
    await page.keyboard.press("Delete");
    await all.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Undo" }).click();
    await all.waitFor();
    await contrasts(page, "saved searches");
    await page.goBack();
    await until("the search before", async () => (await field(page).inputValue()) === "needle");
  },

  "search: filters are completed, and recent searches are at hand": async ({ page, fake }) => {
    if (fake) return; // it knows neither
    await page.getByRole("link", { name: "Overview" }).click();
    await page.keyboard.press("/");
    await page.keyboard.type("needle kin");
    await page.getByRole("group", { name: "Completions" }).getByRole("button", { name: "kind:" }).waitFor();
    await page.keyboard.press("ArrowRight");
    await until("the completion to be put in", async () => (await field(page).inputValue()) === "needle kind:");
    await page.keyboard.type("text");
    await page.keyboard.press("Shift+Enter");
    await row(page, "needle in the haystack.txt").waitFor();
    await page.getByRole("link", { name: "Overview" }).click();
    await field(page).focus();
    const recent = page.getByRole("listbox", { name: "Recent searches" });
    await recent.getByText("needle kind:text").waitFor();
    await contrasts(page, "recent searches");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await row(page, "needle in the haystack.txt").waitFor();
  },
};
