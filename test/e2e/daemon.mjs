// Starts a daemon on data of its own and finds the login link in what it prints.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const patience = 30_000;

/** `listen`: where it is to be reached, such as the place of one that was killed. */
export async function startDaemon({ binary, fake, data, index, listen = "127.0.0.1:0" }) {
  // What is found must not depend on how far the daemon has looked into files.
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const settings = join(data, "config.json");
  if (!existsSync(settings)) writeFileSync(settings, '{"default_mode":"shallow"}', { mode: 0o600 });
  const args = ["serve", "--data", data, "--listen", listen, "--index", index];
  const [command, all] = fake === undefined ? [binary, args] : [process.execPath, [fake, ...args]];
  const child = spawn(command, all, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, STARDRIVE_DATA: data } });
  let said = "";
  let over = false;
  const ended = new Promise((done) => child.on("exit", done));
  void ended.then(() => (over = true));
  const link = await new Promise((found, failed) => {
    const timer = setTimeout(() => failed(new Error(`the daemon printed no login link within ${patience / 1000} s:\n${said}`)), patience);
    const hear = (part) => {
      said = (said + part).slice(-20_000);
      const match = /http:\/\/[\w.:[\]]+\/#login=[\w-]+/.exec(said);
      if (match) {
        clearTimeout(timer);
        found(match[0]);
      }
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.on("error", failed);
    void ended.then((code) => failed(new Error(`the daemon ended with ${code}:\n${said}`)));
  }).catch(async (thrown) => {
    child.kill("SIGKILL");
    throw thrown;
  });
  return {
    link,
    origin: new URL(link).origin,
    /** Whether its process has ended. */
    gone: () => over,
    log: () => said.replace(/#login=[\w-]+/g, "#login=…").trim().split("\n").slice(-15).join("\n"),
    /** Ends it at once, as a crash would. */
    crash: async () => {
      child.kill("SIGKILL");
      await ended;
    },
    /** Ends the daemon in order, and by force when it does not. */
    kill: async () => {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 5000);
      await ended;
      clearTimeout(timer);
    },
  };
}
