// Names are bytes that someone else chose. What would be invisible, or would
// reorder the text around it, is shown as a visible mark instead of itself.

/** A stretch of a name: text as it is, or the mark that stands for one odd character. */
export interface NamePart {
  text: string;
  mark: boolean;
  /** Where the part begins in the name, in UTF-16 units. */
  at: number;
}

// Controls, bidi controls, zero-width and invisible characters, line and
// paragraph separators, lone surrogates, the replacement character, variation
// selectors' supplement and tags. U+200D stays: it joins emoji.
// eslint-disable-next-line no-control-regex, no-misleading-character-class -- exactly these are looked for
const odd = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffd\u{e0000}-\u{e0fff}]|\p{Surrogate}/gu;

function markOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code === 0x0a) return "\\n";
  if (code === 0x0d) return "\\r";
  if (code === 0x09) return "\\t";
  return `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** Splits a name into what can be shown as it is and marks for the rest. */
export function nameParts(name: string): NamePart[] {
  const parts: NamePart[] = [];
  let from = 0;
  for (const match of name.matchAll(odd)) {
    if (match.index > from) parts.push({ text: name.slice(from, match.index), mark: false, at: from });
    parts.push({ text: markOf(match[0]), mark: true, at: match.index });
    from = match.index + match[0].length;
  }
  if (from < name.length) parts.push({ text: name.slice(from), mark: false, at: from });
  return parts;
}

/** The parts of a name whose bytes came in base64: bytes that are not UTF-8 become \xNN marks. */
export function rawNameParts(raw: string): NamePart[] | undefined {
  let octets: Uint8Array;
  try {
    octets = Uint8Array.from(atob(raw), (c) => c.charCodeAt(0));
  } catch {
    return undefined;
  }
  const parts: NamePart[] = [];
  let good = "";
  const flush = () => {
    parts.push(...nameParts(good));
    good = "";
  };
  for (let i = 0; i < octets.length; ) {
    const length = sequenceLength(octets, i);
    if (length === 0) {
      flush();
      parts.push({ text: `\\x${(octets[i] ?? 0).toString(16).toUpperCase().padStart(2, "0")}`, mark: true, at: i });
      i += 1;
    } else {
      good += new TextDecoder().decode(octets.subarray(i, i + length));
      i += length;
    }
  }
  flush();
  return parts;
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The length of the valid UTF-8 sequence at i, or 0. */
function sequenceLength(octets: Uint8Array, i: number): number {
  const first = octets[i] ?? 0;
  const length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (length === 0 || i + length > octets.length) return 0;
  try {
    strict.decode(octets.subarray(i, i + length));
    return length;
  } catch {
    return 0;
  }
}

/** The name on one line of plain text, for titles and labels. */
export function plainName(name: string, raw?: string): string {
  const parts = (raw === undefined ? undefined : rawNameParts(raw)) ?? nameParts(name);
  return parts.map((part) => (part.mark ? `⟨${part.text}⟩` : part.text)).join("");
}
