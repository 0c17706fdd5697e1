/** What the conditions of a shot are together: on one clock, in agreement or not. */
import { askFor, toFault, type Core } from '../core/core';
import type { Composition } from '../core/types/Composition';
import type { Fault } from '../core/types/Fault';
import type { Shot } from '../core/types/Shot';

/** Changes whenever the answer could: cards, how they are read, their times and ties. */
export function composedOf(shot: Shot): string {
  return JSON.stringify([
    shot.id,
    shot.duration_s,
    shot.aspect,
    shot.bindings,
    shot.conditions.map(({ id, kind, name, media, region, offset_s, options, corrections }) => [
      id,
      kind,
      name,
      media.hash,
      media.path,
      region,
      offset_s,
      options,
      corrections,
    ]),
  ]);
}

export class Together {
  readonly #core: Core;
  #asked = '';
  #shot: number | null = null;
  /** The latest answer for the current shot; it stays while a newer one is on its way. */
  now = $state.raw<Composition | null>(null);
  /** Cards that were not measured when it was answered. */
  unread = $state.raw<number[]>([]);
  fault = $state.raw<Fault | null>(null);
  asking = $state(false);

  constructor(core: Core) {
    this.#core = core;
  }

  /** `measured`: the cards whose reading is there; nothing is measured for the answer. */
  want(shot: Shot | null, measured: readonly number[]): void {
    const key = shot ? `${composedOf(shot)} ${measured.join()}` : '';
    if (key === this.#asked) return;
    this.#asked = key;
    if (shot?.id !== this.#shot) this.now = null;
    this.#shot = shot?.id ?? null;
    this.fault = null;
    // One card alone has nothing to agree with, but may still ask for a tie.
    if (!shot || shot.conditions.length === 0) {
      this.now = null;
      this.unread = [];
      this.asking = false;
      return;
    }
    this.asking = true;
    askFor(this.#core, 'composition', { do: 'composition', shot: shot.id })
      .then(
        ({ composition, unread }) => {
          if (this.#asked !== key) return;
          this.now = composition;
          this.unread = unread;
        },
        (thrown: unknown) => {
          if (this.#asked !== key) return;
          this.now = null;
          this.fault = toFault(thrown);
        },
      )
      .finally(() => {
        if (this.#asked === key) this.asking = false;
      });
  }

  again(shot: Shot | null, measured: readonly number[]): void {
    this.#asked = '';
    this.want(shot, measured);
  }
}
