// What was added to the entries that lists show: tags, stars, favourites, notes.
// Rows say which entry they show; the ids of a moment are asked for together, and
// what has scrolled away by then is not asked for.
import type { Marks } from "@/api/types";

/** What is told of one entry. */
interface OfEntry {
  id: string;
}

const rest = 60; // ms that rows are gathered
const most = 500; // ids in a question
const kept = 5000; // entries of which the answer is remembered

export class MarksBook<T extends OfEntry = Marks> {
  private readonly known = new Map<string, T | undefined>();
  private readonly watched = new Map<string, Set<() => void>>();
  private readonly stale = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly fetch: (ids: string[]) => Promise<readonly T[]>) {}

  /** What is known of an entry now; the same object until something else is known. */
  readonly get = (id: string): T | undefined => this.known.get(id);

  /** Follows an entry; returns what ends that. */
  watch(id: string, told: () => void): () => void {
    const all = this.watched.get(id) ?? new Set();
    all.add(told);
    this.watched.set(id, all);
    if (!this.known.has(id) || this.stale.has(id)) this.ask();
    return () => {
      all.delete(told);
      if (all.size === 0 && this.watched.get(id) === all) this.watched.delete(id);
    };
  }

  /** Something was added or taken away: what is shown is asked for anew. */
  moved(): void {
    for (const id of this.known.keys()) this.stale.add(id);
    this.ask();
  }

  private ask(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      void this.load();
    }, rest);
  }

  private async load(): Promise<void> {
    const ids = [...this.watched.keys()].filter((id) => !this.known.has(id) || this.stale.has(id)).slice(0, most);
    if (ids.length === 0) return;
    for (const id of ids) this.stale.delete(id);
    const found = await this.fetch(ids).catch(() => undefined); // the banner tells; the next change asks again
    if (found === undefined) return;
    const byId = new Map(found.map((marks) => [marks.id, marks]));
    for (const id of ids) this.put(id, byId.get(id));
    if (ids.length === most) this.ask();
  }

  private put(id: string, marks: T | undefined): void {
    const before = this.known.get(id);
    this.known.delete(id);
    this.known.set(id, JSON.stringify(before) === JSON.stringify(marks) ? before : marks);
    for (const old of this.known.keys()) {
      if (this.known.size <= kept) break;
      if (!this.watched.has(old)) this.known.delete(old);
      else break;
    }
    if (this.known.get(id) !== before) for (const told of this.watched.get(id) ?? []) told();
  }
}
