import type { Drop, Shell } from '$lib/core/core';
import { FakeCore } from '$lib/core/fake/core';
import { App } from '$lib/state/app.svelte';

export interface Stage {
  app: App;
  core: FakeCore;
  drop: (drop: Drop) => void;
}

/** An app on a fake core, opened. */
export async function stage(core = new FakeCore({ pace: 1 })): Promise<Stage> {
  const shell: Shell = {
    kind: 'fake',
    core,
    dialogs: null,
    listenDrops: () => () => undefined,
    title: () => undefined,
    painted: () => undefined,
    beforeClose: () => () => undefined,
  };
  const app = new App(shell);
  await app.document.start();
  return { app, core, drop: (drop) => app.adder.hear(drop) };
}

export function asked<Do extends FakeCore['asked'][number]['do']>(core: FakeCore, what: Do) {
  return core.asked.filter((request) => request.do === what) as Extract<
    FakeCore['asked'][number],
    { do: Do }
  >[];
}
