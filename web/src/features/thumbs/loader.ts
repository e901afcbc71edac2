import type { PictureAnswer, PictureKind } from "@/api/sidecars";

/** A picture of a file, as far as it has come. */
export type Thumb =
  | { state: "waiting" }
  | { state: "ready"; url: string }
  | { state: "none"; why: string };

/** Which picture of which file; `mark` is another whenever the file is another. */
export interface Wanted {
  id: string;
  mark: string;
  kind: PictureKind;
}

interface Item {
  wanted: Wanted;
  thumb: Thumb;
  listeners: Set<() => void>;
  running: AbortController | undefined;
  tries: number;
  notBefore: number;
}

interface Outside {
  fetch: (id: string, kind: PictureKind, signal: AbortSignal) => Promise<PictureAnswer>;
  makeUrl: (bytes: Blob) => string;
  dropUrl: (url: string) => void;
  now: () => number;
  wait: (ms: number, fn: () => void) => void;
}

const waiting: Thumb = { state: "waiting" };
const mostTries = 6;

/**
 * Fetches the pictures that somebody looks at: what was asked for last comes
 * first, few at a time so that operations are never kept waiting, and what is
 * looked at no more is given up. The newest `capacity` of them stay at hand.
 */
export class ThumbLoader {
  private readonly items = new Map<string, Item>();
  private running = 0;

  constructor(
    private readonly outside: Outside,
    private readonly atOnce = 3,
    private readonly capacity = 600,
  ) {}

  get({ id, mark, kind }: Wanted): Thumb {
    return this.items.get(`${kind} ${id} ${mark}`)?.thumb ?? waiting;
  }

  /** Wants a picture until the returned function is called. */
  watch(wanted: Wanted, listener: () => void): () => void {
    const key = `${wanted.kind} ${wanted.id} ${wanted.mark}`;
    const item = this.items.get(key) ?? { wanted, thumb: waiting, listeners: new Set(), running: undefined, tries: 0, notBefore: 0 };
    this.items.delete(key);
    this.items.set(key, item); // the newest stand at the end
    item.listeners.add(listener);
    this.next();
    return () => {
      item.listeners.delete(listener);
      if (item.listeners.size === 0 && item.thumb.state === "waiting") {
        item.running?.abort();
        this.items.delete(key);
      }
      this.shrink();
    };
  }

  /** The pictures of a file are made anew: what is at hand of it is forgotten. */
  forget(id: string): void {
    for (const [key, item] of this.items) {
      if (item.wanted.id !== id) continue;
      item.running?.abort();
      if (item.listeners.size === 0) this.drop(key, item);
      else this.settle(item, waiting);
      item.tries = 0;
    }
    this.next();
  }

  /** There may be pictures of a file now: those that are there stay. */
  retry(id: string): void {
    for (const item of this.items.values()) {
      if (item.wanted.id !== id || item.thumb.state === "ready" || item.running !== undefined) continue;
      item.tries = 0;
      item.notBefore = 0;
      if (item.thumb.state === "none") this.settle(item, waiting);
    }
    this.next();
  }

  private next(): void {
    const now = this.outside.now();
    for (const item of [...this.items.values()].reverse()) {
      if (this.running >= this.atOnce) return;
      if (item.thumb.state !== "waiting" || item.running !== undefined || item.listeners.size === 0 || item.notBefore > now) continue;
      this.start(item);
    }
  }

  private start(item: Item): void {
    const controller = new AbortController();
    item.running = controller;
    item.tries += 1;
    this.running += 1;
    void this.outside
      .fetch(item.wanted.id, item.wanted.kind, controller.signal)
      .then((answer) => (controller.signal.aborted ? undefined : this.accept(item, answer)), () => undefined)
      .then(() => {
        this.running -= 1;
        if (item.running === controller) item.running = undefined;
        this.next();
      });
  }

  private accept(item: Item, answer: PictureAnswer): void {
    if (answer.state === "ready") this.settle(item, { state: "ready", url: this.outside.makeUrl(answer.bytes) });
    else if (answer.state === "none") this.settle(item, answer);
    else if (item.tries >= mostTries) this.settle(item, { state: "none", why: answer.why });
    else {
      item.notBefore = this.outside.now() + answer.seconds * 1000;
      this.outside.wait(answer.seconds * 1000, () => this.next());
    }
  }

  private settle(item: Item, thumb: Thumb): void {
    if (item.thumb.state === "ready") this.outside.dropUrl(item.thumb.url);
    item.thumb = thumb;
    for (const listener of [...item.listeners]) listener();
  }

  private shrink(): void {
    for (const [key, item] of this.items) {
      if (this.items.size <= this.capacity) return;
      if (item.listeners.size === 0) this.drop(key, item);
    }
  }

  private drop(key: string, item: Item): void {
    this.items.delete(key);
    if (item.thumb.state === "ready") this.outside.dropUrl(item.thumb.url);
  }
}
