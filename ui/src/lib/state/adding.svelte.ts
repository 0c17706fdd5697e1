/** Files on their way into a shot: dragged over the window, guessed at, added, refused. */
import { askFor, toFault, type Core, type Drop } from '../core/core';
import { fileName, sentence } from '../core/faults';
import type { Jobs, Progress } from '../core/jobs';
import type { AddFile } from '../core/types/AddFile';
import type { FileGuess } from '../core/types/FileGuess';
import { kindIn, type ZoneSpec } from '../canvas/zones';
import { KIND_NOUNS, KINDS } from '../words/labels';
import type { Document } from './document.svelte';
import type { Notices } from './notices.svelte';

export type Adding =
  | { state: 'idle' }
  | { state: 'over'; x: number; y: number }
  | { state: 'receiving'; count: number }
  | { state: 'guessing'; count: number }
  | { state: 'adding'; count: number; progress: Progress | null };

/** A guess below this is not trusted over the zone a person chose. */
const SURE = 0.9;

/** What to do with one file dropped on a zone: its kind, and a sentence where that is a surprise. */
export function settle(
  guess: FileGuess,
  zone: ZoneSpec | null,
): { file: AddFile; remark: string | null } | null {
  if (guess.fault != null || guess.kind == null) return null;
  const clip = /\.(mp4|mov|mkv|webm|avi|gif|m4v|mxf)$/i.test(guess.path);
  if (!zone || zone.kinds.includes(guess.kind)) {
    return { file: { path: guess.path, kind: guess.kind }, remark: null };
  }
  const wanted = kindIn(zone, guess.kind, clip);
  const name = fileName(guess.path);
  const structural = (kind: string) => kind === 'camera' || kind === 'audio';
  // Numbers cannot be a picture and sound cannot be a path: those go where they belong. A picture
  // may well be meant for what the person says.
  if (guess.confidence >= SURE || structural(guess.kind) || structural(wanted)) {
    return {
      file: { path: guess.path, kind: guess.kind },
      remark: `${name} looks like ${KIND_NOUNS[guess.kind]} (${guess.because}), so it lies under ${KINDS[guess.kind]} and not under ${zone.title}.`,
    };
  }
  return {
    file: { path: guess.path, kind: wanted },
    remark: `${name} is taken as ${KIND_NOUNS[wanted]} because it was dropped there; it looks like ${KIND_NOUNS[guess.kind]}.`,
  };
}

export class Adder {
  readonly #core: Core;
  readonly #jobs: Jobs;
  readonly #document: Document;
  readonly #notices: Notices;
  #stop: AbortController | null = null;
  now = $state.raw<Adding>({ state: 'idle' });
  /** Set by the canvas: the zone under a point of the window. */
  zoneAt: (x: number, y: number) => ZoneSpec | null = () => null;

  constructor(core: Core, jobs: Jobs, document: Document, notices: Notices) {
    this.#core = core;
    this.#jobs = jobs;
    this.#document = document;
    this.#notices = notices;
  }

  hear(drop: Drop): void {
    const busy = this.now.state === 'guessing' || this.now.state === 'adding';
    switch (drop.at) {
      case 'over':
        if (!busy) this.now = { state: 'over', x: drop.x, y: drop.y };
        break;
      case 'leave':
        if (!busy) this.now = { state: 'idle' };
        break;
      case 'receiving':
        this.now = { state: 'receiving', count: drop.count };
        break;
      case 'refused':
        this.#notices.fault(drop.fault);
        break;
      case 'drop':
        if (!busy) this.now = { state: 'idle' };
        void this.add(drop.paths, this.zoneAt(drop.x, drop.y));
        break;
    }
  }

  async add(paths: string[], zone: ZoneSpec | null): Promise<void> {
    if (paths.length === 0) return;
    const shot = this.#document.shot;
    if (!shot) {
      this.#notices.say({
        text: 'There is no shot to add files to. Add a shot first.',
        severity: 'warning',
      });
      return;
    }
    this.now = { state: 'guessing', count: paths.length };
    try {
      const { guesses } = await askFor(this.#core, 'guesses', { do: 'guess', paths });
      const files: AddFile[] = [];
      for (const guess of guesses) {
        const settled = settle(guess, zone);
        if (!settled) {
          this.#refuse(guess);
          continue;
        }
        files.push(settled.file);
        if (settled.remark !== null) this.#notices.say({ text: settled.remark });
      }
      if (files.length === 0) return;
      this.now = { state: 'adding', count: files.length, progress: null };
      this.#stop = new AbortController();
      const end = await this.#jobs.run(
        { do: 'add', shot: shot.id, files },
        {
          signal: this.#stop.signal,
          onProgress: (progress) => (this.now = { state: 'adding', count: files.length, progress }),
        },
      );
      if (end.end === 'failed') this.#notices.fault(end.fault);
      else if (end.end === 'added') {
        end.refused.forEach((guess) => this.#refuse(guess));
        const count = end.conditions.length;
        if (count > 0) {
          this.#notices.say({
            text: count === 1 ? 'One card added.' : `${count} cards added.`,
            action: { label: 'Undo', run: () => void this.#document.undo() },
          });
        }
      }
    } catch (thrown) {
      this.#notices.fault(toFault(thrown));
    } finally {
      this.#stop = null;
      this.now = { state: 'idle' };
    }
  }

  cancel(): boolean {
    if (!this.#stop) return false;
    this.#stop.abort();
    return true;
  }

  #refuse(guess: FileGuess): void {
    const why = guess.fault ? sentence(guess.fault) : `It cannot be used: ${guess.because}.`;
    this.#notices.say({
      severity: 'warning',
      title: fileName(guess.path),
      text: why,
      path: guess.path,
    });
  }
}
