/** An interpretation under way: what it has said so far, and the way to stop it. */
import type { Jobs, Progress } from '../core/jobs';
import type { Fault } from '../core/types/Fault';
import type { Offer } from '../core/types/Offer';
import type { Section } from '../core/types/Section';
import type { Trace } from '../core/types/Trace';
import type { Writing } from '../core/types/Writing';
import { flushAll, settleAll } from './draft';
import type { Shelf } from './models.svelte';
import type { Notices } from './notices.svelte';

export type Interpretation =
  | { state: 'idle' }
  | {
      state: 'running';
      shot: number;
      progress: Progress | null;
      trace: Trace | null;
      sections: Partial<Record<Section, string>>;
      cancelling: boolean;
      /** Words a second, where a model writes. */
      pace: number | null;
      /** What was reduced so that it fits. */
      notes: string[];
    }
  | { state: 'failed'; shot: number; sections: Section[]; fault: Fault; offers: Offer[] };

const RUNNING = {
  state: 'running',
  progress: null,
  trace: null,
  sections: {},
  cancelling: false,
  pace: null,
  notes: [],
} satisfies Omit<Extract<Interpretation, { state: 'running' }>, 'shot'>;

/** A token is about three quarters of an English word. */
const WORDS_PER_TOKEN = 0.75;

export const PLAIN_WRITING: Writing = {
  style: { is: 'sections' },
  must_include: [],
  avoid: [],
};

export class Interpreter {
  readonly #jobs: Jobs;
  readonly #notices: Notices;
  readonly #shelf: Shelf;
  #stop: AbortController | null = null;
  #asked = { what: '', times: 0 };
  now = $state.raw<Interpretation>({ state: 'idle' });
  /** Wishes for a model's words. */
  writing = $state.raw<Writing>(PLAIN_WRITING);
  readonly running = $derived(this.now.state === 'running');

  constructor(jobs: Jobs, notices: Notices, shelf: Shelf) {
    this.#jobs = jobs;
    this.#notices = notices;
    this.#shelf = shelf;
  }

  async run(shot: number, sections: Section[] = []): Promise<void> {
    if (this.now.state === 'running') return;
    this.now = { ...RUNNING, shot };
    const stop = new AbortController();
    this.#stop = stop;
    const again = JSON.stringify([shot, sections]);
    await flushAll();
    const end = await this.#jobs.run(
      {
        do: 'interpret',
        shot,
        engine: this.#shelf.settings?.engine ?? 'measured',
        seed: this.#seed(again),
        sections,
        writing: this.writing,
      },
      {
        signal: stop.signal,
        onProgress: (progress) => this.#change((now) => ({ ...now, progress })),
        onEvent: (event) => {
          if (event.event === 'trace') this.#change((now) => ({ ...now, trace: event.trace }));
          else if (event.event === 'section') {
            this.#change((now) => ({
              ...now,
              sections: { ...now.sections, [event.section]: event.text },
            }));
          } else if (event.event === 'pace') {
            this.#change((now) => ({ ...now, pace: event.tokens_per_s * WORDS_PER_TOKEN }));
          } else if (event.event === 'note') {
            this.#change((now) => ({ ...now, notes: [...now.notes, event.text] }));
            this.#notices.say({ text: event.text });
          }
        },
      },
    );
    this.#stop = null;
    settleAll();
    if (end.end === 'failed') {
      this.now = { state: 'failed', shot, sections, fault: end.fault, offers: end.offers };
      // With smaller steps to choose from, the take panel says what happened.
      if (end.offers.length === 0)
        this.#notices.fault(end.fault, { retry: () => void this.run(shot, sections) });
    } else {
      this.now = { state: 'idle' };
      if (end.end === 'cancelled')
        this.#notices.say({ text: 'Cancelled; the take before it stays.' });
      else if (end.end === 'take' && end.unfinished)
        this.#notices.say({ text: 'Stopped; what was written until then is a take.' });
    }
  }

  /** New takes of several shots, shared out among the servers. */
  async runAll(shots: number[]): Promise<void> {
    const [first] = shots;
    if (first === undefined || this.now.state === 'running') return;
    this.now = { ...RUNNING, shot: first };
    const stop = new AbortController();
    this.#stop = stop;
    await flushAll();
    const end = await this.#jobs.run(
      { do: 'interpret_all', shots, seed: 0, writing: this.writing },
      {
        signal: stop.signal,
        onProgress: (progress) => this.#change((now) => ({ ...now, progress })),
      },
    );
    this.#stop = null;
    settleAll();
    this.now = { state: 'idle' };
    if (end.end === 'failed') {
      this.#notices.fault(end.fault, { retry: () => void this.runAll(shots) });
    } else if (end.end === 'takes') {
      const count = end.shots.length;
      this.#notices.say({ text: count === 1 ? 'One take written.' : `${count} takes written.` });
      end.failed.forEach(({ fault }) => this.#notices.fault(fault));
    } else if (end.end === 'cancelled') {
      this.#notices.say({ text: 'Cancelled; the takes before it stay.' });
    }
  }

  /** Takes a smaller step from now on, and tries again. */
  async goSmaller(offer: Offer): Promise<void> {
    if (this.now.state !== 'failed') return;
    const { shot, sections } = this.now;
    const model = this.#shelf.settings?.model;
    if (model) await this.#shelf.goSmaller(model, offer.step);
    await this.run(shot, sections);
  }

  dismiss(): void {
    if (this.now.state === 'failed') this.now = { state: 'idle' };
  }

  /** The same wish again is a wish for other words. */
  #seed(again: string): number {
    this.#asked =
      this.#asked.what === again
        ? { what: again, times: this.#asked.times + 1 }
        : { what: again, times: 0 };
    return this.#asked.times;
  }

  /** Whether there was something to cancel. */
  cancel(): boolean {
    if (!this.#stop || this.#stop.signal.aborted) return false;
    this.#stop.abort();
    this.#change((now) => ({ ...now, cancelling: true }));
    return true;
  }

  #change(to: (now: Extract<Interpretation, { state: 'running' }>) => Interpretation): void {
    if (this.now.state === 'running') this.now = to(this.now);
  }
}
