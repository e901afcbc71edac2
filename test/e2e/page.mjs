// Ways about the page that the steps share.
import { nameless, ok, poorContrast, settled, sidewaysScroll } from "./checks.mjs";

export const list = (page) => page.locator("[data-entry-list]");
export const row = (page, name) => list(page).getByRole("row").filter({ hasText: name });
export const names = (page) => list(page).locator("[data-index] bdi").allTextContents();
export const selected = (page) => list(page).locator("[aria-selected=true] bdi").first().textContent();

/** What browsers log of a preview whose file is moved at that moment. */
export const onItsWay = [/status of 404/, /frame-ancestors/];

/** Goes to a folder by typing its path. */
export async function goTo(page, path) {
  if (new URL(page.url()).pathname !== "/browse") {
    await page.getByRole("navigation", { name: "Library" }).locator("button[title*='Home']").first().click();
    await list(page).waitFor();
  }
  await page.keyboard.press("F4");
  await page.getByRole("combobox", { name: "Path" }).fill(path);
  await page.keyboard.press("Enter");
  await page.locator("nav[aria-label=Path] [aria-current=location]").filter({ hasText: path.split("/").pop() }).waitFor();
}

/** Fails where a text has too little contrast, in either theme. */
export async function contrasts(page, scene) {
  for (const colorScheme of ["dark", "light"]) {
    await page.emulateMedia({ colorScheme });
    await page.waitForTimeout(250); // until nothing fades any more, which takes longer on a busy machine
    await settled(page);
    const poor = await poorContrast(page);
    ok(poor.length === 0, `too little contrast (${colorScheme}, ${scene}):\n${poor.join("\n")}`);
  }
}

/** Fails where the page does not fit a small phone, or something on it has no name. */
export async function fitsPhones(page, scene) {
  await page.setViewportSize({ width: 360, height: 720 });
  await page.waitForTimeout(150);
  ok((await sidewaysScroll(page)) <= 0, `${scene} scrolls sideways at 360 pixels`);
  const lacking = await nameless(page);
  await page.setViewportSize({ width: 1280, height: 800 });
  ok(lacking.length === 0, `without a name (${scene}):\n${lacking.join("\n")}`);
}
