// How the page looks: both themes, names for screen readers, small screens.
import { join } from "node:path";
import { nameless, ok, poorContrast, sidewaysScroll } from "./checks.mjs";
import { goTo, row } from "./page.mjs";

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
export const themeSteps = {
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
};
