// A real folder to be indexed, with what the steps look for.
import { Buffer } from "node:buffer";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { picture, tone } from "../../web/dev/fake-content.mjs";

export const many = 6000;
export const hostile = "<img src=x onerror=globalThis.hacked=1>.txt";
export const reversed = "invoice\u202Efdp.exe";

/** A folder of our own with a plain name; fails when somebody has it. */
function namedFolder(name) {
  const path = join(tmpdir(), name);
  mkdirSync(path);
  return path;
}

/** `pretty`: for pictures, without random letters in paths and with photos as large as photos are. */
export function makeTree(pretty = false) {
  const top = pretty ? namedFolder("jamie") : mkdtempSync(join(tmpdir(), "stardrive-e2e-"));
  const root = join(top, "Home");
  const write = (path, content, daysAgo = 0) => {
    const file = join(root, path);
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, content);
    const time = new Date(Date.now() - daysAgo * 86_400_000 - path.length * 3_600_000);
    utimesSync(file, time, time);
  };
  const photo = (seed) => (pretty ? Buffer.concat([picture(seed), Buffer.alloc(900_000 + ((seed * 77_777) % 2_400_000))]) : picture(seed));
  const photos = ["Harbour at dusk.png", "Harbour, morning.png", "Skye ridge.png", "Cairngorms.png", "The old road.png", "Lighthouse.png"];
  photos.forEach((name, i) => write(`Photos/${name}`, photo(i * 13 + 5), i * 40));
  write("Photos/Contact sheet.csv", "photo,taken\n", 5);
  write("Photos/Trip to the islands.md", "# Trip\n\nFerry at nine.\n", 21);
  write("Photos/Sounds of the quay.wav", tone(), 33);
  write("Photos/Chart of the sound.svg", '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle cx="4" cy="4" r="3"/></svg>', 60);
  for (const year of [2023, 2024, 2025]) for (let i = 1; i <= 12; i++) write(`Photos/${year}/IMG_${1000 + i * 7}.png`, picture(year + i), i * 9);
  write("Documents/Letter to the council.txt", "Dear council,\nthe harbour lamp is out again.\n", 3);
  write("Documents/Household budget 2026.csv", "month,amount\nJanuary,12\n", 12);
  write("Documents/Deep/Deeper/needle in the haystack.txt", "found\n");
  write("Documents/plan.md", "# Plan\n\n1. Sail\n", 1);
  write("Documents/big.bin", Buffer.alloc(3_000_000));
  write("Documents/.hidden notes.txt", "secret\n");
  write("Texts/From the nineties.txt", Buffer.from("Gr\xfc\xdfe aus K\xf6ln\n", "latin1"));
  write("Texts/Not a text.txt", Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0xff, 0xfe]));
  write("Music/Sea shanty.txt", "heave ho\n", 90);
  write(`Odd names/${hostile}`, "harmless\n");
  write(`Odd names/${reversed}`, "harmless\n");
  writeFileSync(Buffer.concat([Buffer.from(join(root, "Odd names", "bad ")), Buffer.from([0xff]), Buffer.from(" byte.txt")]), "x");
  symlinkSync("plan.md", join(root, "Documents", "link to the plan"));
  mkdirSync(join(root, "Many"));
  for (let i = 0; i < many; i++) writeFileSync(join(root, "Many", `record ${String(i).padStart(5, "0")}.txt`), "");
  return { top, root, data: join(top, "data"), write, remove: () => rmSync(top, { recursive: true, force: true }) };
}
