import { type BytesOf, chosenLibrary, contentUrl } from "./library";
import { ApiError, asApiError, fromProblem, isAbort } from "./errors";

export interface CallOptions {
  signal?: AbortSignal;
}

/** Called with every outcome that says something about the connection; set once by the app. */
type Watcher = (seen: "answered" | "unreachable" | "signed_out") => void;
let watcher: Watcher = () => undefined;

export function watchCalls(fn: Watcher): void {
  watcher = fn;
}

async function post(url: string, body: unknown, options: CallOptions): Promise<Response> {
  const library = chosenLibrary();
  try {
    return await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", ...(library === "" ? {} : { "Stardrive-Library": library }) },
      credentials: "same-origin",
      cache: "no-store",
      redirect: "error",
      body: JSON.stringify(body),
      signal: options.signal ?? null,
    });
  } catch (thrown) {
    if (isAbort(thrown)) throw thrown;
    watcher("unreachable");
    throw new ApiError("unreachable", "The Stardrive daemon did not answer.", "Start it with “stardrive serve”; this page reconnects by itself.");
  }
}

async function read(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    // A dev proxy whose daemon is away answers with a page of its own.
    if (response.status >= 500) watcher("unreachable");
    throw new ApiError("internal", `The daemon answered with something that is not JSON (status ${response.status}).`);
  }
}

/** Runs one operation of the daemon. Rejects with ApiError, or AbortError when the signal fired. */
export async function call<Out>(name: string, input: unknown, options: CallOptions = {}): Promise<Out> {
  const response = await post(`/v1/op/${name}`, input, options);
  const body = await read(response);
  if (response.ok) {
    watcher("answered");
    return body as Out;
  }
  const error = fromProblem(response.status, body);
  watcher(error.kind === "signed_out" ? "signed_out" : "answered");
  throw error;
}

/**
 * Trades a one-time token for the session cookie. Safari drops the cookie when
 * there is no TLS, even on this machine: the same token, at once, gives it one
 * that it keeps. (RATIONALE.md tells why not every browser gets that one.)
 */
export async function login(token: string): Promise<void> {
  for (const plain of [false, true]) {
    const response = await post("/v1/login", plain ? { token, plain } : { token }, {});
    if (!response.ok) throw fromProblem(response.status, await read(response).catch(asApiError));
    if ((await post("/v1/op/daemon.status", {}, {})).status !== 401) return;
  }
  throw new ApiError(
    "denied",
    "You were signed in, but this browser does not keep the cookie that says so.",
    `Allow cookies for ${location.hostname}, or open Stardrive in another browser; “stardrive open” gives a new link.`,
  );
}

/** What a file's bytes are, by the daemon's look at them; "" where it cannot tell. */
export async function contentType(file: BytesOf, options: CallOptions = {}): Promise<string> {
  const response = await fetch(contentUrl(file), { method: "HEAD", cache: "no-store", signal: options.signal ?? null });
  return response.ok ? (response.headers.get("Content-Type") ?? "") : "";
}

/** True when the daemon is up, whether or not there is a session. */
export async function healthy(): Promise<boolean> {
  try {
    const response = await fetch("/v1/health", { cache: "no-store", signal: AbortSignal.timeout(4000) });
    return response.ok;
  } catch {
    return false;
  }
}
