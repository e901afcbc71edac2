import type { ApiError } from "@/api/errors";
import type { Gift } from "./gather";

/** A file as the daemon is told of it. */
export interface Told {
  path: string;
  size?: number;
  modified?: number;
  folder?: boolean;
  anew?: boolean;
}

/** How far the daemon says that a file has come. */
export interface FileState {
  path: string;
  file: number;
  got: number;
  done: boolean;
  refused?: string;
}

/** The world outside of a sender: the daemon, checksums, time. */
export interface Outside {
  add: (files: Told[]) => Promise<FileState[]>;
  sums: (file: number) => Promise<string[]>;
  send: (file: number, offset: number, bytes: ArrayBuffer) => Promise<number>;
  digest: (bytes: ArrayBuffer) => Promise<string>;
  /** Resolves when the daemon answers again. */
  back: () => Promise<void>;
  error: (thrown: unknown) => ApiError;
  stopped: () => boolean;
}

/** What became of it, as it goes on. */
export interface Course {
  files: number;
  doneFiles: number;
  bytes: number;
  sent: number;
  current: string;
  /** What the daemon does not take, and why. */
  refused: { path: string; why: string }[];
  /** What could not be sent, and why. */
  failed: { path: string; why: string }[];
  waiting: boolean;
}

const batch = 200;
const patience = 5; // conflicts of one file without a step ahead

export const told = ({ path, file }: Gift): Told =>
  file === undefined ? { path, folder: true } : { path, ...(file.size > 0 && { size: file.size }), modified: file.lastModified };

/** Sends files in pieces, from where each stopped, a few at a time. */
export class Sender {
  readonly course: Course;

  constructor(
    private readonly gifts: readonly Gift[],
    private readonly chunk: number,
    private readonly outside: Outside,
    private readonly changed: (course: Course) => void,
    private readonly atOnce = 2,
  ) {
    const files = gifts.filter(({ file }) => file !== undefined);
    this.course = { files: files.length, doneFiles: 0, bytes: files.reduce((sum, { file }) => sum + (file?.size ?? 0), 0), sent: 0, current: "", refused: [], failed: [], waiting: false };
  }

  /** Sends all of it; resolves when nothing is left to be sent, or it was stopped. Rejects when the upload as a whole cannot go on. */
  async run(): Promise<void> {
    for (let from = 0; from < this.gifts.length; from += batch) {
      const some = this.gifts.slice(from, from + batch);
      const states = await this.patiently(() => this.outside.add(some.map(told)));
      const queue = some.map((gift, i) => ({ gift, state: states[i] }));
      const worker = async () => {
        for (let next = queue.shift(); next !== undefined && !this.outside.stopped(); next = queue.shift()) {
          if (next.state) await this.one(next.gift, next.state);
        }
      };
      await Promise.all(Array.from({ length: this.atOnce }, worker));
      if (this.outside.stopped()) return;
    }
  }

  private tell(change: Partial<Course>): void {
    Object.assign(this.course, change);
    this.changed(this.course);
  }

  /** Does it again while the daemon is away. */
  private async patiently<T>(act: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        const value = await act();
        if (this.course.waiting) this.tell({ waiting: false });
        return value;
      } catch (thrown) {
        const { kind } = this.outside.error(thrown);
        if (this.outside.stopped() || (kind !== "unreachable" && kind !== "signed_out")) throw thrown;
        this.tell({ waiting: true });
        await this.outside.back();
      }
    }
  }

  private async one(gift: Gift, first: FileState): Promise<void> {
    const { file, path } = gift;
    if (first.refused !== undefined) {
      this.tell({ refused: [...this.course.refused, { path, why: first.refused }], bytes: this.course.bytes - (file?.size ?? 0), files: this.course.files - (file === undefined ? 0 : 1) });
      return;
    }
    if (file === undefined) return;
    this.tell({ current: path });
    let counted = 0;
    const count = (got: number) => {
      this.tell({ sent: this.course.sent + got - counted });
      counted = got;
    };
    try {
      let state = first.got > 0 && !first.done ? await this.checked(gift, file, first) : first;
      count(state.done ? file.size : state.got);
      for (let tries = 0; !state.done && state.got < file.size; ) {
        if (this.outside.stopped()) return;
        const at = state.got;
        try {
          const bytes = await file.slice(at, at + this.chunk).arrayBuffer();
          state = { ...state, got: await this.outside.send(state.file, at, bytes) };
        } catch (thrown) {
          const { kind } = this.outside.error(thrown);
          const again = kind === "unreachable" || kind === "signed_out" || (kind === "conflict" && ++tries <= patience);
          if (!again || this.outside.stopped()) throw thrown;
          if (kind !== "conflict") {
            this.tell({ waiting: true });
            await this.outside.back();
          }
          const [now] = await this.patiently(() => this.outside.add([told(gift)]));
          if (now === undefined) throw thrown;
          state = now;
        }
        if (state.got > at) tries = 0;
        count(state.done ? file.size : state.got);
      }
      this.tell({ doneFiles: this.course.doneFiles + 1 });
    } catch (thrown) {
      if (this.outside.stopped()) return;
      const error = this.outside.error(thrown);
      if (error.kind === "unavailable" || error.kind === "not_found") throw thrown; // the volume is away or full, or the upload is gone
      count(0);
      this.tell({ failed: [...this.course.failed, { path, why: error.message }] });
    }
  }

  /** Whether what has come of a file is of this file: the same name, size and time may be chance. */
  private async checked(gift: Gift, file: File, state: FileState): Promise<FileState> {
    const sums = await this.patiently(() => this.outside.sums(state.file));
    for (let i = 0; i < sums.length && i * this.chunk < state.got; i++) {
      if ((await this.outside.digest(await file.slice(i * this.chunk, (i + 1) * this.chunk).arrayBuffer())) === sums[i]) continue;
      const [anew] = await this.patiently(() => this.outside.add([{ ...told(gift), anew: true }]));
      return anew ?? state;
    }
    return state;
  }
}
