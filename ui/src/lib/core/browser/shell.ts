/** An ordinary browser, talking to `decoupage serve` over loopback. */
import type { Core, CoreEvent, Drop, Shell } from '../core';
import { isFault, Listeners, toFault } from '../core';
import type { Fault } from '../types/Fault';
import type { Response as Answered } from '../types/Response';

const UNREACHABLE: Fault = {
  code: 'internal',
  message: 'The core does not answer.',
  advice: 'Start `decoupage serve` again and open the address it prints.',
};

export class BrowserCore implements Core {
  readonly #token: string;
  readonly #fetch: typeof fetch;

  constructor(token: string, fetching: typeof fetch = (...args) => fetch(...args)) {
    this.#token = token;
    this.#fetch = fetching;
  }

  async ask(request: Parameters<Core['ask']>[0]): Promise<Answered> {
    return (await this.#post('/api/ask', JSON.stringify(request), 'application/json')) as Answered;
  }

  /**
   * Hands a file's bytes to the core and resolves with where they lie. Files whose name begins
   * with the same folder lie together.
   */
  async upload(file: File, as = file.name): Promise<string> {
    const name = encodeURIComponent(as);
    const answer = await this.#post(`/api/upload?name=${name}`, file, 'application/octet-stream');
    if (typeof (answer as { path?: unknown }).path === 'string') {
      return (answer as { path: string }).path;
    }
    throw toFault('The core did not say where the file lies.');
  }

  readonly #listeners = new Listeners((hear) => {
    const source = new EventSource(`/api/events?token=${encodeURIComponent(this.#token)}`);
    let lost = false;
    source.onmessage = (message: MessageEvent<string>) => {
      try {
        hear(JSON.parse(message.data) as CoreEvent);
      } catch {
        // A cut-off line after a lost connection; the view asked for below makes up for it.
      }
    };
    source.onerror = () => {
      lost = true;
    };
    source.onopen = () => {
      if (!lost) return;
      lost = false;
      this.ask({ do: 'view' }).then(
        (answer) => {
          if (answer.is === 'view') hear({ event: 'view', view: answer.view });
        },
        // The core went away again; the next opening asks anew.
        () => undefined,
      );
    };
    return () => source.close();
  });

  listen(hear: (event: CoreEvent) => void): () => void {
    return this.#listeners.listen(hear);
  }

  async #post(address: string, body: BodyInit, type: string): Promise<unknown> {
    let answer: Response;
    try {
      answer = await this.#fetch(address, {
        method: 'POST',
        headers: { Authorization: `Bearer ${this.#token}`, 'Content-Type': type },
        body,
        // The last words are sent even while the page goes away; beyond 64 KB it is not allowed.
        keepalive: typeof body === 'string' && body.length < 60_000,
      });
    } catch {
      throw UNREACHABLE;
    }
    const said: unknown = await answer.json().catch(() => null);
    if (answer.ok) return said;
    if (isFault(said)) throw said;
    if (answer.status === 401 || answer.status === 403) {
      throw {
        code: 'denied',
        message: 'This address is not the one the core printed.',
        advice: 'Open the address with its token again.',
      } satisfies Fault;
    }
    throw toFault(`the core answered ${answer.status}.`);
  }
}

/** A dropped folder of frames; resolves with where the folder lies. */
async function uploadFolder(core: BrowserCore, folder: FileSystemDirectoryEntry): Promise<string> {
  const reader = folder.createReader();
  const entries: FileSystemEntry[] = [];
  // It hands out its entries in portions, and an empty one at the end.
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (portion.length === 0) break;
    entries.push(...portion);
  }
  let path = '';
  // Folders of one name that are dropped one after the other must not run together.
  const drop = crypto.randomUUID();
  for (const entry of entries) {
    if (!entry.isFile) continue;
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    path = await core.upload(file, `${drop}/${folder.name}/${file.name}`);
  }
  if (path === '') {
    throw {
      code: 'unsupported',
      message: `The folder “${folder.name}” holds no files.`,
    } satisfies Fault;
  }
  return path.replace(/[\\/][^\\/]*$/, '');
}

function listenDrops(core: BrowserCore, hear: (drop: Drop) => void): () => void {
  const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
  const over = (event: DragEvent) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    hear({ at: 'over', x: event.clientX, y: event.clientY });
  };
  const leave = (event: DragEvent) => {
    if (event.relatedTarget === null) hear({ at: 'leave' });
  };
  const drop = (event: DragEvent) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    const at = { x: event.clientX, y: event.clientY };
    // Entries are gone once this handler returns: they are taken at once, and read later.
    const entries = [...(event.dataTransfer?.items ?? [])].map((item) => item.webkitGetAsEntry());
    const files = [...(event.dataTransfer?.files ?? [])];
    hear({ at: 'receiving', ...at, count: files.length });
    const handed = files.map((file, index) => {
      const entry = entries[index];
      return entry?.isDirectory
        ? uploadFolder(core, entry as FileSystemDirectoryEntry)
        : core.upload(file);
    });
    void Promise.allSettled(handed).then((results) => {
      const paths: string[] = [];
      for (const result of results) {
        if (result.status === 'fulfilled') paths.push(result.value);
        else hear({ at: 'refused', fault: toFault(result.reason) });
      }
      hear({ at: 'drop', ...at, paths });
    });
  };
  window.addEventListener('dragover', over);
  window.addEventListener('dragleave', leave);
  window.addEventListener('drop', drop);
  return () => {
    window.removeEventListener('dragover', over);
    window.removeEventListener('dragleave', leave);
    window.removeEventListener('drop', drop);
  };
}

export function browserShell(token: string): Shell {
  const core = new BrowserCore(token);
  return {
    kind: 'browser',
    core,
    dialogs: null,
    listenDrops: (hear) => listenDrops(core, hear),
    title: (title) => {
      window.document.title = title;
    },
    painted: () => undefined,
    beforeClose(flush) {
      const leave = () => void flush();
      window.addEventListener('pagehide', leave);
      return () => window.removeEventListener('pagehide', leave);
    },
  };
}
