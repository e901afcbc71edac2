// The bytes of files as data, in stretches: they are drawn as text and numbers,
// never shown as a page of this origin.
import { fromProblem } from "@/api/errors";
import { type BytesOf, contentUrl } from "@/api/library";

export interface Stretch {
  bytes: Uint8Array;
  /** Where it begins in the file. */
  from: number;
  /** How long the file is. */
  total: number;
}

/** Fetches up to `length` bytes from `from` on. Rejects with ApiError, or AbortError when the signal fired. */
export async function fetchStretch(file: BytesOf, from: number, length: number, signal?: AbortSignal): Promise<Stretch> {
  const response = await fetch(contentUrl(file), {
    headers: { Range: `bytes=${from}-${from + length - 1}` }, credentials: "same-origin", cache: "no-cache", redirect: "error", signal: signal ?? null,
  });
  if (!response.ok) throw fromProblem(response.status, await response.json().catch(() => undefined));
  const bytes = new Uint8Array(await response.arrayBuffer());
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get("Content-Range") ?? "");
  if (range === null) return { bytes: bytes.subarray(0, length), from: 0, total: bytes.length };
  return { bytes, from: Number(range[1]), total: Number(range[2]) };
}
