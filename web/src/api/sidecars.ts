// Pictures that the daemon made of files. They come from this origin: what is in
// them was drawn anew by the daemon, nothing of the file itself is left.
import { ApiError, asApiError, fromProblem, isAbort } from "./errors";
import { withLibrary } from "./library";

export type PictureKind = "thumb256" | "thumb512" | "thumb1024" | "strip";

/** What became of asking for a picture. */
export type PictureAnswer =
  | { state: "ready"; bytes: Blob }
  | { state: "none"; why: string } // there is none, and asking again is of no use
  | { state: "later"; seconds: number; why: string };

/** Asks for a picture of a file, which may be made first. Rejects only when the signal fires. */
export async function fetchPicture(id: string, kind: PictureKind, signal: AbortSignal): Promise<PictureAnswer> {
  try {
    const response = await fetch(withLibrary(`/v1/sidecar/${encodeURIComponent(id)}/${kind}`), { credentials: "same-origin", cache: "no-cache", redirect: "error", signal });
    if (response.ok) return { state: "ready", bytes: await response.blob() };
    const error = fromProblem(response.status, await response.json().catch(() => undefined));
    if (response.status === 503) return { state: "later", seconds: Number(response.headers.get("Retry-After")) || 2, why: error.message };
    return { state: "none", why: error.message };
  } catch (thrown) {
    if (isAbort(thrown) || signal.aborted) throw thrown;
    const error = thrown instanceof ApiError ? thrown : asApiError(thrown);
    return { state: "later", seconds: 4, why: error.message };
  }
}
