// Changes of files, from the plan that is shown to the end, on the disk and back.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ok, until } from "./checks.mjs";
import { contrasts, fitsPhones, goTo, list, names, onItsWay, row, selected } from "./page.mjs";

const sheet = (page) => page.getByRole("dialog").filter({ has: page.getByRole("region", { name: "What will be done" }) });
const approve = async (page) => {
  await sheet(page).getByRole("region", { name: "What will be done" }).getByRole("listitem").first().waitFor();
  await page.keyboard.press("Enter");
  await sheet(page).waitFor({ state: "detached" });
};
const gone = (page, name) => row(page, name).waitFor({ state: "detached" });

export const changeSteps = {
  "change: a folder of one's own is made, and shown": async ({ page, tree, fake, watchman }) => {
    if (fake) return;
    watchman.allow(...onItsWay); // it changes nothing
    const desk = join(tree.root, "Desk");
    mkdirSync(join(desk, "Out"), { recursive: true });
    for (const name of ["a.txt", "b.txt", "c.txt", "keep.txt"]) writeFileSync(join(desk, name), `this is ${name}\n`);
    writeFileSync(join(desk, "Out", "a.txt"), "another a\n");
    await goTo(page, desk);
    await row(page, "keep.txt").waitFor();
    await list(page).focus();
    await page.keyboard.press("F7");
    const dialog = page.getByRole("dialog", { name: "New folder" });
    await page.keyboard.type("what? #1 100%");
    await page.keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
    await row(page, "what? #1 100%").waitFor();
    await until("the folder on the disk", () => existsSync(join(desk, "what? #1 100%")));
    await until("it to be selected", async () => (await selected(page).catch(() => "")) === "what? #1 100%");
  },

  "change: F2 changes a name in its place, and Ctrl Z takes that back": async ({ page, tree, fake, watchman }) => {
    if (fake) return;
    watchman.allow(...onItsWay);
    await row(page, "b.txt").click();
    await page.keyboard.press("F2");
    const field = page.getByRole("textbox", { name: "New name" });
    ok((await field.evaluate((e) => e.value.slice(e.selectionStart, e.selectionEnd))) === "b", "the extension is selected, too");
    await page.keyboard.type("renamed");
    await page.keyboard.press("Enter");
    await row(page, "renamed.txt").waitFor();
    ok(readFileSync(join(tree.root, "Desk", "renamed.txt"), "utf8") === "this is b.txt\n", "the file is another one");
    await page.getByText(/^Done: Rename b/).waitFor();
    ok(await list(page).evaluate((e) => e === document.activeElement), "the list lost the focus");
    await page.keyboard.press("Control+z");
    await row(page, "b.txt").waitFor();
    await gone(page, "renamed.txt");
    ok(existsSync(join(tree.root, "Desk", "b.txt")), "it was not renamed back");
  },

  "change: cut and paste moves, after its plan was shown": async ({ page, tree, fake, watchman }) => {
    if (fake) return;
    watchman.allow(...onItsWay);
    await row(page, "c.txt").click();
    await page.keyboard.press("Control+x");
    await row(page, "Out").dblclick();
    await until("the folder to open", async () => (await names(page)).includes("a.txt") && !(await names(page)).includes("keep.txt"));
    await page.keyboard.press("Control+v");
    await row(page, "c.txt").waitFor();
    ok(existsSync(join(tree.root, "Desk", "Out", "c.txt")) && !existsSync(join(tree.root, "Desk", "c.txt")), "it was not moved");
    await page.keyboard.press("Backspace");
    await row(page, "keep.txt").waitFor();
    await gone(page, "c.txt");
  },

  "change: a copy onto the same name asks, keeps both, and is undone from the toast": async ({ page, tree, fake, watchman }) => {
    if (fake) return;
    watchman.allow(...onItsWay);
    await row(page, "a.txt").click();
    await page.keyboard.press("Control+c");
    await row(page, "Out").dblclick();
    await row(page, "c.txt").waitFor();
    await page.keyboard.press("Control+v");
    const plan = sheet(page);
    await plan.getByText("is there already").first().waitFor();
    ok(await plan.getByRole("button", { name: "Do it" }).isDisabled(), "a conflict can be passed over");
    await contrasts(page, "a plan");
    await fitsPhones(page, "a plan");
    await plan.getByRole("button", { name: "All: Keep both" }).click();
    await until("the plan to be ready", () => plan.getByRole("button", { name: "Do it" }).isEnabled());
    await plan.getByRole("button", { name: "Do it" }).click();
    await row(page, "a (2).txt").waitFor();
    const out = join(tree.root, "Desk", "Out");
    ok(readFileSync(join(out, "a.txt"), "utf8") === "another a\n" && readFileSync(join(out, "a (2).txt"), "utf8") === "this is a.txt\n", "not both were kept");
    await page.locator("[aria-live=polite]").getByRole("button", { name: "Undo" }).last().click();
    await gone(page, "a (2).txt");
    await until("the copy to go", () => !existsSync(join(out, "a (2).txt")));
  },

  "change: many names by a pattern": async ({ page, tree, fake, watchman }) => {
    if (fake) return;
    watchman.allow(...onItsWay);
    await page.keyboard.press("Backspace");
    await row(page, "keep.txt").waitFor();
    await row(page, "a.txt").click();
    await row(page, "keep.txt").click({ modifiers: ["Shift"] });
    await page.keyboard.press("F2");
    const dialog = page.getByRole("dialog", { name: /^Rename \d things/ });
    await dialog.getByRole("textbox", { name: "Put in its place" }).fill("note ");
    await dialog.getByRole("button", { name: "{n3}" }).click();
    await page.keyboard.press("Enter");
    await approve(page);
    await row(page, "note 001.txt").waitFor();
    ok(readdirSync(join(tree.root, "Desk")).filter((name) => /^note \d{3}\.txt$/.test(name)).length === 3, `there is ${readdirSync(join(tree.root, "Desk")).join(", ")}`);
    await page.keyboard.press("Control+z");
    await row(page, "keep.txt").waitFor();
  },

  "change: Delete goes to the trash, and the trash gives it back": async ({ page, tree, fake, watchman }) => {
    if (fake) return;
    watchman.allow(...onItsWay);
    const file = join(tree.root, "Desk", "keep.txt");
    await row(page, "keep.txt").click();
    await page.keyboard.press("Delete");
    await approve(page);
    await gone(page, "keep.txt");
    ok(!existsSync(file), "it is still there");
    await page.getByRole("link", { name: "Trash" }).click();
    const trash = page.getByRole("list", { name: "In the trash" });
    await trash.getByRole("checkbox", { name: "keep.txt" }).first().check();
    await contrasts(page, "the trash");
    await fitsPhones(page, "the trash");
    await page.getByRole("button", { name: "Bring back" }).click();
    await until("the file to be back", () => existsSync(file));
    await page.getByText(/^Done: Restore/).last().waitFor();
    ok(readFileSync(file, "utf8") === "this is keep.txt\n", "it is another file");
  },

  "change: Shift Delete wants its phrase typed": async ({ page, tree, fake, watchman }) => {
    if (fake) return;
    watchman.allow(...onItsWay);
    const desk = join(tree.root, "Desk");
    writeFileSync(join(desk, "secret.txt"), `only here ${Math.PI}\n`);
    await goTo(page, desk);
    await row(page, "secret.txt").click();
    await page.keyboard.press("Shift+Delete");
    const plan = sheet(page);
    const yes = plan.getByRole("button", { name: "Delete for good" });
    await yes.waitFor();
    ok(await yes.isDisabled(), "it can be deleted without a word");
    const phrase = await plan.locator("strong").textContent();
    await plan.getByRole("textbox").fill("delete");
    ok(await yes.isDisabled(), "half a phrase is enough");
    await plan.getByRole("textbox").fill(phrase);
    await page.keyboard.press("Enter");
    await gone(page, "secret.txt");
    ok(!existsSync(join(desk, "secret.txt")), "it is still there");
  },

  "change: what was done is listed, and taken back from there": async ({ page, tree, fake, watchman }) => {
    if (fake) return;
    watchman.allow(...onItsWay);
    await page.getByRole("link", { name: "History" }).click();
    const done = page.getByRole("list", { name: "What was done" });
    await done.getByText(/^Done: .*secret\.txt/).waitFor();
    await contrasts(page, "the history");
    await fitsPhones(page, "the history");
    const moved = done.getByRole("listitem").filter({ hasText: /^Done: Move c\.txt/ }).first();
    await moved.getByRole("button", { name: "Undo" }).click();
    await until("the file to be back where it was", () => existsSync(join(tree.root, "Desk", "c.txt")));
    await moved.getByText("taken back since").waitFor();
  },

  "change: dragging a file onto a folder moves it, with Ctrl it copies": async ({ page, tree, fake, watchman }) => {
    if (fake) return;
    watchman.allow(...onItsWay);
    const desk = join(tree.root, "Desk");
    await goTo(page, desk);
    await row(page, "c.txt").locator("[data-handle]").dragTo(row(page, "Out"));
    await gone(page, "c.txt");
    await until("the file to be moved", () => existsSync(join(desk, "Out", "c.txt")));
    await page.keyboard.press("Control+z");
    await row(page, "c.txt").waitFor();
    await row(page, "c.txt").click({ button: "right" });
    await page.getByRole("menuitem", { name: "Duplicate" }).click();
    await row(page, "c (2).txt").or(row(page, "c copy")).first().waitFor();
  },
};
