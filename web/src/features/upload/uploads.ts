// The uploads of this page, and those that stopped half way, whoever began them.
import { queryOptions } from "@tanstack/react-query";
import { connection, lost } from "@/api/connection";
import { asApiError } from "@/api/errors";
import { queryClient } from "@/api/queries";
import { hexOf, sendPiece, sha256 } from "@/api/uploads";
import { propose } from "@/features/changes/flow";
import { ops } from "@/gen/client";
import { countOf } from "@/ui/format";
import { createStore } from "@/ui/store";
import { say, sayError } from "@/ui/Toasts";
import { carriesFiles, type Gift } from "./gather";
import { type Course, Sender, told } from "./sender";

/** An upload that this page is busy with. */
export interface Sending {
  upload: number;
  into: string;
  course: Course;
  state: "sending" | "stopped" | "ending" | "stuck";
  /** Why it is stuck. */
  why: string;
}

export const sendings = createStore<readonly Sending[]>([]);

/** Uploads that the daemon knows and that have not ended. */
export const uploadsQuery = queryOptions({ queryKey: ["uploads"], queryFn: async ({ signal }) => (await ops.uploadList({}, { signal })).items });

const gifts = new Map<number, { gifts: readonly Gift[]; abort: AbortController }>();

const change = (upload: number, part: Partial<Sending>) => sendings.set((all) => all.map((one) => (one.upload === upload ? { ...one, ...part } : one)));
const forget = (upload: number) => {
  gifts.delete(upload);
  sendings.set((all) => all.filter((one) => one.upload !== upload));
  void queryClient.invalidateQueries({ queryKey: uploadsQuery.queryKey });
};

/** Resolves when the daemon answers and knows us. */
function back(): Promise<void> {
  if (connection.get() === "online") lost(); // it is looked whether that still holds
  return new Promise((done) => {
    const look = () => {
      if (connection.get() !== "online") return;
      stop();
      done();
    };
    const stop = connection.subscribe(look);
    setTimeout(look, 1500);
  });
}

/** Sends things into a folder. One that stopped half way and knows some of them goes on. */
export async function upload(into: string, given: readonly Gift[]): Promise<void> {
  if (given.length === 0) return;
  try {
    const { upload: id, chunk, resumed } = await ops.uploadBegin({ into, files: given.slice(0, 100).map(told) });
    if (gifts.has(id)) {
      say("These files are being uploaded already.", { bad: true });
      return;
    }
    if (resumed) say("The upload goes on where it stopped.");
    await run(id, into, given, chunk);
  } catch (thrown) {
    sayError(thrown);
  }
}

async function run(id: number, into: string, given: readonly Gift[], chunk: number): Promise<void> {
  const abort = new AbortController();
  gifts.set(id, { gifts: given, abort });
  const sender = new Sender(given, chunk, {
    add: async (files) => (await ops.uploadAdd({ upload: id, files })).items,
    sums: async (file) => (await ops.uploadSums({ upload: id, file })).sums,
    send: (file, offset, bytes) => sendPiece(id, file, offset, bytes, abort.signal),
    digest: async (bytes) => hexOf(await sha256(bytes)),
    back,
    error: asApiError,
    stopped: () => abort.signal.aborted,
  }, (course) => change(id, { course: { ...course } }));
  sendings.set((all) => [...all.filter((one) => one.upload !== id), { upload: id, into, course: { ...sender.course }, state: "sending", why: "" }]);
  try {
    await sender.run();
  } catch (thrown) {
    change(id, { state: "stuck", why: asApiError(thrown).message });
    return;
  }
  if (abort.signal.aborted) return;
  const { failed, refused, doneFiles } = sender.course;
  if (refused.length > 0) say(`${countOf(refused.length, "name")} cannot be used here: ${refused[0]?.path ?? ""}. ${refused[0]?.why ?? ""}`, { bad: true });
  if (failed.length > 0) change(id, { state: "stuck", why: `${countOf(failed.length, "file")} could not be sent.` });
  else if (doneFiles === 0 && given.every(({ path }) => refused.some((one) => one.path === path))) await discard(id);
  else await finish(id, false);
}

/** Gives what was sent its names; `without`: what did not come whole is left out. */
export async function finish(id: number, without: boolean): Promise<void> {
  change(id, { state: "ending" });
  await propose(() => ops.uploadFinish({ upload: id, without }), { quiet: true, then: () => forget(id) });
  forget(id); // a plan that waits for an answer stays in the list of those that have not ended
}

/** Sends again what is stuck. */
export async function goOn(id: number): Promise<void> {
  const held = gifts.get(id);
  const one = sendings.get().find(({ upload }) => upload === id);
  if (!held || !one) return;
  gifts.delete(id);
  await upload(one.into, held.gifts);
}

/** Stops an upload; what has come stays for later. */
export function stop(id: number): void {
  gifts.get(id)?.abort.abort();
  forget(id);
}

/** Gives an upload up: what has come of it goes. */
export async function discard(id: number): Promise<void> {
  gifts.get(id)?.abort.abort();
  try {
    await ops.uploadDiscard({ upload: id });
  } catch (thrown) {
    sayError(thrown);
  }
  forget(id);
}

// Whoever closes the page is asked whether they mean it: the files cannot be read again without them.
addEventListener("beforeunload", (event) => {
  if (sendings.get().some(({ state }) => state === "sending")) event.preventDefault();
});

// What misses its place must not take the browser away from this page.
for (const type of ["dragover", "drop"] as const) {
  addEventListener(type, (event) => {
    if (event.dataTransfer === null || event.defaultPrevented || !carriesFiles(event.dataTransfer)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "none";
  });
}
