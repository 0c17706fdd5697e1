/** Everything the components share, by domain. */
import { getContext, setContext } from 'svelte';
import { askFor, type Shell } from '../core/core';
import { Jobs } from '../core/jobs';
import type { Folder } from './picking.svelte';
import { Adder } from './adding.svelte';
import { Together } from './composition.svelte';
import { Document } from './document.svelte';
import { Interpreter } from './interpretation.svelte';
import { Media } from './media.svelte';
import { Shelf } from './models.svelte';
import { Notices } from './notices.svelte';
import { Picker } from './picking.svelte';
import { Playhead } from './playhead.svelte';

export type Overlay = 'none' | 'shortcuts' | 'compare' | 'export' | 'models';

export class App {
  readonly shell: Shell;
  readonly jobs: Jobs;
  readonly notices = new Notices();
  readonly document: Document;
  readonly media: Media;
  readonly shelf: Shelf;
  readonly interpreter: Interpreter;
  readonly adder: Adder;
  readonly picker: Picker;
  readonly together: Together;
  readonly playhead = new Playhead();
  /** The card that a phrase under the cursor comes from, and the other way round. */
  pointed = $state<number | null>(null);
  /** The card whose reading is open, in place of the canvas. */
  opened = $state<number | null>(null);
  #opener: HTMLElement | null = null;
  overlay = $state<Overlay>('none');
  /** Set by the canvas. */
  fitCanvas: () => void = () => undefined;

  constructor(shell: Shell) {
    this.shell = shell;
    this.jobs = new Jobs(shell.core);
    this.document = new Document(shell.core, this.notices);
    this.media = new Media(shell.core, this.jobs);
    this.shelf = new Shelf(shell.core, this.jobs, this.notices);
    this.interpreter = new Interpreter(this.jobs, this.notices, this.shelf);
    this.together = new Together(shell.core);
    this.adder = new Adder(shell.core, this.jobs, this.document, this.notices);
    this.picker = new Picker(shell.dialogs, async (folder): Promise<Folder> => {
      return await askFor(
        shell.core,
        'folder',
        folder === null ? { do: 'browse' } : { do: 'browse', folder },
      );
    });
  }

  /** Opens the reading of a card. */
  open(condition: number): void {
    const { activeElement } = window.document;
    this.#opener = activeElement instanceof HTMLElement ? activeElement : null;
    if (this.overlay === 'models') this.overlay = 'none';
    this.opened = condition;
  }

  /** Goes back to the canvas, and to where the reading was opened from. */
  close(): void {
    const condition = this.opened;
    const opener = this.#opener;
    this.opened = null;
    this.#opener = null;
    if (condition === null) return;
    if (opener?.isConnected && opener !== window.document.body) {
      opener.focus();
      return;
    }
    // The canvas is laid out anew first.
    let tries = 30;
    const focus = () => {
      const card = window.document.querySelector<HTMLElement>(
        `article[data-condition="${condition}"]`,
      );
      card?.focus({ preventScroll: true });
      tries -= 1;
      if (tries > 0 && card !== window.document.activeElement) requestAnimationFrame(focus);
    };
    requestAnimationFrame(focus);
  }

  /** A condition of the current shot by identity. */
  condition(id: number) {
    return this.document.shot?.conditions.find((condition) => condition.id === id) ?? null;
  }
}

const KEY = Symbol('app');

export function provideApp(app: App): App {
  return setContext(KEY, app);
}

export function useApp(): App {
  return getContext<App>(KEY);
}
