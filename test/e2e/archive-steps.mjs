// Archives as folders: gone through, looked into, unpacked in part.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { picture } from "../../web/dev/fake-content.mjs";
import { accessible } from "./axe.mjs";
import { ok, until } from "./checks.mjs";
import { contrasts, fitsPhones, goTo, list, row } from "./page.mjs";
import { hostile, reversed } from "./tree.mjs";

const shelf = ({ root }) => join(root, "Packed");
const dialog = (page) => page.getByRole("dialog").first();
const packed = (page) => dialog(page).getByRole("grid", { name: "In the archive" });
const line = (page, name) => packed(page).getByRole("row").filter({ hasText: name });
const cursor = (page) => packed(page).locator("[aria-selected=true]").first();

/** Archives with folders, hostile names and a photo, and one with very many names. */
function pack(tree) {
  mkdirSync(shelf(tree), { recursive: true });
  const photo = join(tree.top, "packed photo.png");
  writeFileSync(photo, picture(11));
  const script = `
import sys, zipfile, tarfile, io
folder, photo, hostile, turned = sys.argv[1:5]
with zipfile.ZipFile(folder + "/trip.zip", "w") as z:
    z.writestr("notes/day 10.txt", "the tenth day")
    z.writestr("notes/day 9.md", "# The ninth day\\n")
    z.writestr("notes/deep/er/last.txt", "deep")
    z.write(photo, "photo.png")
    z.writestr(hostile, "harmless")
    z.writestr(turned, "harmless")
    z.writestr("../../escaped.txt", "out of here")
with tarfile.open(folder + "/letters.tar.gz", "w:gz") as t:
    for i in range(3000):
        data = b"letter %d" % i
        m = tarfile.TarInfo("box/letter %04d.txt" % i); m.size = len(data)
        t.addfile(m, io.BytesIO(data))
`;
  execFileSync("python3", ["-c", script, shelf(tree), photo, hostile, reversed]);
  writeFileSync(join(shelf(tree), "broken.zip"), Buffer.concat([readFileSync(join(shelf(tree), "trip.zip")).subarray(0, 200), Buffer.alloc(50, 3)]));
}

export const archiveSteps = {
  "archives: gone through as folders by keys, with hostile names as text": async ({ page, tree, fake }) => {
    if (fake) return;
    pack(tree);
    await goTo(page, shelf(tree));
    await row(page, "trip.zip").click();
    await page.keyboard.press("Enter");
    await line(page, "notes").waitFor();
    await line(page, "<img src=x").waitFor();
    await line(page, "U+202E").waitFor();
    await line(page, "../../escaped.txt").getByText("not unpacked: its name leads out").waitFor();
    ok(await page.evaluate(() => globalThis.hacked === undefined), "a name in an archive ran as a script");
    await contrasts(page, "an archive");
    await accessible(page, "an archive");
    await fitsPhones(page, "an archive");
    ok(await packed(page).evaluate((e) => e === document.activeElement), "the list of the archive has not the focus");
    await page.keyboard.press("Home");
    ok((await cursor(page).textContent()).includes("notes"), "folders do not come first");
    await page.keyboard.press("Enter");
    await line(page, "day 10.txt").waitFor();
    const names = await packed(page).locator("bdi").allTextContents();
    ok(names.join() === "deep,day 9.md,day 10.txt", `the order is ${names.join()}`);
    await page.keyboard.press("Backspace");
    await line(page, "photo.png").waitFor();
  },

  "archives: files in them are looked into, from their own origin, and left by Escape": async ({ page, fake }) => {
    if (fake) return;
    await line(page, "notes").dblclick();
    await line(page, "day 9.md").click();
    await page.keyboard.press("Space");
    await dialog(page).getByRole("heading", { name: "The ninth day" }).waitFor();
    await accessible(page, "a file in an archive");
    await page.keyboard.press("ArrowRight");
    await page.frameLocator("dialog iframe").getByText("the tenth day").waitFor();
    await page.keyboard.press("Escape");
    await packed(page).waitFor();
    await page.keyboard.press("Backspace");
    await line(page, "photo.png").dblclick();
    const image = dialog(page).locator("[data-inside] img");
    await until("the picture to be drawn", () => image.evaluate((e) => e.naturalWidth > 0).catch(() => false));
    ok(new URL(await image.getAttribute("src")).origin !== new URL(page.url()).origin, "a picture of an archive comes from the page's own origin");
    const coming = page.waitForEvent("download");
    await dialog(page).getByRole("button", { name: "Download this file" }).click();
    const file = await (await coming).path();
    ok(readFileSync(file).equals(picture(11)), "what was downloaded of the archive is another file");
    await page.keyboard.press("Backspace");
    await packed(page).waitFor();
  },

  "archives: what is selected in one is unpacked by a plan, and undone": async ({ page, tree, fake }) => {
    if (fake) return;
    await line(page, "notes").click();
    await dialog(page).getByRole("button", { name: "Unpack what is selected…" }).click();
    const sheet = page.getByRole("dialog").filter({ has: page.getByRole("region", { name: "What will be done" }) });
    await sheet.getByText("Unpack notes of trip.zip into trip").waitFor();
    await sheet.getByRole("button", { name: "Do it" }).click();
    await sheet.waitFor({ state: "detached" });
    await until("the part to be unpacked", () => existsSync(join(shelf(tree), "trip", "notes", "deep", "er", "last.txt")));
    ok(!existsSync(join(shelf(tree), "trip", "photo.png")), "more was unpacked than was selected");
    ok(readFileSync(join(shelf(tree), "trip", "notes", "day 10.txt"), "utf8") === "the tenth day", "it was unpacked as another file");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await row(page, "trip").first().waitFor();
    await list(page).focus();
    await page.keyboard.press("Control+z");
    await until("it to be taken back", () => !existsSync(join(shelf(tree), "trip")));
    await row(page, "trip").filter({ hasNotText: "trip.zip" }).waitFor({ state: "detached" });
  },

  "archives: thousands of names come page by page, and a damaged one is told": async ({ page, fake, watchman }) => {
    if (fake) return;
    watchman.allow(/status of (400|422)/);
    await row(page, "letters.tar.gz").click();
    await page.keyboard.press("Space");
    await line(page, "box").waitFor();
    await dialog(page).getByText("3,000 files in all").waitFor();
    await line(page, "box").dblclick();
    await line(page, "letter 0000.txt").waitFor();
    for (let tries = 0; (await line(page, "letter 2999.txt").count()) === 0; tries++) {
      ok(tries < 100, "the end of the archive never comes");
      await page.keyboard.press("End");
      await page.waitForTimeout(100);
    }
    ok((await packed(page).getByRole("row").count()) < 200, "the list of an archive is not virtual");
    await page.keyboard.press("Enter");
    await page.frameLocator("dialog iframe").getByText("letter 2999").waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await row(page, "broken.zip").click();
    await page.keyboard.press("Space");
    await dialog(page).getByRole("alert").getByText(/damaged/).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  },
};
