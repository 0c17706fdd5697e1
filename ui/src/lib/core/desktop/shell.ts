/** The desktop shell. The only folder that knows the desktop toolkit. */
import { Channel, invoke } from '@tauri-apps/api/core';
import { getCurrentWebview } from '@tauri-apps/api/webview';
import { getCurrentWindow } from '@tauri-apps/api/window';
import { open } from '@tauri-apps/plugin-dialog';
import type { Core, CoreEvent, Drop, Shell } from '../core';
import { Listeners, toFault } from '../core';
import type { Response } from '../types/Response';

class DesktopCore implements Core {
  async ask(request: Parameters<Core['ask']>[0]): Promise<Response> {
    try {
      return await invoke<Response>('ask', { request });
    } catch (thrown) {
      throw toFault(thrown);
    }
  }

  readonly #listeners = new Listeners((hear) => {
    let on = true;
    const channel = new Channel<CoreEvent>();
    channel.onmessage = (event) => {
      if (on) hear(event);
    };
    void invoke('listen', { channel }).catch(() => undefined);
    return () => {
      on = false;
    };
  });

  listen(hear: (event: CoreEvent) => void): () => void {
    return this.#listeners.listen(hear);
  }
}

function listenDrops(hear: (drop: Drop) => void): () => void {
  let stop: (() => void) | null = null;
  let stopped = false;
  // The position is in physical pixels.
  const at = (position: { x: number; y: number }) => ({
    x: position.x / window.devicePixelRatio,
    y: position.y / window.devicePixelRatio,
  });
  void getCurrentWebview()
    .onDragDropEvent(({ payload }) => {
      if (payload.type === 'leave') hear({ at: 'leave' });
      else if (payload.type === 'drop') {
        hear({ at: 'drop', ...at(payload.position), paths: payload.paths });
      } else hear({ at: 'over', ...at(payload.position) });
    })
    .then((unlisten) => {
      if (stopped) unlisten();
      else stop = unlisten;
    });
  return () => {
    stopped = true;
    stop?.();
  };
}

function beforeClose(flush: () => Promise<void>): () => void {
  let stop: (() => void) | null = null;
  void getCurrentWindow()
    .onCloseRequested(async () => {
      await flush();
    })
    .then((unlisten) => {
      stop = unlisten;
    });
  return () => stop?.();
}

export function desktopShell(): Shell {
  return {
    kind: 'desktop',
    core: new DesktopCore(),
    dialogs: {
      async files(title) {
        const picked = await open({ title, multiple: true });
        return picked ?? [];
      },
      async folder(title) {
        return await open({ title, directory: true, multiple: false, canCreateDirectories: true });
      },
    },
    listenDrops,
    title: (title) =>
      void getCurrentWindow()
        .setTitle(title)
        .catch(() => undefined),
    painted: () => void invoke('painted').catch(() => undefined),
    beforeClose,
  };
}
