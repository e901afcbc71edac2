import { withLibrary } from "./library";
import type { Job } from "./types";

const entryTypes = [
  "entry.created", "entry.modified", "entry.moved", "entry.absent", "entry.returned", "entry.excluded", "entry.changed", "entry.removed",
] as const;
const locationTypes = ["location.created", "location.changed", "location.indexed", "location.removed"] as const;
const volumeTypes = ["volume.created", "volume.changed", "volume.online", "volume.offline", "volume.removed"] as const;

/** A fact from the daemon's feed: `seq`, `time` and `type` beside the fields of its type. */
export type FeedEvent =
  | { type: "folders.changed"; folders?: string[]; more?: boolean }
  | { type: (typeof entryTypes)[number]; id: string; parent?: string }
  | { type: (typeof locationTypes)[number] }
  | { type: (typeof volumeTypes)[number] }
  | ({ type: "job.changed" } & Job)
  | { type: "sidecar.made"; entries?: string[] }
  | { type: "content.damaged" }
  | { type: "organize.changed" }
  | { type: "lagged" };

const types: FeedEvent["type"][] = [
  "folders.changed", ...entryTypes, ...locationTypes, ...volumeTypes, "job.changed", "sidecar.made", "content.damaged", "organize.changed", "lagged",
];

interface Handlers {
  onEvent: (event: FeedEvent) => void;
  /** The stream is up; `again` says that it was up before, and fleeting events may have been missed. */
  onOpen: (again: boolean) => void;
  onLost: () => void;
}

/**
 * Follows the daemon's events and reconnects from the last one seen. The
 * browser's own reconnect repeats the first URL, so the stream is reopened here.
 */
export class EventStream {
  private source: EventSource | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private seq = -1;
  private opened = false;
  private failures = 0;

  constructor(private readonly handlers: Handlers) {}

  start(): void {
    clearTimeout(this.timer);
    this.source?.close();
    const query = new URLSearchParams({ summary: "true" });
    if (this.seq >= 0) query.set("since", String(this.seq));
    const source = new EventSource(withLibrary(`/v1/events?${query.toString()}`));
    this.source = source;
    source.onopen = () => {
      const again = this.opened;
      this.opened = true;
      this.failures = 0;
      this.handlers.onOpen(again);
    };
    source.onmessage = (message) => this.receive(message);
    for (const type of types) source.addEventListener(type, (message) => this.receive(message));
    source.onerror = () => {
      source.close();
      if (this.source !== source) return;
      this.failures += 1;
      this.handlers.onLost();
      this.timer = setTimeout(() => this.start(), Math.min(500 * 2 ** this.failures, 8000));
    };
  }

  stop(): void {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = undefined;
  }

  private receive(message: MessageEvent): void {
    let event: unknown;
    try {
      event = JSON.parse(String(message.data));
    } catch {
      return; // a keep-alive or a foreign line
    }
    if (typeof event !== "object" || event === null) return;
    const { seq, type } = event as { seq?: unknown; type?: unknown };
    if (typeof seq === "number" && seq > this.seq) this.seq = seq;
    if (types.some((known) => known === type)) this.handlers.onEvent(event as FeedEvent);
  }
}
