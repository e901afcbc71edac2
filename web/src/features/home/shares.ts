// What is drawn of sums: a few large parts, and the rest as one.

export interface Part {
  value: string;
  query: string;
  files: number;
  bytes: number;
}

/** The first parts with what they are of the whole, in [0, 1], the largest first; all others are one. */
export function largest(parts: readonly Part[], most: number): (Part & { share: number })[] {
  const whole = parts.reduce((sum, { bytes }) => sum + bytes, 0) || 1;
  const sorted = [...parts].sort((a, b) => b.bytes - a.bytes);
  const shown = sorted.slice(0, most);
  const rest = sorted.slice(most);
  if (rest.length === 1) shown.push(...rest);
  else if (rest.length > 1) shown.push(rest.reduce((sum, { files, bytes }) => ({ ...sum, files: sum.files + files, bytes: sum.bytes + bytes }), { value: "", query: "", files: 0, bytes: 0 }));
  return shown.map((part) => ({ ...part, share: part.bytes / whole }));
}

/** The newest years each for itself, those before as one, which `query` finds; years without a file are left out. Shares are of the largest. */
export function years(parts: readonly Part[], most: number): (Part & { share: number; before: boolean })[] {
  const dated = parts.filter(({ value }) => value !== "").sort((a, b) => b.value.localeCompare(a.value));
  const shown = dated.slice(0, most).map((part) => ({ ...part, before: false }));
  const [first, ...older] = dated.slice(most);
  if (first !== undefined) {
    const sum = older.reduce((all, { files, bytes }) => ({ files: all.files + files, bytes: all.bytes + bytes }), { files: first.files, bytes: first.bytes });
    shown.push({ value: first.value, query: `modified:<=${first.value}`, ...sum, before: true });
  }
  const largestOf = Math.max(1, ...shown.map(({ bytes }) => bytes));
  return shown.map((part) => ({ ...part, share: part.bytes / largestOf }));
}
