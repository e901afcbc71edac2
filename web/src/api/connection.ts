import { createStore } from "@/ui/store";
import { chosenLibrary, keepLibraryAmong, setLibrary } from "./library";
import { healthy, login, watchCalls } from "./call";
import { type ApiError, asApiError } from "./errors";
import { ops } from "../gen/client";

/** How this page stands to the daemon. */
export type Connection = "starting" | "online" | "offline" | "signed_out";

export const connection = createStore<Connection>("starting");

/** Why the login link did not work, for the login page. */
export const loginProblem = createStore<ApiError | undefined>(undefined);

let timer: ReturnType<typeof setTimeout> | undefined;

/** The token of a login link ("#login=TOKEN", a whole URL, or the bare token). */
export function tokenOf(text: string): string {
  const trimmed = text.trim();
  const hash = /#login=([^&\s]+)/.exec(trimmed);
  return hash?.[1] !== undefined ? decodeURIComponent(hash[1]) : /^[\w.~+/=-]{8,}$/.test(trimmed) ? trimmed : "";
}

/** Trades a token for a session. Throws what went wrong. */
export async function signIn(token: string): Promise<void> {
  await login(token);
  loginProblem.set(undefined);
  await probe();
}

/** Takes a token out of the address, so that it stands in no history, and signs in with it. */
export async function connect(): Promise<void> {
  watchCalls((seen) => {
    if (seen === "signed_out") connection.set("signed_out");
    else if (seen === "unreachable") lost();
  });
  const token = location.hash.startsWith("#login=") ? tokenOf(location.hash) : "";
  if (token !== "") history.replaceState(null, "", location.pathname + location.search);
  try {
    if (token !== "") await login(token);
  } catch (thrown) {
    loginProblem.set(asApiError(thrown)); // an older session may still hold
  }
  await probe();
}

/** Asks who we are; settles the connection either way. */
export async function probe(): Promise<void> {
  try {
    const { libraries } = await ops.daemonStatus();
    keepLibraryAmong(libraries.map((library) => library.id));
    if (chosenLibrary() === "") setLibrary((await ops.libraryInfo()).id);
    connection.set("online");
  } catch (thrown) {
    const { kind } = asApiError(thrown);
    if (kind === "signed_out") connection.set("signed_out");
    else if (kind === "unreachable") lost();
    else connection.set("online"); // it answers, if only with an error: the page can say which
  }
}

/** The daemon may be away: find out, and look again until it is back. */
export function lost(): void {
  if (timer !== undefined) return;
  const look = async (pause: number): Promise<void> => {
    if (await healthy()) {
      timer = undefined;
      if (connection.get() === "offline" || connection.get() === "starting") await probe();
      return;
    }
    if (connection.get() !== "signed_out") connection.set("offline");
    timer = setTimeout(() => void look(Math.min(pause * 1.5, 8000)), pause);
  };
  timer = setTimeout(() => void look(1000), 0);
}
