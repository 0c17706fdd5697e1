/** What the core has decoded and measured of the cards, asked for once and kept. */
import { untrack } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import { askFor, toFault, type Answer, type Core } from '../core/core';
import type { Jobs } from '../core/jobs';
import type { CameraPlot } from '../core/types/CameraPlot';
import type { Colormap } from '../core/types/Colormap';
import type { Condition } from '../core/types/Condition';
import type { Fault } from '../core/types/Fault';
import type { PoseTrack } from '../core/types/PoseTrack';
import type { Reading } from '../core/types/Reading';

export type Known<T> =
  { state: 'loading' } | { state: 'ready'; value: T } | { state: 'failed'; fault: Fault };

/** At most this many questions of one kind at a time: decoding takes the core's processors. */
const AT_ONCE = 2;

class Shelf<T> {
  readonly #known = new SvelteMap<string, Known<T>>();
  #waiting: (() => Promise<void>)[] = [];
  #running = 0;

  get(key: string): Known<T> | null {
    return this.#known.get(key) ?? null;
  }

  want(key: string, fetch: () => Promise<T>): void {
    untrack(() => {
      if (this.#known.has(key)) return;
      this.#known.set(key, { state: 'loading' });
      this.#waiting.push(async () => {
        try {
          this.#known.set(key, { state: 'ready', value: await fetch() });
        } catch (thrown) {
          this.#known.set(key, { state: 'failed', fault: toFault(thrown) });
        }
      });
      this.#next();
    });
  }

  /** Forgets failures, so that they are tried again. */
  retry(key: string): void {
    if (this.#known.get(key)?.state === 'failed') this.#known.delete(key);
  }

  #next(): void {
    while (this.#running < AT_ONCE) {
      const work = this.#waiting.shift();
      if (!work) return;
      this.#running += 1;
      void work().finally(() => {
        this.#running -= 1;
        this.#next();
      });
    }
  }
}

export type Strip = Answer<'filmstrip'>;
export type Picture = Answer<'picture'>;

/** Frames in a moving preview. */
export const STRIP_FRAMES = 24;
const STRIP_HEIGHT = 144;
export const STILL_LONGEST = 480;

/** Changes whenever the answer could: another file, another kind, other options. */
function keyOf(condition: Condition): string {
  const { id, kind, media, options, region } = condition;
  return [
    id,
    kind,
    media.hash,
    media.path,
    JSON.stringify(options),
    JSON.stringify(region ?? null),
  ].join('|');
}

export class Media {
  readonly #core: Core;
  readonly #jobs: Jobs;
  readonly #readings = new Shelf<Reading>();
  readonly #strips = new Shelf<Strip>();
  readonly #plots = new Shelf<CameraPlot>();
  readonly #tracks = new Shelf<PoseTrack>();

  constructor(core: Core, jobs: Jobs) {
    this.#core = core;
    this.#jobs = jobs;
  }

  reading(condition: Condition): Known<Reading> | null {
    return this.#readings.get(keyOf(condition));
  }

  wantReading(condition: Condition): void {
    this.#readings.want(keyOf(condition), async () => {
      const end = await this.#jobs.run({ do: 'read', condition: condition.id });
      if (end.end === 'reading') return end.reading;
      throw end.end === 'failed' ? end.fault : toFault('The reading stopped.');
    });
  }

  strip(condition: Condition): Known<Strip> | null {
    return this.#strips.get(keyOf(condition));
  }

  wantStrip(condition: Condition, moving: boolean): void {
    this.#strips.want(keyOf(condition), () =>
      askFor(this.#core, 'filmstrip', {
        do: 'filmstrip',
        condition: condition.id,
        count: moving ? STRIP_FRAMES : 1,
        height: moving ? STRIP_HEIGHT : 2 * STRIP_HEIGHT,
      }),
    );
  }

  plot(condition: Condition): Known<CameraPlot> | null {
    return this.#plots.get(keyOf(condition));
  }

  wantPlot(condition: Condition): void {
    this.#plots.want(keyOf(condition), async () => {
      return (
        await askFor(this.#core, 'camera_plot', { do: 'camera_plot', condition: condition.id })
      ).plot;
    });
  }

  track(condition: Condition): Known<PoseTrack> | null {
    return this.#tracks.get(keyOf(condition));
  }

  wantTrack(condition: Condition): void {
    this.#tracks.want(keyOf(condition), async () => {
      return (await askFor(this.#core, 'skeleton', { do: 'skeleton', condition: condition.id }))
        .track;
    });
  }

  still(condition: Condition, time_s: number, colormap: Colormap | null): Promise<Picture> {
    return askFor(this.#core, 'picture', {
      do: 'still',
      condition: condition.id,
      time_s,
      longest: STILL_LONGEST,
      ...(colormap ? { colormap } : {}),
    });
  }

  retry(condition: Condition): void {
    const key = keyOf(condition);
    [this.#readings, this.#strips, this.#plots, this.#tracks].forEach((shelf) => shelf.retry(key));
  }

  /** How long a condition runs on the shot's clock, once something is known of it. */
  length(condition: Condition, probed_s: number | null | undefined): number | null {
    const known = this.reading(condition);
    if (known?.state === 'ready') {
      const reading = known.value;
      if ('duration_s' in reading && reading.duration_s != null && reading.duration_s > 0) {
        return reading.duration_s;
      }
    }
    return probed_s ?? null;
  }
}
