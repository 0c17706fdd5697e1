/** The one playhead of the shot: every clip, pose and path follows it. */
import { snap, step } from '../timeline/clock';

export const FPS = 24;

export class Playhead {
  time_s = $state(0);
  duration_s = $state(5);
  fps = $state(FPS);
  playing = $state(false);
  #request = 0;
  #last = 0;

  seek(time_s: number): void {
    this.time_s = snap(time_s, this.fps, this.duration_s);
  }

  step(frames: number): void {
    this.pause();
    this.time_s = step(this.time_s, frames, this.fps, this.duration_s);
  }

  setLength(duration_s: number, fps: number): void {
    this.duration_s = duration_s;
    this.fps = fps;
    if (this.time_s > duration_s) this.time_s = duration_s;
  }

  toggle(): void {
    if (this.playing) this.pause();
    else this.play();
  }

  play(): void {
    if (this.playing) return;
    if (this.time_s >= this.duration_s - 0.5 / this.fps) this.time_s = 0;
    this.playing = true;
    this.#last = performance.now();
    const tick = (now: number) => {
      if (!this.playing) return;
      const next = this.time_s + Math.max(0, now - this.#last) / 1000;
      this.#last = now;
      // It plays round and round, as on an editing table.
      this.time_s = next >= this.duration_s ? 0 : next;
      this.#request = requestAnimationFrame(tick);
    };
    this.#request = requestAnimationFrame(tick);
  }

  pause(): void {
    if (!this.playing) return;
    this.playing = false;
    cancelAnimationFrame(this.#request);
    this.seek(this.time_s);
  }
}
