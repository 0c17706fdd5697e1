/** The shelf of models: which there are, what is being fetched, what the person chose. */
import { askFor, toFault, type Core } from '../core/core';
import type { Jobs, Progress } from '../core/jobs';
import type { EndpointSettings } from '../core/types/EndpointSettings';
import type { ModelCard } from '../core/types/ModelCard';
import type { Models } from '../core/types/Models';
import type { ModelSettings } from '../core/types/ModelSettings';
import type { Request } from '../core/types/Request';
import type { Smaller } from '../core/types/Smaller';
import { without } from '../core/without';
import type { Notices } from './notices.svelte';

export interface Work {
  what: 'fetching' | 'checking';
  progress: Progress | null;
  stop: AbortController;
}

export type Trial =
  | { state: 'asking' }
  | { state: 'answered'; models: string[]; says: string }
  | { state: 'failed'; says: string };

export class Shelf {
  readonly #core: Core;
  readonly #jobs: Jobs;
  readonly #notices: Notices;
  now = $state.raw<Models | null>(null);
  /** Work on a model, by its id. */
  works = $state.raw<Record<string, Work>>({});
  /** What endpoints answered, by name. */
  trials = $state.raw<Record<string, Trial>>({});
  /** What the last check of a model's files said, by id. */
  checked = $state.raw<Record<string, string>>({});
  readonly settings = $derived(this.now?.settings ?? null);
  readonly chosen = $derived(
    this.now?.models.find((model) => model.id === this.now?.settings.model) ?? null,
  );

  constructor(core: Core, jobs: Jobs, notices: Notices) {
    this.#core = core;
    this.#jobs = jobs;
    this.#notices = notices;
  }

  async load(): Promise<void> {
    await this.#ask({ do: 'models' });
  }

  async change(patch: Partial<ModelSettings>): Promise<void> {
    const settings = this.settings;
    if (!settings) return;
    await this.keep({ ...settings, ...patch });
  }

  async keep(settings: ModelSettings): Promise<void> {
    await this.#ask({ do: 'set_model_settings', settings });
  }

  async goSmaller(model: string, step: Smaller): Promise<void> {
    await this.#ask({ do: 'go_smaller', model, step });
  }

  async fetch(model: ModelCard): Promise<void> {
    const end = await this.#work(model.id, 'fetching', { do: 'download_model', model: model.id });
    if (end?.end === 'model') this.#notices.say({ text: `${model.name} is here.` });
    await this.load();
  }

  async verify(model: ModelCard): Promise<void> {
    const end = await this.#work(model.id, 'checking', { do: 'verify_model', model: model.id });
    if (end?.end === 'verified') {
      this.checked = { ...this.checked, [model.id]: end.verification.sentence };
    }
  }

  cancel(model: string): void {
    this.works[model]?.stop.abort();
  }

  async unload(): Promise<void> {
    try {
      await this.#core.ask({ do: 'unload_model' });
    } catch (thrown) {
      this.#notices.fault(toFault(thrown));
    }
  }

  async setKey(endpoint: string, key: string | null): Promise<void> {
    await this.#ask(key === null ? { do: 'set_key', endpoint } : { do: 'set_key', endpoint, key });
  }

  async tryOut(endpoint: EndpointSettings): Promise<void> {
    this.#tried(endpoint.name, { state: 'asking' });
    const end = await this.#jobs.run({ do: 'try_endpoint', endpoint });
    if (end.end === 'endpoint') {
      this.#tried(endpoint.name, { state: 'answered', models: end.models, says: end.says });
    } else if (end.end === 'failed') {
      const { message, advice } = end.fault;
      this.#tried(endpoint.name, {
        state: 'failed',
        says: advice ? `${message} ${advice}` : message,
      });
    }
  }

  #tried(name: string, trial: Trial): void {
    this.trials = { ...this.trials, [name]: trial };
  }

  async #ask(request: Request): Promise<void> {
    try {
      this.now = (await askFor(this.#core, 'models', request)).models;
    } catch (thrown) {
      this.#notices.fault(toFault(thrown), { retry: () => void this.#ask(request) });
    }
  }

  async #work(model: string, what: Work['what'], request: Request) {
    if (this.works[model]) return null;
    const stop = new AbortController();
    const tell = (progress: Progress | null) => {
      this.works = { ...this.works, [model]: { what, progress, stop } };
    };
    tell(null);
    const end = await this.#jobs.run(request, { signal: stop.signal, onProgress: tell });
    this.works = without(this.works, model);
    if (end.end === 'failed') {
      this.#notices.fault(end.fault, {
        retry: () => void this.#work(model, what, request).then(() => this.load()),
      });
    }
    return end;
  }
}
