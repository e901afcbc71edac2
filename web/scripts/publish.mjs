// Copies the finished build to where the Go package webui embeds it from.
// The folder's committed files (.gitignore, which keeps it in Git) stay.
import { cp, mkdir, readdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const from = fileURLToPath(new URL("../dist", import.meta.url));
const to = fileURLToPath(new URL("../../internal/webui/dist", import.meta.url));

await mkdir(to, { recursive: true });
for (const name of await readdir(to)) {
  if (name !== ".gitignore") await rm(`${to}/${name}`, { recursive: true });
}
await cp(from, to, { recursive: true });
console.log("copied web/dist to internal/webui/dist");
