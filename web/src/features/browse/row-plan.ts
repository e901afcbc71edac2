// Where everything in a long list stands: rows of one height, headings between
// groups. Found by calculation, so a million rows cost as much as ten.
import type { Group } from "./groups";

/** What is drawn: a heading, or a row with `count` entries from `first` on. */
export type Drawn = { top: number } & ({ title: string; count: number } | { first: number; count: number });

interface Stretch {
  title: string | undefined;
  from: number;
  count: number;
  /** Where it begins, its heading included. */
  top: number;
  head: number;
}

interface Shape {
  total: number;
  groups: readonly Group[];
  /** Entries side by side. */
  across: number;
  rowHeight: number;
  headHeight: number;
}

export class RowPlan {
  private readonly stretches: Stretch[] = [];
  readonly height: number;
  readonly across: number;
  readonly rowHeight: number;

  constructor(shape: Shape) {
    this.across = shape.across;
    this.rowHeight = shape.rowHeight;
    const starts: { title: string | undefined; from: number }[] = shape.groups.length > 0 ? [...shape.groups] : [{ title: undefined, from: 0 }];
    let top = 0;
    starts.forEach(({ title, from }, i) => {
      const count = Math.max((starts[i + 1]?.from ?? shape.total) - from, 0);
      const head = title === undefined ? 0 : shape.headHeight;
      this.stretches.push({ title, from, count, top, head });
      top += head + Math.ceil(count / this.across) * this.rowHeight;
    });
    this.height = top;
  }

  /** The last stretch that begins at or before what `is` measures. */
  private last(is: (stretch: Stretch) => number, value: number): Stretch | undefined {
    let low = 0;
    let high = this.stretches.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      const stretch = this.stretches[middle];
      if (stretch !== undefined && is(stretch) <= value) low = middle;
      else high = middle - 1;
    }
    return this.stretches[low];
  }

  /** Where the row of an entry begins. */
  topOf(index: number): number {
    const stretch = this.last(({ from }) => from, index);
    if (stretch === undefined) return 0;
    return stretch.top + stretch.head + Math.floor((index - stretch.from) / this.across) * this.rowHeight;
  }

  /** The entry `rows` below (or above) another, in the same column where there is one. */
  step(index: number, rows: number, total: number): number {
    const here = this.last(({ from }) => from, index);
    if (here === undefined) return index;
    const column = (index - here.from) % this.across;
    const way = Math.sign(rows);
    let at = index - column; // the first of its row
    let last = at;
    for (let i = 0; i < Math.abs(rows); i++) {
      const next = way > 0 ? this.rowAfter(at, total) : this.rowBefore(at);
      if (next === undefined) break;
      at = next;
    }
    if (at === last) return index;
    last = Math.min((this.rowAfter(at, total) ?? total) - 1, total - 1);
    return Math.min(at + column, last);
  }

  private rowAfter(first: number, total: number): number | undefined {
    const here = this.last(({ from }) => from, first);
    if (here === undefined) return undefined;
    const next = Math.min(first + this.across, here.from + here.count);
    return next < total ? next : undefined;
  }

  private rowBefore(first: number): number | undefined {
    if (first <= 0) return undefined;
    const before = this.last(({ from }) => from, first - 1);
    return before && before.from + Math.floor((first - 1 - before.from) / this.across) * this.across;
  }

  /** Everything between two heights. */
  between(top: number, bottom: number): Drawn[] {
    const drawn: Drawn[] = [];
    const from = this.last((stretch) => stretch.top, top);
    if (from === undefined) return drawn;
    for (let i = this.stretches.indexOf(from); i < this.stretches.length; i++) {
      const stretch = this.stretches[i];
      if (stretch === undefined || stretch.top > bottom) break;
      if (stretch.title !== undefined && stretch.top + stretch.head > top) drawn.push({ top: stretch.top, title: stretch.title, count: stretch.count });
      const rows = Math.ceil(stretch.count / this.across);
      const begin = stretch.top + stretch.head;
      for (let row = Math.max(Math.floor((top - begin) / this.rowHeight), 0); row < rows && begin + row * this.rowHeight <= bottom; row++) {
        const first = stretch.from + row * this.across;
        drawn.push({ top: begin + row * this.rowHeight, first, count: Math.min(this.across, stretch.from + stretch.count - first) });
      }
    }
    return drawn;
  }

  /** The entries whose boxes touch a frame: heights, and the columns `left` to `right`. */
  within(top: number, bottom: number, left: number, right: number): number[] {
    return this.between(top, bottom).flatMap((row) =>
      "first" in row ? Array.from({ length: row.count }, (_, i) => i).filter((i) => i >= left && i <= right).map((i) => row.first + i) : [],
    );
  }
}

/** Browsers draw no element taller than about 17 million pixels: beyond this the scroll bar is made finer instead. */
export const tallest = 15_000_000;

/** How many pixels of the list a pixel of the scroll bar stands for. */
export function scrollScale(height: number, view: number): number {
  return height <= tallest ? 1 : (height - view) / (tallest - view);
}
