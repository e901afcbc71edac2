// Pictures of files, and what is known of what is in them.
import { Buffer } from "node:buffer";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { picture } from "../../web/dev/fake-content.mjs";
import { ok, until } from "./checks.mjs";
import { contrasts, fitsPhones, goTo, list, row, selected } from "./page.mjs";

const drawn = (image) => until("the picture to be drawn", () => image.evaluate((e) => e.naturalWidth > 0).catch(() => false));
const tile = (page, name) => list(page).getByRole("gridcell").filter({ hasText: name });
const details = (page) => page.getByRole("complementary", { name: "Details" });

/** Runs an operation as the page would. */
export const run = (page, op, input) =>
  page.evaluate(
    async ([name, body]) => {
      const answer = await fetch(`/v1/op/${name}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
      return { status: answer.status, out: await answer.json() };
    },
    [op, input],
  );

export const mediaSteps = {
  "pictures: a folder as pictures, moved through in all four directions": async ({ page, tree }) => {
    await goTo(page, join(tree.root, "Photos"));
    await row(page, "Harbour at dusk.png").waitFor();
    await list(page).press("Alt+g");
    await drawn(tile(page, "Harbour at dusk.png").locator("img"));
    await list(page).press("Home");
    await list(page).press("ArrowRight");
    await list(page).press("ArrowRight");
    const third = await selected(page);
    await list(page).press("ArrowDown");
    ok((await selected(page)) !== third, "ArrowDown does not move");
    await list(page).press("ArrowUp");
    ok((await selected(page)) === third, "ArrowUp does not lead back");
    await page.reload();
    await drawn(tile(page, "Harbour at dusk.png").locator("img"));
    await contrasts(page, "pictures");
    await fitsPhones(page, "the folder as pictures");
    await tile(page, "Harbour at dusk.png").dblclick();
    await drawn(page.getByRole("dialog").locator("img").first());
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "As a list" }).click();
    await page.getByRole("columnheader", { name: "Size" }).waitFor();
  },

  "pictures: the details show the picture that was made, and what is in the file": async ({ page, tree, fake }) => {
    if (fake) return; // it makes everything up
    const place = join(tree.top, "Looked into");
    mkdirSync(place);
    writeFileSync(join(place, "hills.png"), picture(3));
    writeFileSync(join(place, "hills again.png"), Buffer.concat([picture(3), Buffer.from("other bytes, same looks")]));
    writeFileSync(join(place, "broken.png"), Buffer.concat([picture(4).subarray(0, 60), Buffer.alloc(3000, 7)]));
    writeFileSync(join(place, "logbook.txt"), "The ferry to Vatersay was late, for the tide was against it.\n");
    writeFileSync(join(place, "logbook copy.txt"), "The ferry to Vatersay was late, for the tide was against it.\n");
    const { status } = await run(page, "location.add", { path: place, mode: "deep" });
    ok(status === 200, `location.add answered ${status}`);
    await goTo(page, place);
    await row(page, "hills.png").click();
    await drawn(details(page).locator("[data-still]"));
    await details(page).getByText("480 × 320 pixels").waitFor();
    const hash = details(page).getByText(/^[0-9a-f]{64}$/);
    await hash.waitFor();
    await details(page).getByRole("button", { name: "Copy the hash" }).waitFor();
    await details(page).getByRole("region", { name: "Made of it" }).getByText("Small picture").waitFor();
    await details(page).getByRole("button", { name: "Make it again" }).click();
    await details(page).getByRole("button", { name: "Make it again" }).waitFor();
    await drawn(details(page).locator("[data-still]"));
    await contrasts(page, "what is in a file");
    await row(page, "logbook.txt").click();
    await details(page).getByText("2 files with these bytes").waitFor();
  },

  "search: words in a text are found, marked where they stand": async ({ page, fake }) => {
    if (fake) return;
    await page.keyboard.press("/");
    await page.keyboard.type("vatersay tide");
    const hit = page.getByRole("option").filter({ hasText: "was against it" });
    await hit.first().waitFor();
    await page.keyboard.press("Shift+Enter");
    await list(page).getByRole("heading", { name: "In texts" }).waitFor();
    const found = row(page, "was against it");
    ok((await found.count()) === 1, "copies of one text are found twice");
    ok((await found.locator("mark").allTextContents()).join().toLowerCase() === "vatersay,tide", "the words are not marked");
    await found.getByText("2 copies").waitFor();
    await contrasts(page, "texts that were found");
    await found.dblclick();
    await page.frameLocator("dialog iframe").getByText("The ferry to Vatersay").waitFor();
    await page.keyboard.press("Escape");
  },

  "more like this: a page for what is about the same": async ({ page, tree, fake }) => {
    if (fake) return;
    await goTo(page, join(tree.top, "Looked into"));
    await row(page, "logbook.txt").click({ button: "right" });
    await page.getByRole("menuitem", { name: "More like this" }).click();
    await page.getByRole("heading", { name: "More like this" }).waitFor();
    await page.getByText("What is about the same as").waitFor();
    await until("an answer", async () => (await list(page).count()) > 0 || (await page.getByText("Nothing like it is known").count()) > 0);
    await page.goBack();
    await row(page, "logbook.txt").waitFor();
  },

  "care: duplicates are listed in groups, and folders can be marked as kept": async ({ page, fake }) => {
    if (fake) return;
    const place = page.getByRole("navigation", { name: "Library" });
    await place.getByRole("link", { name: "Duplicates" }).focus();
    await page.keyboard.press("Enter");
    await row(page, "logbook copy.txt").waitFor();
    await list(page).getByRole("heading", { name: "too many" }).first().waitFor();
    await page.getByRole("searchbox", { name: "Only what this search finds" }).fill("logbook");
    await until("the filter to stand in the address", () => new URL(page.url()).searchParams.get("q") === "logbook");
    await row(page, "logbook copy.txt").click({ button: "right" });
    await page.getByRole("menuitem", { name: "Keep what is in its folder" }).click();
    await page.getByText("None among what this search finds.").waitFor(); // the whole group stands there
    await page.getByRole("button", { name: /^Do not keep / }).click();
    await row(page, "logbook copy.txt").waitFor();
    await list(page).focus();
    await page.keyboard.press("Home");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.frameLocator("dialog iframe").getByText("The ferry to Vatersay").waitFor();
    await page.keyboard.press("Escape");
    await contrasts(page, "duplicates");
    await fitsPhones(page, "duplicates");
  },

  "care: pictures that look alike, what exists once, damage, and what could not be read": async ({ page, fake }) => {
    if (fake) return;
    const place = page.getByRole("navigation", { name: "Library" });
    const scenes = [
      ["Similar pictures", () => row(page, "hills again.png").waitFor()],
      ["Copies", () => row(page, "hills.png").waitFor()],
      ["Damage", () => page.getByText("No damage is known").waitFor()],
      ["Unreadable", () => row(page, "broken.png").waitFor()],
    ];
    for (const [name, there] of scenes) {
      await place.getByRole("link", { name, exact: true }).click();
      await there();
      await contrasts(page, name);
      await fitsPhones(page, name);
    }
    await row(page, "broken.png").click();
    await list(page).press("r");
    await page.getByText("broken.png was tried again.").waitFor();
    await row(page, "broken.png").waitFor();
  },
};
