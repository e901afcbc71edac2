// Getting in: by a link, once, in browsers that keep cookies and in those that do not.
import { nameless, ok } from "./checks.mjs";

export const loginSteps = {
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
};
