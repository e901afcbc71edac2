// Pieces of files on their way to the daemon.
import { ApiError, fromProblem, isAbort } from "./errors";
import { withLibrary } from "./library";

/** SHA-256 of some bytes. Browsers have it on this machine's own addresses and over TLS only. */
export async function sha256(bytes: ArrayBuffer): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

export const hexOf = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** Sends a piece of a file; resolves to how much of the file is there now. Rejects with ApiError, or AbortError when the signal fired. */
export async function sendPiece(upload: number, file: number, offset: number, bytes: ArrayBuffer, signal: AbortSignal): Promise<number> {
  const sum = btoa(String.fromCharCode(...(await sha256(bytes))));
  let response: Response;
  try {
    response = await fetch(withLibrary(`/v1/upload/${upload}/${file}`), {
      method: "PUT",
      headers: { "Content-Type": "application/octet-stream", "Upload-Offset": String(offset), "Content-Digest": `sha-256=:${sum}:` },
      credentials: "same-origin", cache: "no-store", redirect: "error", body: bytes, signal,
    });
  } catch (thrown) {
    if (isAbort(thrown)) throw thrown;
    throw new ApiError("unreachable", "The Stardrive daemon did not answer.");
  }
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw fromProblem(response.status, body);
  return (body as { got: number }).got;
}
