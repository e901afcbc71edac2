#!/usr/bin/env node
// A stand-in for the daemon: the same routes, rules, operations and events over
// a made-up library, for working on the interface and for its tests.
//   node dev/fake-daemon.mjs serve [--listen HOST:PORT] [--index DIR]… [--latency MS] [--busy] [--data DIR] [--open-login]
// It serves the build in dist/ where there is one; otherwise use `npm run dev`.
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { bytesOf, mimeOf, picture } from "./fake-content.mjs";
import { operations, Problem } from "./fake-ops.mjs";
import * as tree from "./fake-tree.mjs";

const { values: flags } = parseArgs({
  allowPositionals: true,
  options: {
    listen: { type: "string", default: "127.0.0.1:4770" }, index: { type: "string", multiple: true, default: [] }, latency: { type: "string", default: "0" },
    busy: { type: "boolean" }, empty: { type: "boolean" }, data: { type: "string" }, "open-login": { type: "boolean" },
  },
});
const dist = fileURLToPath(new URL("../dist", import.meta.url));
const host = flags.listen.split(":")[0];
const secrets = new Set();
const tokens = new Set();
const tickets = new Map();
const streams = new Set();
const events = [];
const jobs = new Map();
let seq = 100;

function publish(type, data, fleeting = false) {
  if (!fleeting) seq += 1;
  const event = { seq, time: new Date().toISOString(), type, ...data };
  if (!fleeting) events.push(event);
  for (const stream of streams) stream.write(`${fleeting ? "" : `id: ${seq}\n`}data: ${JSON.stringify(event)}\n\n`);
}

function startScan(location) {
  const id = `j${jobs.size + 1}`;
  const total = Math.max(location.node.files, 1);
  const job = { id, kind: "index.scan", title: `Index ${location.name}`, state: "running", step: "walk", done: 0, total, bytes: 0, rate: 0, eta: 0, current: location.node.path, warnings: 0, error: "", error_kind: "", created: new Date().toISOString(), started: new Date().toISOString(), seconds: 0 };
  jobs.set(id, job);
  location.job = id;
  const steps = flags.busy ? 4000 : 20;
  const timer = setInterval(() => {
    if (job.state === "paused") return;
    if (job.state === "running") {
      job.seconds += 0.1;
      job.done = Math.min(total, job.done + Math.ceil(total / steps));
      job.bytes = Math.round((location.node.size * job.done) / total);
      job.rate = total / (steps / 10);
      job.eta = (total - job.done) / job.rate;
      job.current = `${location.node.path}/some folder/file ${job.done}.jpg`;
      if (job.done === total) Object.assign(job, { state: "done", finished: new Date().toISOString(), current: "" });
    }
    if (job.state !== "running") {
      clearInterval(timer);
      location.indexed = new Date().toISOString();
      publish("location.changed", { id: location.id });
    }
    publish("job.changed", job, true);
  }, 100);
  timer.unref();
  publish("job.changed", job, true);
}

const locations = [];
function addLocation(n, more = {}) {
  tree.index(n);
  tree.sumUp(n);
  const location = { id: `loc${locations.length + 1}`, name: n.name, node: n, mode: "content", state: "ready", indexed: new Date(Date.now() - 3_600_000).toISOString(), ...more };
  locations.push(location);
  return location;
}
if (!flags.empty && flags.index.length === 0) {
  addLocation(tree.pictures);
  addLocation(tree.documents, { errors: 2, state: "incomplete" });
  addLocation(tree.projects);
  addLocation(tree.archive, { state: "offline", volume: "Archive" });
  tree.mark(tree.archive, "offline");
}
/** Makes a folder of the real disk a location. */
function adopt(dir) {
  const location = addLocation(tree.adopt(dir, (folder) => publish("folders.changed", { folders: [folder.id], more: false })));
  startScan(location);
  publish("location.changed", { id: location.id });
  return location;
}
for (const dir of flags.index) adopt(dir);

const volume = (id, name, more) => ({ id, name, identity: `uuid:${id}`, mount: "", fs: "ext4", device: "", capacity: 0, free: 0, state: "online", class: "hot", tracked: true, removable: false, read_only: false, network: false, ...more });
const state = {
  locations, jobs, publish, startScan, adopt, url: "", problems: [],
  volumes: [
    volume("v1", "System", { mount: "/", capacity: 512e9, free: 121e9 }),
    volume("v2", "nas", { mount: "/mnt/nas", capacity: 8e12, free: 640e9, network: true, fs: "nfs4" }),
    volume("v3", "Archive", { capacity: 4e12, free: 2e12, removable: true, state: "offline" }),
  ],
  link: (n) => {
    const ticket = randomBytes(12).toString("base64url");
    tickets.set(ticket, n);
    return `${contentOrigin}/c/${ticket}/${encodeURIComponent(basename(n.name).replaceAll("/", "_"))}`;
  },
};
const ops = operations(state);

let contentOrigin = "";
let port = "";

function pagePolicy() {
  return ["default-src 'none'", "script-src 'self'", "style-src 'self'", "font-src 'self'", "manifest-src 'self'", "worker-src 'self'", "connect-src 'self'",
    `img-src 'self' blob: data: ${contentOrigin}`, `media-src 'self' blob: ${contentOrigin}`, `frame-src 'self' ${contentOrigin}`,
    "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'", "require-trusted-types-for 'script'"].join("; ");
}

function send(response, status, body, headers = {}) {
  response.writeHead(status, { "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store", ...headers });
  response.end(body);
}
const json = (response, status, value, headers = {}) => send(response, status, JSON.stringify(value), { "Content-Type": status < 400 ? "application/json" : "application/problem+json", ...headers });
const refuse = (response, p) => json(response, p.status, { title: p.kind, status: p.status, detail: p.message, kind: p.kind, message: p.message, remedy: p.remedy });

async function body(request) {
  let text = "";
  for await (const part of request) text += part;
  return JSON.parse(text);
}

function page(request, response, path) {
  const file = path !== "/" && existsSync(dist + path) && statSync(dist + path).isFile() ? dist + path : `${dist}/index.html`;
  if (!existsSync(file)) return send(response, 200, "Run `npm run dev` beside the fake daemon, or `npm run build` first.");
  const types = { js: "text/javascript", css: "text/css", html: "text/html; charset=utf-8", svg: "image/svg+xml" };
  send(response, 200, readFileSync(file), { "Content-Type": types[file.split(".").pop()] ?? "application/octet-stream", "Content-Security-Policy": pagePolicy(), "Cache-Control": "no-cache", "Cross-Origin-Opener-Policy": "same-origin" });
}

function stream(request, response, url) {
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
  response.write("retry: 1000\n\n");
  const since = url.searchParams.has("since") ? Number(url.searchParams.get("since")) : seq;
  for (const event of events) if (event.seq > since) response.write(`id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`);
  streams.add(response);
  request.on("close", () => streams.delete(response));
}

async function answer(request, response) {
  const url = new URL(request.url, state.url);
  const path = url.pathname;
  const origin = request.headers.origin;
  if (origin !== undefined && origin !== `http://${request.headers.host}`) throw new Problem(403, "denied", "requests from other web pages are refused");
  if (path === "/v1/health") return json(response, 200, { status: "ok", version: "fake" });
  if (path === "/v1/login") {
    const { token } = await body(request);
    if (!tokens.delete(token)) throw new Problem(401, "denied", "this login link was used before or has expired", "Run `stardrive open` for a new one.");
    const secret = randomBytes(16).toString("base64url");
    secrets.add(secret);
    return json(response, 200, { expires: new Date(Date.now() + 3e9).toISOString() }, { "Set-Cookie": `__Host-stardrive-${port}=${secret}; Path=/; HttpOnly; Secure; SameSite=Strict` });
  }
  if (!path.startsWith("/v1/")) return page(request, response, path);
  const cookie = new RegExp(`__Host-stardrive-${port}=([\\w-]+)`).exec(request.headers.cookie ?? "");
  if (!flags["open-login"] && !secrets.has(cookie?.[1])) throw new Problem(401, "denied", "not logged in", "Run `stardrive open` to log in.");
  if (path === "/v1/events") return stream(request, response, url);
  if (path.startsWith("/v1/content/")) {
    const n = tree.byId.get(path.split("/").pop());
    if (!n) throw new Problem(404, "not_found", "no such entry");
    return bytes(response, n, { "Content-Disposition": `attachment; filename*=UTF-8''${encodeURIComponent(n.name)}`, "Content-Security-Policy": "sandbox; default-src 'none'" });
  }
  if (path.startsWith("/v1/sidecar/")) {
    const [id, kind] = path.split("/").slice(3);
    return sidecar(response, tree.byId.get(id), kind);
  }
  const op = ops[path.replace("/v1/op/", "")];
  if (!op || request.method !== "POST") throw new Problem(404, "not_found", `there is nothing at ${path}`);
  const input = await body(request);
  if (Number(flags.latency) > 0) await new Promise((done) => setTimeout(done, Number(flags.latency)));
  json(response, 200, op(input));
}

/** A made-up picture of what has one. */
function sidecar(response, n, kind) {
  const mime = n && mimeOf(n.name);
  if (!mime || !/^(image|video|audio)|pdf/.test(mime) || (kind === "strip" && !mime.startsWith("video"))) throw new Problem(404, "not_found", "there is no picture of it", "");
  const seed = [...n.name].reduce((s, c) => s + c.charCodeAt(0), 0) % 97;
  const side = { thumb256: 256, thumb512: 512, thumb1024: 960, strip: 1600 }[kind];
  send(response, 200, picture(seed, side, kind === "strip" ? 90 : Math.round(side / 1.5)), { "Content-Type": "image/png", ETag: `"${n.id}-${kind}"`, "Cache-Control": "private, no-cache" });
}

function bytes(response, n, headers) {
  const content = bytesOf(n);
  const base = { "X-Content-Type-Options": "nosniff", "Content-Type": mimeOf(n.name) || "application/octet-stream", ...headers };
  response.writeHead(200, Buffer.isBuffer(content) ? { ...base, "Content-Length": content.length } : base);
  if (Buffer.isBuffer(content)) response.end(content);
  else content.pipe(response);
}

const content = createServer((request, response) => {
  const n = tickets.get(request.url.split("/")[2]);
  if (!n) return refuse(response, new Problem(401, "denied", "this link has ended"));
  const mime = mimeOf(n.name);
  bytes(response, n, {
    "Content-Type": /^text\/|json/.test(mime) || mime === "" ? "text/plain; charset=utf-8" : mime, "Cross-Origin-Resource-Policy": "cross-origin",
    "Content-Security-Policy": `sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors ${state.url}`,
  });
});
const app = createServer((request, response) => {
  answer(request, response).catch((thrown) => refuse(response, thrown instanceof Problem ? thrown : new Problem(500, "internal", String(thrown))));
});

await new Promise((done) => content.listen(0, host, done));
contentOrigin = `http://${host}:${content.address().port}`;
await new Promise((done) => app.listen(Number(flags.listen.split(":")[1] || 0), host, done));
port = String(app.address().port);
state.url = `http://${host}:${port}`;
const token = flags["open-login"] ? "fake-login-token" : randomBytes(16).toString("base64url");
tokens.add(token);
console.log(`Stardrive (fake) is running.\nOpen ${state.url}/#login=${token}`);
if (flags.busy) for (const location of locations.slice(0, 2)) startScan(location);
process.on("SIGTERM", () => process.exit(0));
