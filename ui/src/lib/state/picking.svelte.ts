/** Choosing files and folders: by the system's dialogs, or by a panel where there are none. */
import type { Answer, Dialogs } from '../core/core';

export type Folder = Answer<'folder'>;
export type Wanted = 'files' | 'folder' | 'project';

export type Picking =
  | { state: 'closed' }
  | { state: 'open'; wanted: Wanted; title: string; done: (paths: string[]) => void };

export class Picker {
  readonly #dialogs: Dialogs | null;
  readonly browse: (folder: string | null) => Promise<Folder>;
  now = $state.raw<Picking>({ state: 'closed' });
  /** Where the panel was last. */
  last: string | null = null;

  constructor(dialogs: Dialogs | null, browse: (folder: string | null) => Promise<Folder>) {
    this.#dialogs = dialogs;
    this.browse = browse;
  }

  /** The chosen files; none when the person thinks better of it. */
  files(title: string): Promise<string[]> {
    return this.#dialogs ? this.#dialogs.files(title) : this.#panel('files', title);
  }

  async folder(title: string, wanted: 'folder' | 'project' = 'folder'): Promise<string | null> {
    if (this.#dialogs) return await this.#dialogs.folder(title);
    return (await this.#panel(wanted, title))[0] ?? null;
  }

  #panel(wanted: Wanted, title: string): Promise<string[]> {
    if (this.now.state === 'open') this.now.done([]);
    return new Promise((resolve) => {
      const done = (paths: string[]) => {
        this.now = { state: 'closed' };
        resolve(paths);
      };
      this.now = { state: 'open', wanted, title, done };
    });
  }
}
