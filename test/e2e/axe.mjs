// The page by the rules of WCAG 2.2 AA, as axe-core reads them. It is given to the
// page by the browser's own tools, which no policy of the page forbids.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { ok, settled } from "./checks.mjs";

const source = readFileSync(createRequire(new URL("../../web/package.json", import.meta.url)).resolve("axe-core/axe.min.js"), "utf8");

/** Fails where what is shown breaks a rule. */
export async function accessible(page, scene) {
  await settled(page);
  await page.evaluate(source);
  const found = await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"], resultTypes: ["violations"] });
    return violations.map(({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)).join("\n  ")}`);
  });
  ok(found.length === 0, `axe (${scene}):\n${found.join("\n")}`);
}
