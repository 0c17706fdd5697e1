/** A skeleton in COCO-18 order as lines to draw. */
import type { PoseFrame } from '../core/types/PoseFrame';
import type { PoseTrack } from '../core/types/PoseTrack';
import type { Skeleton } from '../core/types/Skeleton';

const LIMBS: readonly (readonly [number, number])[] = [
  [1, 2],
  [2, 3],
  [3, 4],
  [1, 5],
  [5, 6],
  [6, 7],
  [1, 8],
  [8, 9],
  [9, 10],
  [1, 11],
  [11, 12],
  [12, 13],
  [1, 0],
  [0, 14],
  [14, 16],
  [0, 15],
  [15, 17],
];

export interface Line {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
}

export function limbs(skeleton: Skeleton, width: number, height: number): Line[] {
  return LIMBS.flatMap(([a, b]) => {
    const from = skeleton.points[a];
    const to = skeleton.points[b];
    if (!from || !to) return [];
    return [{ x1: from[0] * width, y1: from[1] * height, x2: to[0] * width, y2: to[1] * height }];
  });
}

/** The frame shown at a time on the clip's own clock: the first before it, the last after it. */
export function frameAt(track: PoseTrack, time_s: number): PoseFrame | null {
  const frames = track.frames;
  const first = frames[0];
  if (!first) return null;
  if (frames.length === 1) return first;
  let low = 0;
  let high = frames.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((frames[middle]?.time_s ?? 0) <= time_s + 1e-6) low = middle;
    else high = middle;
  }
  return frames[low] ?? null;
}

/** Whether the clip runs at a time on its own clock. A single frame holds for the whole shot. */
export function runs(track: PoseTrack, time_s: number): boolean {
  const last = track.frames.at(-1);
  if (!last || track.frames.length === 1) return last !== undefined;
  const frame_s = last.time_s / (track.frames.length - 1);
  return time_s > -1e-6 && time_s < last.time_s + frame_s;
}
