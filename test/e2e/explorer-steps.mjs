// The explorer itself: commands, keys, tabs, two sides, and the ways to look at a folder.
import { join } from "node:path";
import { ok, until } from "./checks.mjs";
import { contrasts, fitsPhones, goTo, list, names, row, selected } from "./page.mjs";

const place = (page) => page.locator("nav[aria-label=Path] [aria-current=location]").textContent();
const chosen = (page) => list(page).locator("[aria-selected=true]").count();

export const explorerSteps = {
  "palette: a place, a command and a setting, by a few letters": async ({ page, tree }) => {
    await goTo(page, join(tree.root, "Photos"));
    await page.keyboard.press("Control+k");
    const palette = page.getByRole("dialog", { name: "Commands" });
    await palette.getByRole("option").first().waitFor();
    await contrasts(page, "the palette");
    await fitsPhones(page, "the palette");
    await page.keyboard.type("overv");
    await palette.getByRole("option", { name: "Overview" }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    await page.keyboard.press("Control+k");
    await page.keyboard.type(join(tree.root, "Music"));
    await page.keyboard.press("Enter");
    await row(page, "Sea shanty.txt").waitFor();
    await page.keyboard.press("Control+k");
    await page.keyboard.type("theme dark");
    await page.keyboard.press("Enter");
    await until("the dark theme", async () => (await page.evaluate(() => document.documentElement.dataset.theme)) === "dark");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("theme system");
    await page.keyboard.press("Enter");
    await until("the system's theme", async () => (await page.evaluate(() => document.documentElement.dataset.theme)) === undefined);
    await page.keyboard.press("Control+k");
    await page.keyboard.press("Escape");
    await palette.waitFor({ state: "detached" });
  },

  "path: what is typed is completed": async ({ page, tree }) => {
    await page.keyboard.press("F4");
    await page.getByRole("combobox", { name: "Path" }).fill(join(tree.root, "docu"));
    await page.getByRole("option", { name: "Documents" }).waitFor();
    await page.keyboard.press("Tab");
    ok((await page.getByRole("combobox", { name: "Path" }).inputValue()) === `${join(tree.root, "Documents")}/`, "Tab does not complete the path");
    await page.getByRole("option", { name: "Deep" }).waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await row(page, "Deeper").waitFor();
  },

  "keys: a command gets other keys, and its own again": async ({ page }) => {
    await page.keyboard.press("?");
    const sheet = page.getByRole("dialog", { name: "Keyboard shortcuts" });
    await sheet.getByRole("button", { name: "Other keys for: Options of the view" }).click();
    await page.keyboard.press("Control+j");
    await sheet.getByText("Ctrl J").waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+j");
    await page.getByRole("region", { name: "Options of the view" }).waitFor();
    await contrasts(page, "options of the view");
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await sheet.getByRole("button", { name: "As it was: Options of the view" }).click();
    await sheet.getByText("Alt V").waitFor();
    await page.keyboard.press("Escape");
  },

  "select: all, the others, by Ctrl and Space, and by a frame": async ({ page, tree }) => {
    await goTo(page, join(tree.root, "Documents"));
    await list(page).focus();
    await page.keyboard.press("Control+a");
    const all = await chosen(page);
    ok(all > 3, "Ctrl-A does not select everything");
    await page.keyboard.press("Home");
    await page.keyboard.press("Control+Shift+a");
    ok((await chosen(page)) === all - 1, "what was not selected is not selected now");
    await page.keyboard.press("Home");
    await page.keyboard.press("Control+ArrowDown");
    await page.keyboard.press("Control+ArrowDown");
    await page.keyboard.press("Control+Space");
    ok((await chosen(page)) === 2, "Ctrl and Space do not add a row");
    const first = await row(page, "big.bin").boundingBox();
    const last = await row(page, "plan.md").last().boundingBox();
    const top = Math.min(first.y, last.y);
    const bottom = Math.max(first.y, last.y);
    await page.mouse.move(first.x + first.width - 20, top + 4);
    await page.mouse.down();
    await page.mouse.move(first.x + first.width - 60, bottom + 20, { steps: 6 });
    await page.mouse.up();
    const framed = await list(page).locator("[aria-selected=true] bdi").allTextContents();
    ok(framed.includes("big.bin") && framed.includes("plan.md") && framed.length >= 2 && framed.length < all, `the frame selected ${framed.join(", ")}`);
    await page.keyboard.press("Escape");
  },

  "views: columns are chosen, drawn wider, and stay with their folder": async ({ page, tree }) => {
    await goTo(page, join(tree.root, "Documents"));
    await page.keyboard.press("Alt+v");
    const options = page.getByRole("region", { name: "Options of the view" });
    await options.getByRole("checkbox", { name: "Permissions" }).check();
    await options.getByRole("checkbox", { name: "Kind" }).uncheck();
    await page.keyboard.press("Escape");
    await page.getByRole("columnheader", { name: "Permissions" }).waitFor();
    ok((await page.getByRole("columnheader", { name: "Kind" }).count()) === 0, "a column that was taken away is there");
    await row(page, "rw-r--r--").first().waitFor();
    const edge = page.getByRole("separator", { name: "Width of Size" });
    const before = Number(await edge.getAttribute("aria-valuenow"));
    await edge.focus();
    await page.keyboard.press("ArrowLeft");
    ok(Number(await edge.getAttribute("aria-valuenow")) === before + 16, "the arrows do not draw a column wider");
    await goTo(page, join(tree.root, "Photos"));
    await page.getByRole("columnheader", { name: "Kind" }).waitFor();
    await page.keyboard.press("Alt+ArrowLeft");
    await page.getByRole("columnheader", { name: "Permissions" }).waitFor();
  },

  "views: groups by kind, date and size": async ({ page, tree }) => {
    await goTo(page, join(tree.root, "Photos"));
    await page.keyboard.press("Alt+v");
    const group = page.getByRole("combobox", { name: "Group by" });
    await group.selectOption("kind");
    await list(page).getByText("PNG image", { exact: false }).first().waitFor();
    await group.selectOption("modified");
    await list(page).getByRole("gridcell", { name: /^Folders/ }).waitFor();
    await list(page).getByRole("gridcell", { name: /^In the last 7 days|^[A-Z][a-z]+ 20\d\d/ }).first().waitFor();
    await group.selectOption("size");
    await list(page).getByRole("gridcell", { name: /^Up to 10 kB/ }).waitFor();
    await list(page).focus();
    await page.keyboard.press("End");
    const last = await selected(page);
    await page.keyboard.press("ArrowUp");
    ok((await selected(page)) !== last, "the arrows do not walk through groups");
    await page.keyboard.press("Alt+v");
    await group.selectOption("none");
    await page.keyboard.press("Escape");
    await page.getByRole("columnheader", { name: "Name" }).getByRole("button").click();
  },

  "views: pictures have the size that one chooses": async ({ page }) => {
    await list(page).focus();
    await page.keyboard.press("Alt+2");
    const tile = list(page).locator("[role=gridcell][data-index]").first();
    await tile.waitFor();
    const before = (await tile.boundingBox()).height;
    await page.keyboard.press("Control+Shift+ArrowUp");
    await until("larger tiles", async () => (await tile.boundingBox()).height > before);
    ok(new URL(page.url()).searchParams.get("view") === "grid", "the address does not tell the view");
    await fitsPhones(page, "pictures");
    await page.keyboard.press("Control+Shift+ArrowDown");
    await page.keyboard.press("Alt+1");
    await until("the list", async () => (await list(page).getByRole("columnheader").count()) > 1);
  },

  "views: columns lead up and down by the arrows": async ({ page, tree }) => {
    await goTo(page, join(tree.root, "Documents"));
    await page.keyboard.press("Alt+3");
    await page.getByRole("group", { name: "Home" }).getByRole("button", { name: "Documents", pressed: undefined }).waitFor();
    await list(page).focus();
    await page.keyboard.press("Home");
    await page.getByRole("group", { name: "Deep" }).getByRole("button", { name: "Deeper" }).waitFor();
    await contrasts(page, "columns");
    await page.keyboard.press("ArrowRight");
    await until("the folder to the right", async () => (await place(page)) === "Deep");
    await until("its list to have the focus", () => list(page).evaluate((e) => e === document.activeElement));
    await page.keyboard.press("ArrowLeft");
    await until("the folder to the left", async () => (await place(page)) === "Documents");
    await fitsPhones(page, "columns");
    await page.keyboard.press("Alt+1");
  },

  "views: what takes the space, and into the largest": async ({ page, tree, fake }) => {
    if (fake) return; // it adds nothing up
    await goTo(page, tree.root);
    await page.keyboard.press("Alt+5");
    const boxes = page.getByRole("list", { name: "What takes the space" });
    const largest = boxes.getByRole("button").first();
    await largest.waitFor();
    ok((await largest.getAttribute("aria-label")).startsWith("Documents, 3.0 MB"), `the largest is ${await largest.getAttribute("aria-label")}`);
    await contrasts(page, "sizes");
    await fitsPhones(page, "sizes");
    await largest.focus();
    await page.keyboard.press("Enter");
    await until("the folder to open", async () => (await place(page)) === "Documents");
    await page.goBack();
    await boxes.waitFor();
    await page.keyboard.press("Alt+1");
    await row(page, "Documents").waitFor();
  },

  "views: photos by date": async ({ page, tree, fake }) => {
    if (fake) return; // its search knows no dates
    await goTo(page, join(tree.root, "Photos"));
    await page.keyboard.press("Alt+4");
    const photos = page.getByRole("grid", { name: "Photos by date" });
    await photos.getByText("No date in them").waitFor();
    await photos.focus();
    await page.keyboard.press("Home");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await fitsPhones(page, "photos by date");
    await page.keyboard.press("Alt+1");
    await row(page, "Skye ridge.png").waitFor();
  },

  "tabs: each has its own way back": async ({ page, tree }) => {
    await goTo(page, join(tree.root, "Documents"));
    await page.keyboard.press("Alt+t");
    const tabs = page.getByRole("tablist", { name: "Tabs" });
    await until("two tabs", async () => (await tabs.getByRole("tab").count()) === 2);
    await goTo(page, join(tree.root, "Music"));
    await row(page, "Sea shanty.txt").waitFor();
    await tabs.getByRole("tab", { name: "Music", selected: true }).waitFor();
    await contrasts(page, "tabs");
    await page.keyboard.press("Alt+,");
    await row(page, "plan.md").first().waitFor();
    await page.keyboard.press("Alt+.");
    await row(page, "Sea shanty.txt").waitFor();
    await page.keyboard.press("Alt+ArrowLeft");
    await row(page, "plan.md").first().waitFor();
    ok((await tabs.getByRole("tab").nth(1).getAttribute("aria-selected")) === "true", "going back left the tab");
    await page.keyboard.press("Alt+ArrowRight");
    await row(page, "Sea shanty.txt").waitFor();
    await page.reload();
    await row(page, "Sea shanty.txt").waitFor();
    ok((await tabs.getByRole("tab").count()) === 2, "the tabs are gone after a reload");
    await page.keyboard.press("Alt+w");
    await tabs.waitFor({ state: "detached" });
    await row(page, "plan.md").first().waitFor();
    await list(page).focus();
    await page.keyboard.press("Home");
    await page.keyboard.press("Control+Enter");
    await tabs.getByRole("tab", { name: "Deep" }).waitFor();
    await tabs.getByRole("tab", { name: "Deep" }).click();
    await row(page, "Deeper").waitFor();
    await fitsPhones(page, "tabs");
    await page.keyboard.press("Alt+w");
  },

  "split: two folders side by side, each with its own keys": async ({ page, tree }) => {
    await goTo(page, join(tree.root, "Documents"));
    await page.keyboard.press("F3");
    await until("two lists", async () => (await list(page).count()) === 2);
    const right = page.getByRole("region", { name: /, in use$/ });
    await page.keyboard.press("F4");
    await page.getByRole("combobox", { name: "Path" }).fill(join(tree.root, "Music"));
    await page.keyboard.press("Enter");
    await right.getByText("Sea shanty.txt").waitFor();
    await page.getByText("plan.md").first().waitFor();
    await contrasts(page, "two sides");
    const url = page.url();
    await page.keyboard.press("F6");
    await until("the other side to be in use", async () => (await right.getAttribute("aria-label"))?.startsWith("Documents") === true);
    await page.goto(url);
    await until("both sides after a reload", async () => (await list(page).count()) === 2);
    await page.getByText("Sea shanty.txt").waitFor();
    await fitsPhones(page, "two sides");
    await page.keyboard.press("F3");
    await until("one list", async () => (await list(page).count()) === 1);
    ok((await names(page)).length > 0, "the list is empty");
  },
};
