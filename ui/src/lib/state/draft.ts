/**
 * Words being typed: sent after a pause, in bursts that are one undo step each, and never lost.
 */

export const PAUSE_MS = 250;
/** After this long without a key, the next one begins a new undo step. */
export const BURST_MS = 1500;
/** Texts sent lately: a late echo of one of them must not put back what was typed since. */
const REMEMBERED = 32;

export interface DraftOptions {
  /** Names the thing written, for gesture ids. */
  name: string;
  send: (text: string, gesture: string) => Promise<void>;
  now?: () => number;
}

let bursts = 0;

export class Draft {
  readonly #options: DraftOptions;
  readonly #now: () => number;
  #pending: string | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #sending: Promise<void> = Promise.resolve();
  #inFlight = 0;
  #gesture = '';
  #lastTyped = -Infinity;
  #sent: string[] = [];

  constructor(options: DraftOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    all.add(this);
  }

  /** Whether there are words the core has not confirmed. */
  get dirty(): boolean {
    return this.#pending !== null || this.#inFlight > 0;
  }

  type(text: string): void {
    const now = this.#now();
    if (now - this.#lastTyped > BURST_MS || this.#gesture === '') this.#begin();
    this.#lastTyped = now;
    this.#pending = text;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.flush(), PAUSE_MS);
  }

  /** Ends the burst: the next key begins a new undo step. */
  rest(): Promise<void> {
    this.#gesture = '';
    return this.flush();
  }

  /** Sends what is waiting, and resolves when everything sent has been answered. */
  flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const text = this.#pending;
    if (text !== null) {
      this.#pending = null;
      this.#inFlight += 1;
      this.#sent = [...this.#sent, text].slice(-REMEMBERED);
      const gesture = this.#gesture || this.#begin();
      this.#sending = this.#sending
        .then(() => this.#options.send(text, gesture))
        .catch(() => {
          // Kept, so that the next flush tries again; the sender has shown why it failed.
          this.#pending ??= text;
        })
        .finally(() => {
          this.#inFlight -= 1;
        });
    }
    return this.#sending;
  }

  /** Whether a text from the core is an echo of an earlier state of this draft. */
  isEcho(text: string): boolean {
    if (this.dirty) return true;
    return (
      this.#sent.length > 0 &&
      this.#sent.at(-1) !== text &&
      this.#recent() &&
      this.#sent.includes(text)
    );
  }

  /** Forgets what was sent: from here the core is right (after undo, redo, a new take). */
  settle(): void {
    this.#sent = [];
    this.#gesture = '';
  }

  drop(): void {
    void this.flush();
    all.delete(this);
  }

  #recent(): boolean {
    return this.#now() - this.#lastTyped < BURST_MS;
  }

  #begin(): string {
    bursts += 1;
    this.#gesture = `${this.#options.name}:${bursts}`;
    return this.#gesture;
  }
}

const all = new Set<Draft>();

/** Sends everything that is still being typed. */
export async function flushAll(): Promise<void> {
  await Promise.all([...all].map((draft) => draft.rest()));
}

/** After undo or redo: the core's words are the words. */
export function settleAll(): void {
  all.forEach((draft) => draft.settle());
}
