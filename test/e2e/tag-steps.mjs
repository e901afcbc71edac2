// What people add to their files: tags, stars, favourites, notes, collections.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { accessible } from "./axe.mjs";
import { ok, until } from "./checks.mjs";
import { contrasts, fitsPhones, goTo, list, names, onItsWay, row, selected } from "./page.mjs";

const chips = (page) => page.getByRole("list", { name: "Tags", exact: true }).last();
const said = (page, words) => page.locator("[aria-live=polite]").getByText(words).last().waitFor();
const library = (page) => page.getByRole("navigation", { name: "Library" });
const marksOf = (page, name) => row(page, name).locator("[data-marks]");

async function ask(page, query) {
  await page.fill("[data-search]", query);
  await page.keyboard.press("Shift+Enter");
  await page.getByRole("grid", { name: "Search results" }).waitFor();
}

export const tagSteps = {
  "marking: T opens the tags of what is selected, and a name makes one": async ({ page, tree, fake }) => {
    if (fake) return;
    const desk = join(tree.root, "Marked");
    mkdirSync(desk, { recursive: true });
    for (const name of ["alpha.txt", "beta.txt", "gamma.txt", "today.txt"]) writeFileSync(join(desk, name), `this is ${name}\n`);
    await goTo(page, desk);
    await row(page, "alpha.txt").click();
    await page.keyboard.press("t");
    const picker = page.getByRole("dialog", { name: "Tag alpha.txt" });
    await picker.getByRole("combobox").waitFor();
    await page.keyboard.type("Invoices");
    await picker.getByRole("option", { name: "Make the tag Invoices" }).waitFor();
    await accessible(page, "the tag picker");
    await page.keyboard.press("Enter");
    await said(page, "alpha.txt: tagged Invoices.");
    await picker.getByRole("option", { selected: true }).filter({ hasText: "Invoices" }).waitFor();
    await page.keyboard.press("Escape");
    await picker.waitFor({ state: "detached" });
    await chips(page).getByText("Invoices").waitFor();
    await marksOf(page, "alpha.txt").getByRole("img", { name: "Tags: Invoices" }).waitFor();
    ok(await list(page).evaluate((e) => e === document.activeElement), "the list lost the focus");
  },

  "marking: several at once, by an alias, and back with Ctrl Z": async ({ page, fake }) => {
    if (fake) return;
    await row(page, "beta.txt").click();
    await page.keyboard.press("Shift+ArrowDown");
    await page.keyboard.press("#");
    const picker = page.getByRole("dialog", { name: "Tag 2 things" });
    await page.keyboard.type("inv");
    await picker.getByRole("option").filter({ hasText: "Invoices" }).waitFor();
    await page.keyboard.press("Enter");
    await said(page, "2 things: tagged Invoices.");
    await page.keyboard.press("Escape");
    await marksOf(page, "gamma.txt").getByRole("img", { name: "Tags: Invoices" }).waitFor();
    await page.keyboard.press("Control+z");
    await said(page, /^Undone: /);
    await marksOf(page, "gamma.txt").waitFor({ state: "detached" });
    await marksOf(page, "alpha.txt").waitFor();
  },

  "marking: letters still jump to names while nothing is selected": async ({ page, fake }) => {
    if (fake) return;
    await list(page).focus();
    await page.keyboard.press("Escape");
    await page.keyboard.press("t");
    await until("the name with t", async () => (await selected(page).catch(() => "")) === "today.txt");
    ok((await page.getByRole("dialog").count()) === 0, "a dialog opened");
  },

  "marking: stars by numbers, a favourite by its key, and both in the list": async ({ page, fake }) => {
    if (fake) return;
    await row(page, "beta.txt").click();
    await page.keyboard.press("4");
    await said(page, "beta.txt: 4 of 5 stars.");
    await page.keyboard.press("*");
    await said(page, "beta.txt: a favourite now.");
    await marksOf(page, "beta.txt").getByRole("img", { name: "4 of 5 stars" }).waitFor();
    await marksOf(page, "beta.txt").getByRole("img", { name: "Favourite" }).waitFor();
    await page.keyboard.press("0");
    await marksOf(page, "beta.txt").getByRole("img", { name: "4 of 5 stars" }).waitFor({ state: "detached" });
    await page.keyboard.press("3");
    await page.getByRole("radio", { name: "3 stars", checked: true }).waitFor();
  },

  "marking: a note is written as Markdown, shown as it is meant, and runs nothing": async ({ page, fake }) => {
    if (fake) return;
    await row(page, "beta.txt").click();
    await page.keyboard.press("Alt+m");
    const field = page.getByRole("textbox", { name: "Note" });
    await field.fill("With **Mia**\n\n<img src=x onerror=globalThis.hacked=1>");
    await page.keyboard.press("Control+Enter");
    await said(page, "beta.txt: the note was saved.");
    const note = page.getByRole("region", { name: "Note" });
    await note.locator("strong").filter({ hasText: "Mia" }).waitFor();
    ok((await note.textContent()).includes("<img src=x"), "the markup is not shown as text");
    ok((await page.evaluate(() => globalThis.hacked)) === undefined, "a note ran something");
    await accessible(page, "a file with all that can be added");
    await contrasts(page, "a file with all that can be added");
  },

  "marking: two texts of one note are both shown, and neither is lost": async ({ page, fake }) => {
    if (fake) return;
    await page.getByRole("button", { name: "Change the note" }).click();
    const field = page.getByRole("textbox", { name: "Note" });
    await field.fill("mine");
    const id = (await page.getByText("Entry id").locator("xpath=following-sibling::dd").textContent()).trim();
    await page.evaluate(async (entry) => {
      await fetch("/v1/op/note.set", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ id: entry, text: "theirs" }) });
    }, id);
    await field.focus();
    await page.keyboard.press("Control+Enter");
    const alert = page.getByRole("alert").filter({ hasText: "Somebody else has changed this note" });
    await alert.getByText("theirs", { exact: true }).waitFor();
    await alert.getByText("mine", { exact: true }).waitFor();
    await alert.getByRole("button", { name: "Put both into one" }).click();
    await page.keyboard.press("Control+Enter");
    await said(page, "beta.txt: the note was saved.");
    const note = page.getByRole("region", { name: "Note" });
    await note.getByText("theirs").waitFor();
    await note.getByText("mine").waitFor();
  },

  "marking: a file dropped on a tag in the sidebar, and a tag dropped on a file": async ({ page, fake }) => {
    if (fake) return;
    const tag = library(page).getByRole("button", { name: /^Invoices/ });
    await row(page, "gamma.txt").locator("[data-handle]").dragTo(tag);
    await marksOf(page, "gamma.txt").getByRole("img", { name: "Tags: Invoices" }).waitFor();
    await tag.dragTo(row(page, "today.txt"));
    await marksOf(page, "today.txt").getByRole("img", { name: "Tags: Invoices" }).waitFor();
    await tag.click();
    await until("its files", async () => (await names(page)).filter((name) => name.endsWith(".txt")).length >= 3);
    ok(new URL(page.url()).searchParams.get("q") === "tag:Invoices", "the search is another");
  },

  "marking: results of a search are selected and changed as in a folder": async ({ page, fake, watchman }) => {
    if (fake) return;
    watchman.allow(...onItsWay);
    await ask(page, "tag:invoices");
    await row(page, "gamma.txt").click();
    await row(page, "today.txt").click({ modifiers: ["Control"] });
    await page.keyboard.press("5");
    await said(page, "2 things: 5 of 5 stars.");
    await row(page, "gamma.txt").click();
    await page.keyboard.press("F2");
    const field = page.getByRole("textbox", { name: "New name" });
    await field.fill("delta.txt");
    await page.keyboard.press("Enter");
    await row(page, "delta.txt").waitFor();
    await row(page, "delta.txt").click();
    await page.keyboard.press("Delete");
    const sheet = page.getByRole("dialog").filter({ has: page.getByRole("region", { name: "What will be done" }) });
    await sheet.getByRole("region", { name: "What will be done" }).getByRole("listitem").first().waitFor();
    await page.keyboard.press("Enter");
    await sheet.waitFor({ state: "detached" });
    await row(page, "delta.txt").waitFor({ state: "detached" });
    await page.keyboard.press("Control+z");
    await row(page, "delta.txt").waitFor();
  },

  "marking: the page of tags makes, changes, moves and merges them, by keys": async ({ page, fake }) => {
    if (fake) return;
    await library(page).getByRole("link", { name: "All tags" }).click();
    const tree = page.getByRole("tree", { name: "Tags" });
    await tree.waitFor();
    for (const name of ["Work", "Bills"]) {
      await page.getByRole("main").getByRole("button", { name: "New tag" }).click();
      await page.getByRole("dialog").getByLabel("Name", { exact: true }).fill(name);
      await page.getByRole("radio", { name: "Blue" }).click();
      await page.keyboard.press("Enter");
      await page.getByRole("dialog").getByRole("button", { name: "Save" }).click().catch(() => undefined);
      await tree.getByRole("treeitem", { name }).waitFor();
    }
    await tree.getByRole("treeitem", { name: "Bills" }).dragTo(tree.getByRole("treeitem", { name: "Invoices" }));
    const drop = page.getByRole("dialog", { name: "Bills onto Invoices" });
    await drop.getByText("Its names stay as aliases").waitFor();
    await accessible(page, "one tag dropped on another");
    await drop.getByRole("button", { name: "Make one tag of both: Invoices" }).click();
    await said(page, "Bills became Invoices.");
    await tree.getByRole("treeitem", { name: /^Bills/ }).waitFor({ state: "detached" });
    await tree.getByRole("treeitem", { name: "Invoices" }).dragTo(tree.getByRole("treeitem", { name: "Work" }));
    await page.getByRole("button", { name: "Put Invoices below Work" }).click();
    await said(page, "Invoices stands below Work now.");
    await tree.getByRole("treeitem", { name: "Work" }).click(); // the keys go on from where one clicks
    await page.keyboard.press("Home");
    await page.keyboard.press("ArrowRight");
    await tree.getByRole("treeitem", { level: 2, name: /Invoices/ }).waitFor();
    await page.keyboard.press("ArrowDown");
    await page.getByRole("complementary", { name: "The tag" }).getByText("Bills").waitFor();
    await accessible(page, "the page of tags");
    await contrasts(page, "the page of tags");
    await fitsPhones(page, "the page of tags");
    await tree.focus();
    await page.keyboard.press("Delete");
    await page.getByRole("button", { name: "Delete the tag", exact: true }).click();
    await said(page, "The tag Invoices was deleted.");
    await page.keyboard.press("Control+z");
    await tree.getByRole("treeitem", { name: /Invoices/ }).waitFor();
  },

  "marking: a collection keeps the order that it is given": async ({ page, tree, fake }) => {
    if (fake) return;
    await goTo(page, join(tree.root, "Marked"));
    await row(page, "alpha.txt").click();
    await page.keyboard.press("Control+a");
    await page.keyboard.press("Alt+c");
    await page.getByRole("dialog").getByRole("combobox").fill("Album");
    await page.getByRole("option", { name: "Make the collection Album" }).waitFor();
    await page.keyboard.press("Enter");
    await said(page, /put into Album\.$/);
    await library(page).getByRole("link", { name: /^Album/ }).click();
    await until("four files", async () => (await names(page)).filter((name) => name.endsWith(".txt")).length === 4);
    const order = async () => (await names(page)).filter((name) => name.endsWith(".txt")).join(" ");
    const [first] = (await order()).split(" ");
    await row(page, first).click();
    await page.keyboard.press("Alt+Shift+ArrowDown");
    await until("it to stand second", async () => (await order()).split(" ")[1] === first);
    await row(page, first).locator("[data-handle]").dragTo(list(page).getByRole("row").last());
    await until("it to stand last", async () => (await order()).split(" ").at(-1) === first);
    await accessible(page, "a collection");
    await fitsPhones(page, "a collection");
  },
};
