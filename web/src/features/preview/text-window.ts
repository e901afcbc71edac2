// A stretch of a long text, cut where lines and letters end.

/** Bytes as text: UTF-8, or UTF-16 by its mark, or else as they were written before there was Unicode. */
export function decoded(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

/** Where the first whole line of a stretch begins: behind its first line end, unless the file begins here. */
export function firstLine(bytes: Uint8Array, from: number): number {
  if (from === 0) return 0;
  const end = bytes.indexOf(10);
  return end >= 0 && end < bytes.length - 1 ? end + 1 : letterStart(bytes);
}

/** Where the last whole line of a stretch ends, unless the file ends here. */
export function lastLine(bytes: Uint8Array, from: number, total: number): number {
  if (from + bytes.length >= total) return bytes.length;
  const end = bytes.lastIndexOf(10);
  return end > 0 ? end + 1 : letterEnd(bytes);
}

const continues = (byte: number | undefined) => byte !== undefined && (byte & 0xc0) === 0x80;

function letterStart(bytes: Uint8Array): number {
  let at = 0;
  while (at < 3 && continues(bytes[at])) at += 1;
  return at;
}

function letterEnd(bytes: Uint8Array): number {
  let at = bytes.length;
  while (at > bytes.length - 4 && continues(bytes[at - 1])) at -= 1;
  const lead = bytes[at - 1] ?? 0;
  const need = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  return bytes.length - (at - 1) >= need ? bytes.length : at - 1;
}

/** The text of a stretch, and which bytes of the file it is. */
export function windowOf(bytes: Uint8Array, from: number, total: number): { text: string; from: number; to: number } {
  const begin = firstLine(bytes, from);
  const end = Math.max(lastLine(bytes, from, total), begin);
  return { text: decoded(bytes.subarray(begin, end)), from: from + begin, to: from + end };
}
