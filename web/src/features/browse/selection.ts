// Which entries of a list are selected. Entries are named by key (see keyOf),
// so a selection survives sorting, reloading and rows that come and go.

export interface Selection {
  /** The row the keyboard is on. */
  cursor: string;
  /** Where a range begins. */
  anchor: string;
  keys: ReadonlySet<string>;
}

export const nothing: Selection = { cursor: "", anchor: "", keys: new Set() };

/** Selects one entry. */
export function only(key: string): Selection {
  return { cursor: key, anchor: key, keys: new Set([key]) };
}

/** Adds an entry, or takes it out (Ctrl-click). */
export function toggle(selection: Selection, key: string): Selection {
  const keys = new Set(selection.keys);
  if (!keys.delete(key)) keys.add(key);
  return { cursor: key, anchor: key, keys };
}

/** Selects from the anchor to `key` (Shift), in the order of `order`. */
export function extend(selection: Selection, key: string, order: readonly string[]): Selection {
  const to = order.indexOf(key);
  const from = order.indexOf(selection.anchor);
  if (to < 0) return selection;
  if (from < 0) return only(key);
  return {
    cursor: key,
    anchor: selection.anchor,
    keys: new Set(order.slice(Math.min(from, to), Math.max(from, to) + 1)),
  };
}

/** Selects everything that is loaded. */
export function all(selection: Selection, order: readonly string[]): Selection {
  return { ...selection, keys: new Set(order) };
}

/** Selects what is not selected, and nothing that is. */
export function invert(selection: Selection, order: readonly string[]): Selection {
  return { ...selection, keys: new Set(order.filter((key) => !selection.keys.has(key))) };
}

/** Moves the cursor and leaves what is selected. */
export function moved(selection: Selection, key: string): Selection {
  return { ...selection, cursor: key, anchor: key };
}

/** Selects what a frame touches, and what was selected before where it is added to. */
export function framed(before: Selection, touched: readonly string[], adding: boolean): Selection {
  const cursor = touched.at(-1) ?? before.cursor;
  return { cursor, anchor: touched[0] ?? before.anchor, keys: new Set(adding ? [...before.keys, ...touched] : touched) };
}

/** The first row whose name begins with `typed`, looking from `from` onwards and around the end. */
export function typeahead(names: readonly string[], typed: string, from: number): number {
  const wanted = typed.toLocaleLowerCase();
  for (let i = 0; i < names.length; i++) {
    const at = (Math.max(from, 0) + i) % names.length;
    if ((names[at] ?? "").toLocaleLowerCase().startsWith(wanted)) return at;
  }
  return -1;
}
