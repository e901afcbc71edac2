// The pages that tell how the library fares, and what can be done there.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { picture } from "../../web/dev/fake-content.mjs";
import { accessible } from "./axe.mjs";
import { ok, until } from "./checks.mjs";
import { run } from "./media-steps.mjs";
import { contrasts, fitsPhones, row } from "./page.mjs";

const link = (page, name) => page.getByRole("navigation", { name: "Library" }).getByRole("link", { name, exact: true });

/** Goes to one of the pages, by keyboard. */
async function visit(page, name) {
  await link(page, name).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name, exact: true, level: 1 }).waitFor();
}

/** What every page must be. */
async function sound(page, scene) {
  await accessible(page, scene);
  await contrasts(page, scene);
  await fitsPhones(page, scene);
}

const verdicts = (page, name) => row(page, name).locator("[data-verdict]").getAttribute("data-verdict");

/** A folder with three files of the same bytes, in a location of its own. */
async function twins(page, tree) {
  const place = join(tree.top, "Attic");
  const first = join(place, "a very long way down");
  mkdirSync(first, { recursive: true });
  const bytes = `the same in all three ${"x".repeat(4000)}`;
  writeFileSync(join(first, "attic oldest.txt"), bytes);
  await new Promise((done) => setTimeout(done, 20));
  writeFileSync(join(place, "attic middle.txt"), bytes);
  await new Promise((done) => setTimeout(done, 20));
  writeFileSync(join(place, "attic newest.txt"), bytes);
  const { status } = await run(page, "location.add", { path: place, mode: "content" });
  ok(status === 200, `location.add answered ${status}`);
  await until("the copies to be known", async () => ((await run(page, "duplicates.list", { query: "attic" })).out.items ?? []).some(({ files }) => files === 3), 60_000);
}

export const pagesSteps = {
  "duplicates: a rule says what stays, a hand overrules it, and the room is freed by a plan": async ({ page, tree, fake }) => {
    if (fake) return;
    await twins(page, tree);
    await visit(page, "Duplicates");
    await page.getByRole("searchbox", { name: "Only what this search finds" }).fill("attic");
    await until("the oldest to stay", async () => (await verdicts(page, "attic oldest.txt")) === "stays" && (await verdicts(page, "attic newest.txt")) === "gives");
    await page.getByRole("combobox", { name: "Keep", exact: true }).selectOption("newest");
    await until("the newest to stay", async () => (await verdicts(page, "attic newest.txt")) === "stays" && (await verdicts(page, "attic oldest.txt")) === "gives");
    await row(page, "attic middle.txt").click();
    await page.keyboard.press("k");
    ok((await verdicts(page, "attic middle.txt")) === "stays" && (await verdicts(page, "attic newest.txt")) === "gives", "what is chosen by hand does not stay alone");
    await page.keyboard.press("c");
    const compare = page.getByRole("dialog");
    await compare.getByRole("rowheader", { name: "Folder" }).waitFor();
    await accessible(page, "copies compared");
    await contrasts(page, "copies compared");
    await page.keyboard.press("Escape");
    await sound(page, "duplicates");
    await page.getByRole("button", { name: /^Free / }).click();
    const sheet = page.getByRole("dialog");
    await sheet.getByText("2 things to the trash").waitFor();
    await sheet.getByRole("button", { name: "Do it" }).click();
    await page.getByText("None among what this search finds.").waitFor();
    await page.getByRole("button", { name: "Undo", exact: true }).click();
    await row(page, "attic oldest.txt").waitFor();
  },

  "overview: what takes the space leads to the files, and the numbers to their pages": async ({ page, fake }) => {
    if (fake) return;
    await visit(page, "Overview");
    const main = page.getByRole("main");
    await main.getByRole("heading", { name: "By kind" }).waitFor();
    await main.getByRole("link", { name: /^Duplicates/ }).filter({ hasText: "group" }).waitFor();
    await sound(page, "the overview");
    await main.getByRole("button", { name: /^Pictures/ }).click();
    await until("the search", () => new URL(page.url()).searchParams.get("q") === "kind:image");
    await page.goBack();
    await main.getByRole("link", { name: "All jobs" }).click();
    await page.getByRole("heading", { name: "Jobs", level: 1 }).waitFor();
    await page.getByRole("list", { name: "Jobs" }).getByRole("listitem").first().waitFor();
    await page.getByRole("combobox", { name: "Show" }).selectOption("done");
    await page.getByRole("list", { name: "Jobs" }).getByText("Done").first().waitFor();
    await sound(page, "jobs");
  },

  "problems: what is wrong has its remedy beside it": async ({ page, fake }) => {
    if (fake) return;
    await visit(page, "Problems");
    const unread = page.getByRole("listitem").filter({ hasText: "could not be read or looked into" });
    await unread.or(page.getByText("Nothing needs your attention")).first().waitFor();
    await sound(page, "problems");
    if ((await unread.count()) === 0) return; // nothing broken was indexed before
    await unread.getByRole("button", { name: "Show them" }).click();
    await page.getByRole("heading", { name: "Files that could not be read" }).waitFor();
  },

  "redundancy: what exists once is copied to another place by a plan": async ({ page, tree, fake }) => {
    if (fake) return;
    const safe = join(tree.top, "Safe");
    mkdirSync(safe);
    await visit(page, "Copies");
    await page.getByRole("searchbox", { name: "Only what this search finds" }).fill("attic"); // the three of the first step
    await row(page, "attic").click({ button: "right" });
    await page.getByRole("menuitem", { name: "Copy to another volume…" }).click();
    await page.getByRole("textbox", { name: "Folder" }).fill(safe);
    await accessible(page, "where to copy");
    await page.getByRole("button", { name: "Copy…" }).click();
    const sheet = page.getByRole("dialog");
    await sheet.getByText("1 file").first().waitFor();
    await sheet.getByRole("button", { name: "Do it" }).click();
    await page.getByText(/^Done: /).waitFor();
    await sound(page, "copies");
  },

  "timeline: photos stand by the month they were taken in": async ({ page, tree, fake }) => {
    if (fake) return;
    const place = join(tree.top, "Taken");
    mkdirSync(place);
    for (let i = 0; i < 3; i++) writeFileSync(join(place, `undated ${i}.png`), picture(40 + i));
    ok((await run(page, "location.add", { path: place, mode: "content" })).status === 200, "location.add failed");
    await until("the photos to be found", async () => (await run(page, "search.sums", { query: "kind:image", in: place, by: ["taken"] })).out.files === 3, 30_000);
    await page.goto(new URL(`/browse?path=${encodeURIComponent(place)}&view=timeline`, page.url()).href);
    await page.getByRole("grid", { name: "Photos by date" }).getByText("No date in them").waitFor();
    const photos = page.getByRole("grid", { name: "Photos by date" });
    await photos.focus();
    await page.keyboard.press("Home");
    await page.keyboard.press("Shift+End");
    await page.getByRole("status").filter({ hasText: "3 of 3 items selected" }).waitFor();
    await photos.getByText("undated 1.png").click({ button: "right" });
    await page.getByRole("menuitem", { name: "Duplicate" }).waitFor();
    await page.keyboard.press("Escape");
    await photos.focus();
    await page.keyboard.press("Delete");
    await page.getByRole("dialog").getByText("3 things to the trash, to be had back").waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    await photos.focus();
    await page.keyboard.press("Escape");
    await page.getByRole("status").filter({ hasText: /^3 items/ }).waitFor();
    await sound(page, "the timeline");
  },

  "settings: appearance and speed are chosen, and another language takes the place of the words": async ({ page, fake }) => {
    if (fake) return;
    await visit(page, "Settings");
    await page.getByRole("combobox", { name: "Theme" }).selectOption("dark");
    await until("the dark theme", () => page.evaluate(() => document.documentElement.dataset.theme === "dark"));
    await page.getByRole("combobox", { name: "Theme" }).selectOption("system");
    await page.getByRole("combobox", { name: "Copying writes at most" }).selectOption("10000000");
    await until("the limit to hold", async () => (await run(page, "files.limit", {})).out.limit === 10_000_000);
    await page.getByRole("combobox", { name: "Copying writes at most" }).selectOption("0");
    await sound(page, "settings");
    await page.getByRole("combobox", { name: "Language" }).selectOption("en-XA");
    await page.getByRole("heading", { name: /^Śēťťīńğś/ }).first().waitFor();
    await fitsPhones(page, "settings in long words");
    await page.locator("select").filter({ hasText: "English" }).selectOption("en");
    await page.getByRole("heading", { name: "Settings", level: 1 }).waitFor();
  },
};
