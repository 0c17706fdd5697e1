import type { Shell } from '../core';
import { FakeCore } from './core';

export function fakeShell(): Shell {
  return {
    kind: 'fake',
    core: new FakeCore(),
    dialogs: null,
    listenDrops: () => () => undefined,
    title: () => undefined,
    painted: () => undefined,
    beforeClose: () => () => undefined,
  };
}
