/** The open document: what the core says it is, and the edits sent to it, in order. */
import { askFor, toFault, type Core } from '../core/core';
import type { Edit } from '../core/types/Edit';
import type { Fault } from '../core/types/Fault';
import type { Profile } from '../core/types/Profile';
import type { Request } from '../core/types/Request';
import type { View } from '../core/types/View';
import { flushAll, settleAll } from './draft';
import type { Notices } from './notices.svelte';

export type Opening =
  { state: 'starting' } | { state: 'none' } | { state: 'open' } | { state: 'failed'; fault: Fault };

export class Document {
  readonly #core: Core;
  readonly #notices: Notices;
  #queue: Promise<unknown> = Promise.resolve();

  opening = $state.raw<Opening>({ state: 'starting' });
  view = $state.raw<View | null>(null);
  generators = $state.raw<Profile[]>([]);
  version = $state('');
  home = $state('');
  #chosen = $state<number | null>(null);
  /** The project whose notices have been said. */
  #told: string | null = null;

  readonly project = $derived(this.view?.project ?? null);
  readonly shots = $derived(this.project?.shots ?? []);
  readonly shot = $derived(
    this.shots.find((shot) => shot.id === this.#chosen) ?? this.shots[0] ?? null,
  );
  readonly take = $derived(
    this.shot?.takes.find((take) => take.id === this.shot?.current_take) ?? null,
  );

  constructor(core: Core, notices: Notices) {
    this.#core = core;
    this.#notices = notices;
    core.listen((event) => {
      if (event.event === 'view') this.#show(event.view);
    });
  }

  async start(): Promise<void> {
    try {
      const hello = await askFor(this.#core, 'hello', { do: 'hello' });
      this.generators = hello.generators;
      this.version = hello.version;
      this.home = hello.home;
      const answer = await this.#core.ask({ do: 'view' });
      if (answer.is === 'view') this.#open(answer.view);
      // The shell may have opened a project between question and answer.
      else if (this.view === null) this.opening = { state: 'none' };
    } catch (thrown) {
      this.opening = { state: 'failed', fault: toFault(thrown) };
    }
  }

  chooseShot(id: number): void {
    void flushAll();
    this.#chosen = id;
  }

  medium(condition: number) {
    return this.view?.media.find((medium) => medium.condition === condition) ?? null;
  }

  /** Sends an edit after all earlier ones. Resolves to whether it was taken. */
  async edit(edit: Edit, gesture?: string): Promise<boolean> {
    const request: Request =
      gesture === undefined ? { do: 'edit', edit } : { do: 'edit', edit, gesture };
    return await this.#send(request);
  }

  /** As {@link edit}, but rejects with the fault after showing it: for drafts, which try again. */
  async write(edit: Edit, gesture: string): Promise<void> {
    const taken = await this.edit(edit, gesture);
    if (!taken) throw new Error('The edit was not taken.');
  }

  async undo(): Promise<void> {
    await flushAll();
    settleAll();
    await this.#send({ do: 'undo' });
  }

  async redo(): Promise<void> {
    await flushAll();
    settleAll();
    await this.#send({ do: 'redo' });
  }

  async save(): Promise<void> {
    await flushAll();
    await this.#send({ do: 'save' });
  }

  /** Opens or makes a project with a request that answers with a view. */
  async open(request: Request): Promise<boolean> {
    await flushAll();
    try {
      const { view } = await askFor(this.#core, 'view', request);
      this.#chosen = null;
      this.#told = null;
      settleAll();
      this.#open(view);
      return true;
    } catch (thrown) {
      this.#notices.fault(toFault(thrown));
      return false;
    }
  }

  async send(request: Request): Promise<boolean> {
    return await this.#send(request);
  }

  #open(view: View): void {
    this.#show(view, true);
    this.#opened(view);
  }

  #opened(view: View): void {
    if (this.opening.state === 'open' && this.#told === view.folder) return;
    this.opening = { state: 'open' };
    this.#told = view.folder;
    view.notices.forEach((text) => this.#notices.say({ text, severity: 'note' }));
  }

  /** `anew`: the core has opened it again and counts revisions from the beginning. */
  #show(view: View, anew = false): void {
    const before = this.view;
    // Answers and events come by different ways: what overtook them is newer.
    const same = before?.folder === view.folder;
    if (before && same && !anew && view.revision < before.revision) return;
    this.view = view;
    this.#opened(view);
    // A shot that was just added is the one to work on.
    if (before && same && !anew) {
      const added = view.project.shots.filter(
        (shot) => !before.project.shots.some((old) => old.id === shot.id),
      );
      if (added.length === 1 && added[0]) this.#chosen = added[0].id;
    }
    if (before?.save.state !== 'failed' && view.save.state === 'failed') {
      this.#notices.fault(view.save.fault);
    }
  }

  async #send(request: Request): Promise<boolean> {
    if (request.do !== 'save') this.#notices.forgetUndo();
    const sent = this.#queue.then(async () => {
      try {
        const { view } = await askFor(this.#core, 'view', request);
        this.#show(view);
        return true;
      } catch (thrown) {
        this.#notices.fault(toFault(thrown));
        return false;
      }
    });
    this.#queue = sent;
    return await sent;
  }
}
