/** An interpretation under way: what it has said so far, and the way to stop it. */
import type { Jobs, Progress } from '../core/jobs';
import type { Engine } from '../core/types/Engine';
import type { Fault } from '../core/types/Fault';
import type { Section } from '../core/types/Section';
import type { Trace } from '../core/types/Trace';
import { flushAll, settleAll } from './draft';
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
    }
  | { state: 'failed'; shot: number; fault: Fault };

export class Interpreter {
  readonly #jobs: Jobs;
  readonly #notices: Notices;
  #stop: AbortController | null = null;
  now = $state.raw<Interpretation>({ state: 'idle' });
  engine = $state<Engine>('measured');
  readonly running = $derived(this.now.state === 'running');

  constructor(jobs: Jobs, notices: Notices) {
    this.#jobs = jobs;
    this.#notices = notices;
  }

  async run(shot: number, sections: Section[] = []): Promise<void> {
    if (this.now.state === 'running') return;
    this.now = {
      state: 'running',
      shot,
      progress: null,
      trace: null,
      sections: {},
      cancelling: false,
    };
    const stop = new AbortController();
    this.#stop = stop;
    await flushAll();
    const end = await this.#jobs.run(
      { do: 'interpret', shot, engine: this.engine, seed: 0, sections },
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
          }
        },
      },
    );
    this.#stop = null;
    settleAll();
    if (end.end === 'failed') {
      this.now = { state: 'failed', shot, fault: end.fault };
      this.#notices.fault(end.fault, { retry: () => void this.run(shot, sections) });
    } else {
      this.now = { state: 'idle' };
      if (end.end === 'cancelled')
        this.#notices.say({ text: 'Cancelled; the take before it stays.' });
    }
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
