// Where the cursor goes in a list with headings, which it passes over.

interface Movable {
  heading?: boolean;
}

/** The row `by` steps from `at` that can be selected; the last one on the way where the list ends. */
export function stepFrom(rows: readonly Movable[], at: number, by: number): number {
  const way = by < 0 ? -1 : 1;
  let left = Math.abs(by);
  let found = at >= 0 && at < rows.length ? at : -1;
  for (let i = at + way; i >= 0 && i < rows.length && left > 0; i += way) {
    if (rows[i]?.heading === true) continue;
    found = i;
    left -= 1;
  }
  return found;
}

/** The first row of the group after the one at `at`; with -1 that of its own group, or of the one before. */
export function nextGroup(rows: readonly Movable[], at: number, way: 1 | -1): number {
  const firsts = rows.flatMap((row, i) => (row.heading !== true && (i === 0 || rows[i - 1]?.heading === true) ? [i] : []));
  const found = way > 0 ? firsts.find((i) => i > at) : firsts.findLast((i) => i < at);
  return found ?? stepFrom(rows, way > 0 ? rows.length : -1, way > 0 ? -1 : 1);
}

/** The row nearest to a place that can be selected, or -1. */
export function nearest(rows: readonly Movable[], place: number): number {
  const at = Math.min(place, rows.length - 1);
  if (rows[at]?.heading !== true) return at;
  const after = stepFrom(rows, at, 1);
  return after > at ? after : stepFrom(rows, at, -1);
}
