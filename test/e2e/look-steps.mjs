// Looking into files: what browsers show, and what they do not.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { picture } from "../../web/dev/fake-content.mjs";
import { accessible } from "./axe.mjs";
import { ok, until } from "./checks.mjs";
import { contrasts, fitsPhones, goTo, list, row } from "./page.mjs";

const dialog = (page) => page.getByRole("dialog");
const close = async (page) => {
  await page.keyboard.press("Escape");
  await dialog(page).waitFor({ state: "detached" });
};

export const lookSteps = {
  "look: Space opens and closes, and a picture is looked at from near": async ({ page, tree }) => {
    await goTo(page, join(tree.root, "Photos"));
    await row(page, "Lighthouse.png").click();
    await page.keyboard.press("Space");
    const zoom = dialog(page).locator("[data-zoom]");
    await zoom.waitFor();
    await page.keyboard.press("+");
    await until("the picture to come nearer", async () => (await zoom.getAttribute("data-zoom")) === "1.50");
    await page.keyboard.press("r");
    await until("it to be turned", async () => (await zoom.getAttribute("data-turn")) === "90");
    await page.keyboard.press("0");
    await until("all of it", async () => (await zoom.getAttribute("data-zoom")) === "1.00");
    await fitsPhones(page, "a picture");
    await page.keyboard.press("Space");
    await dialog(page).waitFor({ state: "detached" });
    ok(await list(page).evaluate((e) => e === document.activeElement), "the list did not get the focus back");
  },

  "look: Markdown is read, and as it is written from its own origin": async ({ page, tree, fake }) => {
    if (fake) return; // it gives no stretches of bytes
    await goTo(page, join(tree.root, "Photos"));
    await row(page, "Trip to the islands.md").click();
    await page.keyboard.press("Space");
    await dialog(page).getByRole("heading", { name: "Trip", exact: true }).waitFor();
    await contrasts(page, "Markdown");
    await dialog(page).getByRole("combobox", { name: "Shown as" }).selectOption("text");
    await page.frameLocator("dialog iframe").getByText("# Trip").waitFor();
    await dialog(page).getByRole("combobox", { name: "Shown as" }).selectOption("bytes");
    await dialog(page).getByRole("table", { name: "Bytes" }).getByText("23 20 54 72 69 70").waitFor();
    await close(page);
  },

  "look: a table is a table": async ({ page, tree, fake }) => {
    if (fake) return;
    await row(page, "Contact sheet.csv").click();
    await page.keyboard.press("Space");
    await dialog(page).getByRole("columnheader", { name: "photo" }).waitFor();
    await fitsPhones(page, "a table");
    await close(page);
  },

  "look: what nothing shows is shown as bytes, to its end": async ({ page, tree, fake }) => {
    if (fake) return;
    await goTo(page, join(tree.root, "Documents"));
    await row(page, "big.bin").click();
    await page.keyboard.press("Space");
    const bytes = dialog(page).getByRole("table", { name: "Bytes" });
    await bytes.getByRole("rowheader", { name: "000000" }).waitFor();
    await contrasts(page, "bytes");
    await dialog(page).getByRole("button", { name: "The end" }).click();
    await bytes.getByRole("rowheader", { name: (3_000_000 - 16).toString(16) }).waitFor();
    await close(page);
  },

  "look: what is not indexed is looked into, too, from its own origin": async ({ page, tree, fake }) => {
    if (fake) return;
    const place = join(tree.top, "A stick");
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, "photo.png"), picture(8));
    writeFileSync(join(place, "note.txt"), "not indexed\n");
    writeFileSync(join(place, "read me.md"), "# Of a stick\n");
    writeFileSync(join(place, "page.html"), "<script>parent.hacked = 1</script>");
    await goTo(page, place);
    await row(page, "photo.png").click();
    await page.keyboard.press("Space");
    await until("the picture to be drawn", () => dialog(page).locator("img").evaluate((e) => e.naturalWidth > 0).catch(() => false));
    ok(new URL(await dialog(page).locator("img").getAttribute("src")).origin !== new URL(page.url()).origin, "the picture comes from the page's own origin");
    await close(page);
    await row(page, "note.txt").click();
    await page.keyboard.press("Space");
    await page.frameLocator("dialog iframe").getByText("not indexed").waitFor();
    await close(page);
    await row(page, "read me.md").click();
    await page.keyboard.press("Space");
    await dialog(page).getByRole("heading", { name: "Of a stick" }).waitFor();
    await close(page);
    await row(page, "page.html").click();
    await page.keyboard.press("Space");
    await dialog(page).locator("[data-code=xml]").getByText("parent.hacked").waitFor();
    await dialog(page).getByRole("combobox", { name: "Shown as" }).selectOption("text");
    await page.frameLocator("dialog iframe").getByText("parent.hacked").waitFor();
    ok(!(await page.evaluate(() => globalThis.hacked)), "a page that is not indexed ran");
    await close(page);
  },

  "look: a source text with its words told apart, long ones in stretches": async ({ page, tree, fake }) => {
    if (fake) return;
    const place = join(tree.root, "Sources");
    mkdirSync(place, { recursive: true });
    const line = 'func answer(n int) string { return "<img src=x onerror=globalThis.hacked=1>" } // why\n';
    writeFileSync(join(place, "main.go"), `package main\n\n${line}`);
    writeFileSync(join(place, "large.go"), `package large\n\n${line.repeat(2000)}// the end\n`);
    writeFileSync(join(place, "film.ts"), Buffer.from([0x47, 0x40, 0x00, 0x10, 0x00, 0xff]));
    await goTo(page, place);
    await row(page, "main.go").click();
    await page.keyboard.press("Space");
    const code = dialog(page).locator("[data-code=go]");
    await code.getByText("package", { exact: true }).waitFor();
    ok((await code.locator("span.text-kind-video").first().textContent()) === "package", "a keyword looks like all else");
    ok((await code.textContent()).includes("<img src=x onerror=globalThis.hacked=1>") && !(await page.evaluate(() => globalThis.hacked)), "markup in a source text is not text");
    await contrasts(page, "a source text");
    await accessible(page, "a source text");
    await fitsPhones(page, "a source text");
    await close(page);
    await row(page, "large.go").click();
    await page.keyboard.press("Space");
    await code.getByText("large", { exact: false }).first().waitFor();
    await dialog(page).getByRole("button", { name: "The end" }).click();
    await code.getByText("// the end").waitFor();
    await close(page);
    await row(page, "film.ts").click();
    await page.keyboard.press("Space");
    await dialog(page).getByText("what is in it is not").waitFor();
    await close(page);
  },

  "look: two pictures side by side, looked at from near in step": async ({ page, tree }) => {
    await goTo(page, join(tree.root, "Photos"));
    await row(page, "Cairngorms.png").click();
    await row(page, "Lighthouse.png").click({ modifiers: ["Control"] });
    await page.keyboard.press("Space");
    await dialog(page).getByRole("button", { name: "Compare with another picture" }).waitFor();
    await page.keyboard.press("c");
    const sides = dialog(page).getByRole("figure");
    await until("two pictures to be drawn", () => sides.locator("img").evaluateAll((all) => all.length === 2 && all.every((e) => e.naturalWidth > 0)));
    const names = async () => (await sides.locator("figcaption bdi").allTextContents()).join();
    const first = await names();
    ok(["Cairngorms.png,Lighthouse.png", "Lighthouse.png,Cairngorms.png"].includes(first), `compared are ${first}`);
    await page.keyboard.press("+");
    const zooms = async () => (await sides.locator("[data-zoom]").evaluateAll((all) => all.map((e) => e.dataset.zoom))).join();
    await until("both to come nearer", async () => (await zooms()) === "1.50,1.50");
    await page.keyboard.press("x");
    await until("them to change sides", async () => (await names()) === first.split(",").reverse().join());
    await contrasts(page, "two pictures");
    await accessible(page, "two pictures");
    await fitsPhones(page, "two pictures");
    await page.keyboard.press("Escape");
    await sides.first().waitFor({ state: "detached" });
    ok(await dialog(page).evaluate((e) => e.contains(document.activeElement)), "the focus is lost with what was compared");
    await close(page);
  },

  "look: a slideshow goes through the pictures, waits and ends": async ({ page }) => {
    await page.keyboard.press("Escape");
    await row(page, "Cairngorms.png").click();
    await page.keyboard.press("Space");
    await dialog(page).getByRole("button", { name: "Slideshow" }).waitFor();
    await page.keyboard.press("s");
    const show = dialog(page).locator("[data-slideshow]");
    await show.waitFor();
    const name = () => show.locator("bdi").last().textContent();
    await dialog(page).getByRole("combobox", { name: "Seconds for each picture" }).selectOption("3");
    await until("the next picture to come by itself", async () => (await name()) !== "Cairngorms.png");
    await show.focus();
    await page.keyboard.press("Space");
    await until("it to wait", async () => (await show.getAttribute("data-slideshow")) === "rests");
    const held = await name();
    await accessible(page, "a slideshow");
    ok((await name()) === held, "it goes on though it waits");
    await page.keyboard.press("ArrowLeft");
    await until("the picture before", async () => (await name()) === "Cairngorms.png");
    await page.keyboard.press("Escape");
    await show.waitFor({ state: "detached" });
    if ((await dialog(page).count()) > 0) await close(page);
  },

  "look: a folder tells what is in it": async ({ page, tree }) => {
    await goTo(page, tree.root);
    await row(page, "Documents").click();
    await page.keyboard.press("Space");
    await dialog(page).getByText(/\d files? and \d folders? in it/).waitFor();
    await close(page);
  },
};
