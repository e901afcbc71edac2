// What a person does, in order; each step leaves the page where the next can begin.
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nameless, ok, poorContrast, sidewaysScroll, until } from "./checks.mjs";
import { goTo, list, names, row, selected } from "./page.mjs";
import { changeSteps } from "./change-steps.mjs";
import { explorerSteps } from "./explorer-steps.mjs";
import { lookSteps } from "./look-steps.mjs";
import { mediaSteps } from "./media-steps.mjs";
import { searchSteps } from "./search-steps.mjs";
import { uploadSteps } from "./upload-steps.mjs";
import { tagSteps } from "./tag-steps.mjs";
import { many, reversed } from "./tree.mjs";

/** What is looked at in both themes: [name, how to get there, how to get back]. */
const scenes = (page) => {
  const escape = () => page.keyboard.press("Escape");
  const press = (keys) => () => page.keyboard.press(keys);
  const nothing = async () => undefined;
  return [
    ["a folder", nothing, nothing],
    ["shortcuts", press("?"), escape],
    ["jobs", () => page.locator("[aria-controls=jobs]").click(), escape],
    ["search", () => page.fill("[data-search]", "record"), () => page.fill("[data-search]", "").then(escape)],
    ["adding a location", () => page.getByRole("button", { name: "Add a location" }).first().click(), escape],
    ["a menu", () => row(page, "plan.md").click({ button: "right" }), escape],
    ["the overview", () => page.getByRole("link", { name: "Overview" }).click(), () => page.goBack().then(() => row(page, "plan.md").click())],
  ];
};

export const steps = {
  "login: without a session the page tells how to get a link": async ({ page, daemon, watchman }) => {
    watchman.allow(/401/);
    await page.goto(daemon.origin);
    await page.getByText("stardrive open", { exact: true }).waitFor();
    ok((await nameless(page)).length === 0, "something has no name");
  },

  "login: a link works once, and leaves no trace in the address": async ({ page, context, daemon, watchman }) => {
    await page.goto("about:blank");
    await page.goto(daemon.link);
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    ok(!page.url().includes("login"), `the token is still in the address: ${page.url()}`);
    const cookies = await context.cookies();
    ok(cookies.every((c) => c.httpOnly && c.sameSite === "Strict" && c.secure), "the session's cookie can be read or sent along");
    const other = await (await page.context().browser().newContext()).newPage();
    watchman.allow(/401/);
    await other.goto(daemon.link);
    await other.getByText("stardrive open", { exact: true }).waitFor();
    await other.getByRole("alert").waitFor();
    ok(!other.url().includes("login"), "the used token is still in the address");
    await other.context().close();
  },

  "login: a browser that drops Secure cookies without TLS gets in, and stays": async ({ page, watchman, fake }) => {
    if (fake) return; // it gives no second link
    watchman.allow(/401/);
    const { url } = await page.evaluate(async () => {
      const init = { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" };
      return (await fetch("/v1/op/daemon.login_link", init)).json();
    });
    const context = await page.context().browser().newContext();
    await context.route("**/v1/login", async (route) => {
      const response = await route.fetch();
      await context.clearCookies({ name: /^__Host-/ });
      const headers = { ...response.headers() };
      if (headers["set-cookie"]?.includes("Secure")) delete headers["set-cookie"];
      await route.fulfill({ response, headers });
    });
    const safari = await context.newPage();
    await safari.goto(url);
    await safari.getByRole("heading", { name: "Overview" }).waitFor();
    await safari.reload();
    await safari.getByRole("heading", { name: "Overview" }).waitFor();
    const cookies = await context.cookies();
    ok(cookies.length === 1 && cookies[0].httpOnly && cookies[0].sameSite === "Strict" && !cookies[0].name.startsWith("__"), `cookies: ${JSON.stringify(cookies.map((c) => c.name))}`);
    await context.close();
  },

  "login: a browser that keeps no cookie at all is told so": async ({ page, watchman, fake }) => {
    if (fake) return;
    watchman.allow(/401/);
    const { url } = await page.evaluate(async () => {
      const init = { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" };
      return (await fetch("/v1/op/daemon.login_link", init)).json();
    });
    const context = await page.context().browser().newContext();
    await context.route("**/v1/login", async (route) => {
      const response = await route.fetch();
      await context.clearCookies();
      const headers = { ...response.headers() };
      delete headers["set-cookie"];
      await route.fulfill({ response, headers });
    });
    const other = await context.newPage();
    await other.goto(url);
    await other.getByRole("alert").filter({ hasText: "does not keep the cookie" }).waitFor();
    await context.close();
  },

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

  ...changeSteps,

  ...uploadSteps,
  ...tagSteps,

  ...mediaSteps,

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

  "looks: dark and light, both with enough contrast": async ({ page, tree }) => {
    await goTo(page, join(tree.root, "Documents"));
    await row(page, "plan.md").click();
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const grounds = [];
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      await page.waitForTimeout(300);
      grounds.push(await ground());
      for (const [scene, enter, leave] of scenes(page)) {
        await enter();
        await page.waitForTimeout(200);
        const poor = await poorContrast(page);
        ok(poor.length === 0, `too little contrast (${colorScheme}, ${scene}):\n${poor.join("\n")}`);
        await leave();
      }
    }
    ok(grounds[0] !== grounds[1], "dark looks like light");
    await page.getByRole("button", { name: /^Theme/ }).click(); // light, whatever the system says
    ok((await ground()) === grounds[0], "the chosen theme does not hold");
    await page.reload();
    await row(page, "plan.md").waitFor();
    ok((await ground()) === grounds[0], "the chosen theme is forgotten");
    await page.getByRole("button", { name: /^Theme/ }).click();
    await page.getByRole("button", { name: /^Theme/ }).click();
    await page.emulateMedia({ colorScheme: "light" });
  },

  "looks: everything has a name for screen readers": async ({ page }) => {
    const lacking = await nameless(page);
    ok(lacking.length === 0, `without a name:\n${lacking.join("\n")}`);
  },

  "looks: 360 pixels wide": async ({ page }) => {
    await page.setViewportSize({ width: 360, height: 720 });
    await row(page, "plan.md").waitFor();
    ok((await sidewaysScroll(page)) <= 0, "the page scrolls sideways");
    await page.getByRole("button", { name: "Show the sidebar" }).click();
    await page.getByRole("dialog", { name: "Sidebar" }).getByText("Overview").click();
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    ok((await sidewaysScroll(page)) <= 0, "the overview scrolls sideways");
    await page.goBack();
    await row(page, "plan.md").click();
    await page.getByRole("button", { name: "Details" }).click();
    await page.getByRole("complementary", { name: "Details" }).waitFor();
    await page.getByRole("button", { name: "Hide details" }).click();
    await page.setViewportSize({ width: 1280, height: 800 });
  },

  "offline: the page says when the daemon is gone": async ({ page, daemon, watchman }) => {
    watchman.allow(/./);
    await daemon.kill();
    await page.getByText("Stardrive is not answering").waitFor();
    ok((await list(page).getByRole("row").count()) > 1, "what was loaded is gone");
  },
};
