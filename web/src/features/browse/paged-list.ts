/** One page as the daemon gives it; `next` is empty at the end. */
export interface Page<T, H> {
  items: T[];
  next: string;
  total: number;
  head: H;
}

export interface ListState<T, H> {
  items: readonly T[];
  /** How long the whole list is, as far as known. */
  total: number;
  /** What stands above the items (the folder); undefined until the first page came. */
  head: H | undefined;
  complete: boolean;
  loading: boolean;
  error: unknown;
}

export type FetchPage<T, H> = (cursor: string, limit: number, signal: AbortSignal) => Promise<Page<T, H>>;

/** The first page is small so that it paints at once, the others as large as the way is far. */
function pageSize(held: number, wanted: number): number {
  return held === 0 ? 200 : Math.min(Math.max(wanted - held, 1000), 10_000);
}

/**
 * A long list that is fetched page by page as far as somebody looks. Cursors
 * only lead forward, so the items held are always a prefix of the list; what
 * lies behind it is a placeholder. reload() builds the new list aside and swaps
 * it in when it reaches as far as is looked at: nothing flickers, nothing jumps.
 */
export class PagedList<T, H> {
  private state: ListState<T, H> = { items: [], total: 0, head: undefined, complete: false, loading: false, error: undefined };
  private readonly listeners = new Set<() => void>();
  private cursor = "";
  private wanted = 0;
  private stale = false;
  private running: AbortController | undefined;

  constructor(private readonly fetchPage: FetchPage<T, H>) {}

  readonly get = (): ListState<T, H> => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Whether anybody looks at the list now. */
  get watched(): boolean {
    return this.listeners.size > 0;
  }

  /** Fetches until `end` items are held, or the list ends. */
  need(end: number): void {
    this.wanted = Math.max(end, 1);
    if (this.state.error === undefined) this.run();
  }

  /** The list has changed at its source: fetch it anew, as far as it is looked at. */
  reload(): void {
    this.stale = true;
    this.set({ error: undefined });
    if (this.wanted > 0) this.run();
  }

  /** Ends fetching, for instance because nobody looks any more. need() takes it up again. */
  stop(): void {
    this.running?.abort();
    this.running = undefined;
    if (this.state.loading) this.set({ loading: false });
  }

  private run(): void {
    if (this.running !== undefined || !this.lacking()) return;
    const controller = new AbortController();
    this.running = controller;
    this.set({ loading: true });
    void this.fetchAll(controller.signal)
      .then(() => undefined, (error: unknown) => error)
      .then((error) => {
        if (this.running !== controller) return; // stopped, and perhaps begun anew
        this.running = undefined;
        this.set({ loading: false, error });
      });
  }

  private lacking(): boolean {
    return this.stale || (!this.state.complete && this.state.items.length < this.wanted);
  }

  private async fetchAll(signal: AbortSignal): Promise<void> {
    while (this.lacking()) {
      if (this.stale) await this.replace(signal);
      else await this.append(signal);
    }
  }

  private async append(signal: AbortSignal): Promise<void> {
    const { items } = this.state;
    const page = await this.fetchPage(this.cursor, pageSize(items.length, this.wanted), signal);
    if (signal.aborted) throw signal.reason;
    if (this.stale && items.length > 0) return; // the first page is shown, though it is fetched again
    this.accept([...items, ...page.items], page);
  }

  private async replace(signal: AbortSignal): Promise<void> {
    this.stale = false;
    let fresh: T[] = [];
    let cursor = "";
    for (;;) {
      let page: Page<T, H>;
      try {
        page = await this.fetchPage(cursor, pageSize(fresh.length, this.wanted), signal);
      } catch (thrown) {
        if (signal.aborted) this.stale = true; // stopped half way: still to be done
        throw thrown;
      }
      if (signal.aborted) throw signal.reason;
      fresh = fresh.length === 0 ? page.items : [...fresh, ...page.items];
      cursor = page.next;
      if (cursor === "" || fresh.length >= this.wanted) {
        this.accept(fresh, page);
        return;
      }
    }
  }

  private accept(items: readonly T[], page: Page<T, H>): void {
    this.cursor = page.next;
    const complete = page.next === "" || page.items.length === 0;
    this.set({ items, head: page.head, complete, total: complete ? items.length : Math.max(page.total, items.length) });
  }

  private set(change: Partial<ListState<T, H>>): void {
    this.state = { ...this.state, ...change };
    for (const listener of [...this.listeners]) listener();
  }
}
