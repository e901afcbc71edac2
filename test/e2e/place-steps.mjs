// Locations and libraries: added, read again, with what is missing and with rules, and removed.
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nameless, ok, poorContrast, sidewaysScroll, until } from "./checks.mjs";
import { row } from "./page.mjs";

export const placeSteps = {
  "locations: one is added, read again and removed, and its files stay": async ({ page, tree }) => {
    const second = join(tree.top, "Second place");
    mkdirSync(second);
    writeFileSync(join(second, "only here.txt"), "stay\n");
    const sidebar = page.getByRole("navigation", { name: "Library" });
    await sidebar.getByRole("button", { name: "Add a location" }).click();
    const dialog = page.getByRole("dialog", { name: "Add a location" });
    await dialog.getByRole("textbox", { name: "Folder" }).fill(second);
    await dialog.getByRole("button", { name: "Add location" }).click();
    await row(page, "only here.txt").waitFor();
    const place = sidebar.getByRole("button", { name: /^Second place/ });
    await until("the index run to end", async () => (await place.getByRole("img", { name: "Up to date" }).count()) > 0);
    await place.click({ button: "right" });
    await page.getByRole("menuitem", { name: "Read again" }).click();
    await page.getByText("The location is being read again.").waitFor();
    await page.locator("[aria-controls=jobs]").click();
    await page.getByRole("region", { name: "Jobs" }).getByText("Done").first().waitFor();
    await page.keyboard.press("Escape");
    await place.click({ button: "right" });
    await page.getByRole("menuitem", { name: "Remove from the library…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove location" }).click();
    await place.waitFor({ state: "detached" });
    ok(existsSync(join(second, "only here.txt")), "the files of a removed location are gone");
  },

  "locations: when much is missing nothing is marked as gone until one says so": async ({ page, tree, fake }) => {
    if (fake) return; // it scans nothing
    const third = join(tree.top, "Fading place");
    mkdirSync(third);
    for (let i = 0; i < 300; i++) writeFileSync(join(third, `note ${String(i).padStart(3, "0")}.txt`), "n");
    const sidebar = page.getByRole("navigation", { name: "Library" });
    await sidebar.getByRole("button", { name: "Add a location" }).click();
    const dialog = page.getByRole("dialog", { name: "Add a location" });
    await dialog.getByRole("textbox", { name: "Folder" }).fill(third);
    await dialog.getByRole("button", { name: "Add location" }).click();
    const place = sidebar.getByRole("button", { name: /^Fading place/ });
    await until("the index run to end", async () => (await place.getByRole("img", { name: "Up to date" }).count()) > 0);
    await row(page, "note 007.txt").waitFor();
    for (let i = 0; i < 150; i++) rmSync(join(third, `note ${String(i).padStart(3, "0")}.txt`));

    // The banner comes by itself or by a scan; the entries stay.
    const banner = page.getByRole("region", { name: "Missing entries" });
    await place.click({ button: "right" });
    await page.getByRole("menuitem", { name: "Read again" }).click();
    await banner.getByText("150 entries of Fading place are missing.").waitFor();
    await place.getByRole("img", { name: "150 entries missing: you decide" }).waitFor();
    await row(page, "note 007.txt").waitFor();
    for (const colorScheme of ["dark", "light"]) {
      await page.emulateMedia({ colorScheme });
      await page.waitForTimeout(300);
      const poor = await poorContrast(page);
      ok(poor.length === 0, `too little contrast (${colorScheme}, the banner):\n${poor.join("\n")}`);
      await banner.getByRole("button", { name: "See what is missing…" }).click();
      const seen = page.getByRole("dialog", { name: "Missing in Fading place" });
      await seen.getByRole("list", { name: "What is missing" }).getByText("note 007.txt").waitFor();
      await page.waitForTimeout(200);
      const dim = await poorContrast(page);
      ok(dim.length === 0, `too little contrast (${colorScheme}, what is missing):\n${dim.join("\n")}`);
      await page.keyboard.press("Escape");
    }
    await page.setViewportSize({ width: 360, height: 720 });
    ok((await sidewaysScroll(page)) <= 0, "the banner scrolls sideways");
    await page.setViewportSize({ width: 1280, height: 800 });
    ok((await nameless(page)).length === 0, "something has no name");

    // It takes a second word, all by keys.
    await banner.getByRole("button", { name: "See what is missing…" }).focus();
    await page.keyboard.press("Enter");
    const ask = page.getByRole("dialog", { name: "Missing in Fading place" });
    const accept = ask.getByRole("button", { name: "Mark 150 entries as gone" });
    ok(await accept.isDisabled(), "it can be accepted without a second word");
    await ask.getByRole("checkbox").focus();
    await page.keyboard.press("Space");
    await accept.focus();
    await page.keyboard.press("Enter");
    await ask.waitFor({ state: "detached" });
    await banner.waitFor({ state: "detached" });
    await row(page, "note 007.txt").waitFor({ state: "detached" });
    await row(page, "note 150.txt").waitFor();
  },

  "locations: rules are listed, added and removed": async ({ page, tree, fake }) => {
    if (fake) return;
    const sidebar = page.getByRole("navigation", { name: "Library" });
    const place = sidebar.getByRole("button", { name: /^Fading place/ });
    writeFileSync(join(tree.top, "Fading place", "junk.tmp"), "j");
    await row(page, "junk.tmp").waitFor();
    await place.click({ button: "right" });
    await page.getByRole("menuitem", { name: "Rules and state…" }).click();
    const dialog = page.getByRole("dialog", { name: "Fading place" });
    await dialog.getByText("No rules: everything is indexed.").waitFor();
    await dialog.getByText(/^(All of it, live|Not watched|\d+ of \d+ folders, live)/).waitFor();
    await dialog.getByRole("textbox", { name: "Pattern" }).fill("*.tmp");
    await page.keyboard.press("Enter");
    const rules = dialog.getByRole("list", { name: "Rules" });
    await rules.getByText("*.tmp").waitFor();
    await dialog.getByRole("button", { name: /^developer/ }).focus();
    await page.keyboard.press("Enter");
    await until("the preset to stand in the list", async () => (await rules.getByRole("listitem").count()) === 2);
    ok(await dialog.getByRole("button", { name: /^developer/ }).isDisabled(), "a preset can be added twice");
    ok(await dialog.getByRole("button", { name: /^developer/ }).evaluate((e) => e === document.activeElement), "the preset has lost the focus");
    for (const colorScheme of ["dark", "light"]) {
      await page.emulateMedia({ colorScheme });
      await page.waitForTimeout(300);
      const poor = await poorContrast(page);
      ok(poor.length === 0, `too little contrast (${colorScheme}):\n${poor.join("\n")}`);
    }
    ok((await nameless(page)).length === 0, "something has no name");
    await page.setViewportSize({ width: 360, height: 720 });
    ok((await dialog.evaluate((e) => e.scrollWidth - e.clientWidth)) <= 0, "the panel scrolls sideways");
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.keyboard.press("Escape");
    await row(page, "junk.tmp").waitFor({ state: "detached" });
    await place.click({ button: "right" });
    await page.getByRole("menuitem", { name: "Rules and state…" }).click();
    await rules.getByRole("button", { name: /^Remove: .*tmp/ }).click();
    await until("the rule to go", async () => (await rules.getByRole("listitem").count()) === 1);
    await page.keyboard.press("Escape");
    await row(page, "junk.tmp").waitFor();
    await place.click({ button: "right" });
    await page.getByRole("menuitem", { name: "Remove from the library…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove location" }).click();
    await place.waitFor({ state: "detached" });
  },

  "locations: a folder that is not there is refused with words": async ({ page, tree, watchman }) => {
    watchman.allow(/40[04]|422/);
    await page.getByRole("button", { name: "Add a location" }).first().click();
    const dialog = page.getByRole("dialog", { name: "Add a location" });
    await dialog.getByRole("textbox", { name: "Folder" }).fill(join(tree.top, "No such place"));
    await dialog.getByRole("button", { name: "Add location" }).click();
    await dialog.getByRole("alert").waitFor();
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
  },

  "library: another one can be shown, and the first again": async ({ page, fake }) => {
    if (fake) return; // it has only one
    const made = await page.evaluate(async () => {
      const init = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ name: "Second library" }) };
      return (await fetch("/v1/op/library.create", init)).status;
    });
    ok(made === 200, `library.create answered ${made}`);
    await page.reload();
    await page.getByRole("button", { name: /^Home$/ }).click();
    await page.getByRole("menuitem", { name: "Second library" }).click();
    await page.getByText("Nothing is indexed yet").waitFor();
    await page.getByRole("button", { name: /^Second library$/ }).click();
    await page.getByRole("menuitem", { name: "Home" }).click();
    await page.getByRole("navigation", { name: "Library" }).getByRole("button", { name: /^Home/ }).first().waitFor();
  },
};
