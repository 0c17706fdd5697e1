/** Long work: started by a request, told by events, ended once. */
import type { Core, CoreEvent } from './core';
import { toFault } from './core';
import type { JobEnd } from './types/JobEnd';
import type { Phase } from './types/Phase';
import type { Request } from './types/Request';

export interface Progress {
  phase: Phase;
  done: number;
  /** 0 where it cannot be known. */
  total: number;
}

export interface RunOptions {
  onStart?: (job: number) => void;
  onProgress?: (progress: Progress) => void;
  /** Trace and section events of this job. */
  onEvent?: (event: Extract<CoreEvent, { job: number }>) => void;
  signal?: AbortSignal;
}

type JobEvent = Extract<CoreEvent, { job: number }>;

/** Events of jobs whose number is not known here yet: they may overtake the answer. */
const KEPT_EARLY_EVENTS = 256;

export class Jobs {
  readonly #core: Core;
  readonly #hearing = new Map<number, (event: JobEvent) => void>();
  #early: JobEvent[] = [];
  readonly stop: () => void;

  constructor(core: Core) {
    this.#core = core;
    this.stop = core.listen((event) => {
      if (!('job' in event)) return;
      const hear = this.#hearing.get(event.job);
      if (hear) hear(event);
      else this.#early = [...this.#early, event].slice(-KEPT_EARLY_EVENTS);
    });
  }

  /** Starts a job and resolves with how it ended; never rejects. */
  async run(request: Request, options: RunOptions = {}): Promise<JobEnd> {
    let job: number;
    try {
      const answer = await this.#core.ask(request);
      if (answer.is !== 'job') {
        return {
          end: 'failed',
          fault: toFault(`The core did not start “${request.do}”.`),
          offers: [],
        };
      }
      job = answer.job;
    } catch (thrown) {
      const fault = toFault(thrown);
      return fault.code === 'cancelled'
        ? { end: 'cancelled' }
        : { end: 'failed', fault, offers: [] };
    }
    options.onStart?.(job);
    return new Promise((resolve) => {
      const cancel = () => {
        // A job that has ended by now answers with a fault: its end has told everything.
        this.#core.ask({ do: 'cancel', job }).catch(() => undefined);
      };
      const hear = (event: JobEvent) => {
        if (event.event === 'end') {
          this.#hearing.delete(job);
          options.signal?.removeEventListener('abort', cancel);
          resolve(event.end);
        } else if (event.event === 'progress') {
          options.onProgress?.({ phase: event.phase, done: event.done, total: event.total });
        } else {
          options.onEvent?.(event);
        }
      };
      this.#hearing.set(job, hear);
      if (options.signal?.aborted) cancel();
      else options.signal?.addEventListener('abort', cancel, { once: true });
      const early = this.#early.filter((event) => event.job === job);
      this.#early = this.#early.filter((event) => event.job !== job);
      early.forEach(hear);
    });
  }
}
