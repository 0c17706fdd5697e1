/** Sentences for the person, kept quiet: a tray, never a modal. */
import { sentence, wordsFor, type Remedy, type Severity } from '../core/faults';
import type { Fault } from '../core/types/Fault';

export interface Notice {
  id: number;
  severity: Severity;
  title: string;
  text: string;
  path: string | null;
  action: { label: string; run: () => void } | null;
}

const MOST = 6;
const FADE_MS = 8000;
const OFFER_MS = 14_000;

export class Notices {
  list = $state.raw<Notice[]>([]);
  #next = 1;

  say(notice: Partial<Notice> & { text: string }): void {
    const made: Notice = {
      id: this.#next,
      severity: 'note',
      title: '',
      path: null,
      action: null,
      ...notice,
    };
    this.#next += 1;
    // The same sentence again replaces the one before.
    const others = this.list.filter((old) => old.text !== made.text || old.path !== made.path);
    this.list = [...others, made].slice(-MOST);
    if (made.severity === 'note') {
      setTimeout(() => this.dismiss(made.id), made.action === null ? FADE_MS : OFFER_MS);
    }
  }

  /** Shows a fault once, with what can be done about it here. */
  fault(fault: Fault, remedies: Partial<Record<Remedy, () => void>> = {}): void {
    const words = wordsFor(fault);
    if (words.severity === 'quiet') return;
    const run = remedies[words.remedy];
    this.say({
      severity: words.severity,
      title: words.title,
      text: sentence(fault),
      path: fault.path ?? null,
      action: run ? { label: words.action, run } : null,
    });
  }

  /** After another edit, “Undo” would take back something else. */
  forgetUndo(): void {
    if (this.list.some((notice) => notice.action?.label === 'Undo')) {
      this.list = this.list.filter((notice) => notice.action?.label !== 'Undo');
    }
  }

  dismiss(id: number): void {
    this.list = this.list.filter((notice) => notice.id !== id);
  }
}
