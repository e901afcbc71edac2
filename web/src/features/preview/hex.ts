/** A line of bytes as numbers and as letters, as hex viewers write it. */
export interface HexLine {
  at: string;
  hex: string;
  text: string;
}

export const perLine = 16;

export function hexLines(bytes: Uint8Array, from: number, total: number): HexLine[] {
  const digits = Math.max(6, total.toString(16).length);
  const lines: HexLine[] = [];
  for (let at = 0; at < bytes.length; at += perLine) {
    const some = [...bytes.subarray(at, at + perLine)];
    lines.push({
      at: (from + at).toString(16).padStart(digits, "0"),
      hex: some.map((byte, i) => byte.toString(16).padStart(2, "0") + (i === 7 ? " " : "")).join(" "),
      text: some.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·")).join(""),
    });
  }
  return lines;
}
