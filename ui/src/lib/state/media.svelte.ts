/** What the core has decoded and measured of the cards, asked for once and kept. */
import { untrack } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import { askFor, toFault, type Answer, type Core } from '../core/core';
import type { Jobs, Progress } from '../core/jobs';
import type { CameraPlot } from '../core/types/CameraPlot';
import type { Colormap } from '../core/types/Colormap';
import type { Condition } from '../core/types/Condition';
import type { Fault } from '../core/types/Fault';
import type { Outline } from '../core/types/Outline';
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

  /** Puts a newer answer in place. */
  put(key: string, value: T): void {
    this.#known.set(key, { state: 'ready', value });
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

/** What a reading says, laid open. */
export interface Read {
  /** As corrected. */
  reading: Reading;
  /** As measured: corrections are laid over it. */
  outline: Outline;
  /** Corrections that no longer apply. */
  unmet: Condition['corrections'];
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

/** Corrections change what is said, not what is seen. */
function readingKey(condition: Condition): string {
  const said = JSON.stringify(condition.corrections);
  return `${keyOf(condition)}|${said}`;
}

export class Media {
  readonly #core: Core;
  readonly #jobs: Jobs;
  readonly #readings = new Shelf<Read>();
  /** The latest reading of a file as it is read, whatever its corrections were. */
  readonly #latest = new SvelteMap<string, Read>();
  readonly #progress = new SvelteMap<string, Progress>();
  readonly #describing = new SvelteMap<
    number,
    { progress: Progress | null; stop: AbortController }
  >();
  readonly #stops = new SvelteMap<string, AbortController>();
  readonly #strips = new Shelf<Strip>();
  readonly #plots = new Shelf<CameraPlot>();
  readonly #tracks = new Shelf<PoseTrack>();

  constructor(core: Core, jobs: Jobs) {
    this.#core = core;
    this.#jobs = jobs;
  }

  /** What is known of it now; while a correction is being read in, what was known before. */
  read(condition: Condition): Known<Read> | null {
    const known = this.#readings.get(readingKey(condition));
    if (known?.state === 'ready' || known?.state === 'failed') return known;
    const before = this.#latest.get(keyOf(condition));
    return before ? { state: 'ready', value: before } : known;
  }

  reading(condition: Condition): Known<Reading> | null {
    const known = this.read(condition);
    return known?.state === 'ready' ? { state: 'ready', value: known.value.reading } : known;
  }

  /** How far a reading under way has come. */
  progress(condition: Condition): Progress | null {
    return this.#progress.get(readingKey(condition)) ?? null;
  }

  wantReading(condition: Condition): void {
    const key = readingKey(condition);
    const file = keyOf(condition);
    this.#readings.want(key, async () => {
      const stop = new AbortController();
      this.#stops.set(key, stop);
      const end = await this.#jobs.run(
        { do: 'read', condition: condition.id },
        {
          signal: stop.signal,
          onProgress: (progress) => this.#progress.set(key, progress),
        },
      );
      this.#stops.delete(key);
      this.#progress.delete(key);
      if (end.end === 'reading') {
        const { reading, outline, unmet } = end;
        const read: Read = { reading, outline, unmet };
        this.#latest.set(file, read);
        return read;
      }
      if (end.end === 'failed') throw end.fault;
      const fault: Fault = { code: 'cancelled', message: 'The reading was stopped.' };
      throw fault;
    });
  }

  stopReading(condition: Condition): void {
    this.#stops.get(readingKey(condition))?.abort();
  }

  /** Reads once more what could not be read. */
  readAgain(condition: Condition): void {
    this.#readings.retry(readingKey(condition));
    this.wantReading(condition);
  }

  /** Whether a model is looking at a picture, and how far it has come. */
  describing(condition: Condition): { progress: Progress | null } | null {
    return this.#describing.get(condition.id) ?? null;
  }

  /**
   * Has the local model say what an identity picture shows; its words join the reading.
   * Answers why not, where they could not.
   */
  async describe(condition: Condition): Promise<Fault | null> {
    const { id } = condition;
    if (this.#describing.has(id)) return null;
    const stop = new AbortController();
    this.#describing.set(id, { progress: null, stop });
    try {
      const end = await this.#jobs.run(
        { do: 'describe', condition: id },
        {
          signal: stop.signal,
          onProgress: (progress) => this.#describing.set(id, { progress, stop }),
        },
      );
      if (end.end === 'failed') return end.fault;
      if (end.end === 'reading') {
        const { reading, outline, unmet } = end;
        const read: Read = { reading, outline, unmet };
        this.#latest.set(keyOf(condition), read);
        this.#readings.put(readingKey(condition), read);
      }
      return null;
    } catch (thrown) {
      return toFault(thrown);
    } finally {
      this.#describing.delete(id);
    }
  }

  stopDescribing(condition: Condition): void {
    this.#describing.get(condition.id)?.stop.abort();
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

  still(
    condition: Condition,
    time_s: number,
    colormap: Colormap | null,
    longest = STILL_LONGEST,
  ): Promise<Picture> {
    return askFor(this.#core, 'picture', {
      do: 'still',
      condition: condition.id,
      time_s,
      longest,
      ...(colormap ? { colormap } : {}),
    });
  }

  retry(condition: Condition): void {
    const key = keyOf(condition);
    this.#readings.retry(readingKey(condition));
    [this.#strips, this.#plots, this.#tracks].forEach((shelf) => shelf.retry(key));
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
