/** The prompt as it would be sent, and what checks find: asked for anew after each change. */
import { askFor, toFault, type Core } from '../core/core';
import type { Fault } from '../core/types/Fault';
import type { Finding } from '../core/types/Finding';
import type { Prompt } from '../core/types/Prompt';

export type Composed =
  { state: 'none' } | { state: 'ready'; prompt: Prompt } | { state: 'failed'; fault: Fault };

const PAUSE_MS = 200;

export class Composer {
  readonly #core: Core;
  #asked = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  now = $state.raw<Composed>({ state: 'none' });
  findings = $state.raw<Finding[]>([]);

  constructor(core: Core) {
    this.#core = core;
  }

  clear(): void {
    this.#asked += 1;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.now = { state: 'none' };
    this.findings = [];
  }

  want(shot: number, take: number, generator: string): void {
    this.#asked += 1;
    const asked = this.#asked;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#ask(asked, shot, take, generator), PAUSE_MS);
  }

  async #ask(asked: number, shot: number, take: number, generator: string): Promise<void> {
    try {
      const { prompt } = await askFor(this.#core, 'prompt', {
        do: 'compose',
        shot,
        take,
        generator,
      });
      if (asked === this.#asked) this.now = { state: 'ready', prompt };
    } catch (thrown) {
      if (asked === this.#asked) this.now = { state: 'failed', fault: toFault(thrown) };
    }
    try {
      const { findings } = await askFor(this.#core, 'findings', { do: 'check', shot, take });
      if (asked === this.#asked) this.findings = findings;
    } catch {
      // Without checks the caption can still be written; the fault above tells what is wrong.
      if (asked === this.#asked) this.findings = [];
    }
  }
}
