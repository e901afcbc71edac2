// What people make to keep order: rules, fields of their own, and sidebars.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { accessible } from "./axe.mjs";
import { ok, until } from "./checks.mjs";
import { contrasts, fitsPhones, goTo, list, names, row } from "./page.mjs";

const said = (page, words) => page.locator("[aria-live=polite]").getByText(words).last().waitFor();
const library = (page) => page.getByRole("navigation", { name: "Library" });
const dialog = (page, name) => page.getByRole("dialog", { name });
const group = (page, name) => library(page).getByRole("region", { name, exact: true });
const chips = (page) => page.getByRole("list", { name: "Tags", exact: true }).last();

/** Drags something to the upper edge of a line of the sidebar. */
async function dragBefore(page, from, onto) {
  await from.hover();
  await page.mouse.down();
  const { x, y } = await onto.boundingBox();
  for (const by of [20, 6, 3]) await page.mouse.move(x + 40, y + by);
  await page.mouse.up();
}

export const organiseSteps = {
  "organising: a rule is tried out before it is saved, and gives its tag": async ({ page, tree, fake }) => {
    if (fake) return;
    const desk = join(tree.root, "Ordered");
    mkdirSync(desk, { recursive: true });
    for (const name of ["offer one.offer", "offer two.offer", "letter.txt"]) writeFileSync(join(desk, name), `this is ${name}\n`);
    await goTo(page, desk);
    await row(page, "letter.txt").waitFor();
    await library(page).getByRole("link", { name: "Rules", exact: true }).click();
    await page.getByRole("heading", { name: "Rules" }).waitFor();
    await page.keyboard.press("F7");
    const form = dialog(page, "New rule");
    await form.getByLabel("Name", { exact: true }).fill("Offers");
    await form.getByRole("textbox", { name: /^What it looks for/ }).fill("ext:offer");
    await form.getByRole("combobox", { name: /^Tag/ }).fill("Business");
    await form.getByRole("status").getByText("2 things fit. 2 would get it.").waitFor();
    await form.getByRole("list", { name: "Some of them" }).getByText("offer one.offer").first().waitFor();
    await accessible(page, "a rule that is written");
    await contrasts(page, "a rule that is written");
    await form.getByRole("button", { name: "Save and apply" }).click();
    await said(page, "The rule Offers was made.");
    const card = page.getByRole("list", { name: "Rules" }).getByRole("listitem").filter({ hasText: "Offers" });
    await card.getByText("on 2 files").waitFor();
    await accessible(page, "the page of rules");
    await contrasts(page, "the page of rules");
    await fitsPhones(page, "the page of rules");
  },

  "organising: the details tell why a file has a tag": async ({ page, tree, fake }) => {
    if (fake) return;
    await goTo(page, join(tree.root, "Ordered"));
    await row(page, "offer one.offer").click();
    await chips(page).getByRole("button", { name: "Why it has Business" }).click();
    const why = dialog(page, "Why offer one.offer has Business");
    await why.getByText("The rule Offers gave it").waitFor();
    await why.getByText("ext:offer").waitFor();
    await accessible(page, "why a file has a tag");
    await page.keyboard.press("Escape");
    await why.waitFor({ state: "detached" });
  },

  "organising: a rule is paused, changed by keys, and deleted with what it gave kept": async ({ page, fake }) => {
    if (fake) return;
    await library(page).getByRole("link", { name: "Rules", exact: true }).click();
    const cards = page.getByRole("list", { name: "Rules" });
    await cards.getByRole("button", { name: "More for Offers" }).click();
    await page.getByRole("menuitem", { name: "Pause" }).click();
    await said(page, "Offers is paused: what it gave stays.");
    await cards.getByText("Paused").waitFor();
    await cards.getByRole("button", { name: "Offers", exact: true }).focus();
    await page.keyboard.press("F2");
    await dialog(page, "Offers").getByLabel("Name", { exact: true }).fill("All offers");
    await page.keyboard.press("Enter");
    await said(page, "The rule All offers was changed.");
    await cards.getByRole("button", { name: "All offers", exact: true }).focus();
    await page.keyboard.press("Delete");
    await page.getByRole("button", { name: "Delete it, and keep what it gave" }).click();
    await said(page, "The rule All offers was deleted.");
    await page.getByText("There are no rules yet").waitFor();
    await page.fill("[data-search]", "tag:Business");
    await page.keyboard.press("Shift+Enter");
    await until("its files", async () => (await names(page)).filter((name) => name.endsWith(".offer")).length === 2);
  },

  "organising: a field of one's own is made on the way, and set for several": async ({ page, tree, fake }) => {
    if (fake) return;
    await goTo(page, join(tree.root, "Ordered"));
    await row(page, "offer one.offer").click();
    await page.keyboard.press("Shift+ArrowDown");
    await page.keyboard.press("=");
    await dialog(page, "Set a field of 2 things").getByRole("combobox").fill("state");
    await page.getByRole("option", { name: "New field: state" }).waitFor();
    await page.keyboard.press("Enter");
    const form = dialog(page, "New field");
    await form.getByRole("textbox", { name: /^Shown as/ }).fill("State of it");
    await form.getByLabel("Its values are").selectOption("choice");
    await form.getByRole("textbox", { name: /^Choices/ }).fill("draft\nfinal");
    await accessible(page, "a field that is made");
    await form.getByRole("button", { name: "Save" }).click();
    const value = dialog(page, "State of it of 2 things");
    await value.getByLabel("State of it").selectOption("draft");
    await page.keyboard.press("Enter");
    await value.getByRole("button", { name: "Set", exact: true }).click().catch(() => undefined);
    await said(page, "2 things: State of it is draft now.");
    await row(page, "offer two.offer").click();
    await page.getByRole("button", { name: "State of it: draft. Change it" }).click();
    await dialog(page, "State of it of offer two.offer").getByLabel("State of it").selectOption("final");
    await page.getByRole("button", { name: "Set", exact: true }).click();
    await page.getByRole("button", { name: "State of it: final. Change it" }).waitFor();
    await accessible(page, "a file with a field");
    await contrasts(page, "a file with a field");
    ok(await list(page).isVisible(), "the list is gone");
  },

  "organising: a search is narrowed by a field, with numbers, and widened again": async ({ page, fake }) => {
    if (fake) return;
    await page.fill("[data-search]", "ext:offer");
    await page.keyboard.press("Shift+Enter");
    await until("both", async () => (await names(page)).filter((name) => name.endsWith(".offer")).length === 2);
    await page.getByRole("button", { name: "Filter by a field" }).click();
    await page.getByRole("option", { name: /^State of it/ }).click();
    const choice = dialog(page, "State of it").getByRole("option", { name: /^final/ });
    await choice.getByText("1", { exact: true }).waitFor();
    await accessible(page, "the values of a field");
    await choice.click();
    await until("the one", async () => (await names(page)).filter((name) => name.endsWith(".offer")).join() === "offer two.offer");
    await page.getByRole("button", { name: "Without: State of it: final" }).click();
    await until("both again", async () => (await names(page)).filter((name) => name.endsWith(".offer")).length === 2);
  },

  "organising: the page of fields changes and deletes them, and that is taken back": async ({ page, fake }) => {
    if (fake) return;
    await library(page).getByRole("link", { name: "Custom fields" }).click();
    const cards = page.getByRole("list", { name: "Custom fields" });
    await cards.getByRole("button", { name: "on 2 files" }).waitFor();
    await accessible(page, "the page of fields");
    await contrasts(page, "the page of fields");
    await fitsPhones(page, "the page of fields");
    await cards.getByRole("button", { name: "State of it", exact: true }).focus();
    await page.keyboard.press("Delete");
    await page.getByRole("button", { name: "Delete the field", exact: true }).click();
    await said(page, "The field State of it was deleted.");
    await page.getByText("There are no custom fields yet").waitFor();
    await page.keyboard.press("Control+z");
    await cards.getByRole("button", { name: "on 2 files" }).waitFor();
  },

  "organising: a folder is pinned by its key, and opened from the sidebar": async ({ page, tree, fake }) => {
    if (fake) return;
    await goTo(page, tree.root);
    await row(page, "Ordered").click();
    await page.keyboard.press("Alt+p");
    await said(page, "Ordered stands in the sidebar now.");
    const pinned = group(page, "Pinned");
    await pinned.getByRole("button", { name: "Ordered" }).click();
    await row(page, "offer one.offer").waitFor();
    ok((await pinned.getByRole("button", { name: "Ordered" }).getAttribute("aria-current")) === "page", "it does not tell where the page is");
    await group(page, "Volumes").getByRole("progressbar").first().waitFor();
    await accessible(page, "a sidebar with a group");
  },

  "organising: things are dragged onto the sidebar, and put in order by drag and by keys": async ({ page, fake }) => {
    if (fake) return;
    await page.setViewportSize({ width: 1280, height: 1300 }); // all of the sidebar is seen at once
    const pinned = group(page, "Pinned");
    const order = async () => (await pinned.getByRole("listitem").allTextContents()).map((text) => text.trim()).join();
    await group(page, "Tags").getByRole("button", { name: /^Business/ }).dragTo(pinned.getByRole("button", { name: "Pinned", exact: true }));
    await until("the tag", async () => (await order()) === "Ordered,Business");
    await page.fill("[data-search]", "ext:offer");
    await page.keyboard.press("Shift+Enter");
    await page.keyboard.press("Control+s");
    await page.getByRole("dialog").getByLabel("Name").fill("Every offer");
    await page.keyboard.press("Enter");
    const search = group(page, "Saved searches").getByRole("button", { name: "Every offer", exact: true });
    await search.waitFor();
    await dragBefore(page, search, pinned.getByRole("button", { name: "Ordered" }));
    await until("the search, first", async () => (await order()) === "Every offer,Ordered,Business");
    await dragBefore(page, pinned.getByRole("button", { name: "Business" }), pinned.getByRole("button", { name: "Every offer" }));
    await until("the tag, first", async () => (await order()) === "Business,Every offer,Ordered");
    await pinned.getByRole("button", { name: "Business" }).focus();
    await page.keyboard.press("Alt+ArrowDown");
    await until("it second", async () => (await order()) === "Every offer,Business,Ordered");
    await until("the focus to follow", () => page.evaluate(() => document.activeElement?.textContent?.trim() === "Business"));
    await page.keyboard.press("Alt+ArrowUp");
    await until("it first again", async () => (await order()) === "Business,Every offer,Ordered");
    await pinned.getByRole("button", { name: "Every offer" }).click();
    await until("what it finds", async () => (await names(page)).filter((name) => name.endsWith(".offer")).length === 2);
    await row(page, "offer one.offer").locator("[data-handle]").dragTo(pinned.getByRole("button", { name: "Business" }));
    await said(page, "It was so already.");
    await page.setViewportSize({ width: 1280, height: 800 });
  },

  "organising: a line is renamed there, taken out, and had back": async ({ page, fake }) => {
    if (fake) return;
    const pinned = group(page, "Pinned");
    await pinned.getByRole("button", { name: "Business" }).focus();
    await page.keyboard.press("F2");
    await page.getByRole("dialog", { name: "Business" }).getByRole("textbox").fill("Money");
    await page.keyboard.press("Enter");
    await pinned.getByRole("button", { name: "Money" }).waitFor();
    await group(page, "Tags").getByRole("button", { name: /^Business/ }).waitFor();
    await pinned.getByRole("button", { name: "Money" }).focus();
    await page.keyboard.press("Delete");
    await said(page, "Money was taken out of the sidebar.");
    await pinned.getByRole("button", { name: "Money" }).waitFor({ state: "detached" });
    await group(page, "Tags").getByRole("button", { name: /^Business/ }).waitFor();
    await page.getByRole("button", { name: "Undo" }).last().click();
    await pinned.getByRole("button", { name: "Money" }).waitFor();
  },

  "organising: groups are made, moved by keys, folded and renamed": async ({ page, fake }) => {
    if (fake) return;
    await library(page).getByRole("button", { name: "Pinned", exact: true }).click({ button: "right" });
    await page.getByRole("menuitem", { name: "New group…" }).click();
    await page.getByRole("dialog", { name: "New group" }).getByLabel("Name", { exact: true }).fill("Later");
    await accessible(page, "a group that is made");
    await page.keyboard.press("Enter");
    const titles = async () => (await library(page).locator("h2 button").allTextContents()).join();
    await until("the group", async () => (await titles()).startsWith("Later,"));
    await group(page, "Later").getByRole("button", { name: "Add to this group: Later" }).click();
    await page.getByRole("dialog", { name: "Add to the sidebar" }).getByRole("combobox").fill("Home");
    await page.getByRole("option").filter({ hasText: "Location" }).first().waitFor();
    await accessible(page, "what can be added to a sidebar");
    await page.getByRole("option").filter({ hasText: "Location" }).first().click();
    await group(page, "Later").getByRole("button", { name: "Home" }).waitFor();
    await library(page).getByRole("button", { name: "Later", exact: true }).focus();
    await page.keyboard.press("Alt+ArrowDown");
    await until("it second", async () => (await titles()).split(",")[1] === "Later");
    await until("the focus to follow", () => page.evaluate(() => document.activeElement?.textContent?.trim() === "Later"));
    await page.keyboard.press("ArrowLeft");
    await group(page, "Later").getByRole("button", { name: "Home" }).waitFor({ state: "detached" });
    await page.keyboard.press("ArrowRight");
    await group(page, "Later").getByRole("button", { name: "Home" }).waitFor();
    await page.keyboard.press("Delete");
    await said(page, "The group Later was taken away.");
  },

  "organising: another sidebar is made, shown by key, by the palette and by the menu, and deleted": async ({ page, fake }) => {
    if (fake) return;
    await page.getByRole("button", { name: "Sidebar: Home" }).click();
    await page.getByRole("menuitem", { name: "New sidebar…" }).click();
    const form = page.getByRole("dialog", { name: "New sidebar" });
    await form.getByLabel("Name", { exact: true }).fill("Work");
    await form.getByLabel("It begins with").selectOption("");
    await form.getByRole("radio", { name: "Blue" }).click();
    await accessible(page, "a sidebar that is made");
    await contrasts(page, "a sidebar that is made");
    await form.getByRole("button", { name: "Save" }).click();
    await page.getByRole("button", { name: "Sidebar: Work" }).waitFor();
    await library(page).getByText("Nothing stands here yet.").waitFor();
    await library(page).getByRole("link", { name: "Overview" }).waitFor();
    await list(page).focus();
    await page.keyboard.press("Alt+s");
    await page.getByRole("button", { name: "Sidebar: Home" }).waitFor();
    await group(page, "Pinned").waitFor();
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Command, place or setting" }).fill("sidebar work");
    await page.getByRole("option", { name: "Sidebar: Work" }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Sidebar: Work" }).click();
    await page.getByRole("menuitem", { name: /^Home/ }).click();
    await group(page, "Pinned").waitFor();
    await page.reload();
    await group(page, "Pinned").waitFor();
    await page.keyboard.press("Alt+Shift+s");
    await page.getByRole("button", { name: "Sidebar: Work" }).click();
    await page.getByRole("menuitem", { name: "Delete this sidebar…" }).click();
    await page.getByRole("button", { name: "Delete the sidebar", exact: true }).click();
    await said(page, "The sidebar Work was deleted.");
    await group(page, "Pinned").waitFor();
  },

  "organising: the sidebar is walked by keys, fits phones, and is put back as it was made": async ({ page, fake }) => {
    if (fake) return;
    await page.keyboard.press("Alt+b");
    await until("the focus in the sidebar", () => page.evaluate(() => document.activeElement?.closest("[data-sidebar]") !== null));
    await page.keyboard.press("Home");
    await until("the first line", () => page.evaluate(() => document.activeElement?.textContent?.trim() === "Overview"));
    await page.keyboard.press("ArrowDown");
    await until("the second", () => page.evaluate(() => document.activeElement?.textContent?.trim() === "Pinned"));
    await contrasts(page, "a sidebar with a group");
    await page.setViewportSize({ width: 360, height: 720 });
    await page.getByRole("button", { name: "Show the sidebar" }).click();
    const drawn = page.getByRole("dialog", { name: "Sidebar" });
    await drawn.getByRole("region", { name: "Pinned" }).waitFor();
    await accessible(page, "the sidebar on a phone");
    await drawn.getByRole("region", { name: "Pinned" }).getByRole("button", { name: "Ordered" }).click();
    await row(page, "offer one.offer").waitFor();
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.getByRole("button", { name: "Sidebar: Home" }).click();
    await page.getByRole("menuitem", { name: "Put it back as it was made…" }).click();
    await page.getByRole("button", { name: "Put it back", exact: true }).click();
    await said(page, "The sidebar Home is as it was made.");
    await group(page, "Pinned").waitFor({ state: "detached" });
  },

  "organising: Undo in what was said takes back just that, whatever was done since": async ({ page, tree, fake }) => {
    if (fake) return;
    await goTo(page, join(tree.root, "Ordered"));
    await row(page, "letter.txt").click();
    await library(page).getByRole("link", { name: "All tags" }).click();
    await page.getByRole("main").getByRole("button", { name: "New tag" }).first().click();
    await page.getByRole("dialog").getByLabel("Name", { exact: true }).fill("First");
    await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    const first = page.locator("[aria-live=polite] > div").filter({ hasText: "The tag First was made." });
    await first.waitFor();
    await page.getByRole("main").getByRole("button", { name: "New tag" }).first().click();
    await page.getByRole("dialog").getByLabel("Name", { exact: true }).fill("Second");
    await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await page.getByRole("treeitem", { name: "Second" }).waitFor();
    await first.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("treeitem", { name: "First" }).waitFor({ state: "detached" });
    ok(await page.getByRole("treeitem", { name: "Second" }).isVisible(), "another change was taken back");
  },

  "organising: a note that two devices wrote shows both texts, and one is taken": async ({ page, tree, fake }) => {
    if (fake) return;
    await goTo(page, join(tree.root, "Ordered"));
    const notes = [{ text: "from the **laptop**", device: "k3q7x9m2p4a5z", at: new Date().toISOString(), own: true }, { text: "from the desk", device: "k3q7x9m2p4a5y", at: new Date().toISOString() }];
    // There is one device here: what two have written is put into the answer.
    await page.route("**/v1/op/organize.of", async (route) => {
      const response = await route.fetch();
      const about = await response.json();
      await route.fulfill({ response, json: { ...about, ...((about.note ?? "") === "" && { note: "from the laptop\n\n---\n\nfrom the desk", notes }) } });
    });
    await row(page, "letter.txt").click();
    const note = page.getByRole("region", { name: "Note" });
    await note.getByText("This note was written in 2 places at the same time.").waitFor();
    await note.locator("strong").filter({ hasText: "laptop" }).waitFor();
    await accessible(page, "two texts of a note");
    await contrasts(page, "two texts of a note");
    await note.getByRole("button", { name: "Put them into one…" }).click();
    ok((await page.getByRole("textbox", { name: "Note" }).inputValue()).includes("from the desk"), "a text is lost");
    await page.getByRole("button", { name: "Leave it" }).click();
    await note.getByRole("button", { name: /^Take this one: Written on another device/ }).click();
    await said(page, "letter.txt: the note was saved.");
    await page.unroute("**/v1/op/organize.of");
    await note.getByText("from the desk").waitFor();
    ok((await note.getByText("2 places").count()) === 0, "the note is still in conflict");
  },
};
