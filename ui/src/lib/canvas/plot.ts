/** The camera path drawn from above and from the side. OpenCV axes: x right, y down, z forward. */
import type { CameraSample } from '../core/types/CameraSample';

export type Side = 'top' | 'side';

/** A point of the path in a plane: right and up of the drawing. */
type Flat = [number, number];

/** From above: right is right, away from the camera is up. From the side: away is right, up is up. */
export function flatten(point: readonly [number, number, number], side: Side): Flat {
  return side === 'top' ? [point[0], point[2]] : [point[2], -point[1]];
}

export interface Frame {
  /** Drawing units per path unit. */
  scale: number;
  toX(flat: Flat): number;
  toY(flat: Flat): number;
}

/**
 * Fits the path into a drawing, both planes with the scale of the larger extent, so that
 * distances compare. A camera that never leaves its place sits in the middle.
 */
export function fit(
  samples: readonly CameraSample[],
  side: Side,
  width: number,
  height: number,
): Frame {
  const flats = samples.map((sample) => flatten(sample.centre, side));
  const xs = flats.map((flat) => flat[0]);
  const ys = flats.map((flat) => flat[1]);
  const minX = Math.min(0, ...xs);
  const maxX = Math.max(0, ...xs);
  const minY = Math.min(0, ...ys);
  const maxY = Math.max(0, ...ys);
  const margin = 0.2;
  const room = (size: number) => size * (1 - 2 * margin);
  const extentX = maxX - minX;
  const extentY = maxY - minY;
  const scales = [room(width) / extentX, room(height) / extentY].filter((s) => Number.isFinite(s));
  const scale = scales.length > 0 ? Math.min(...scales) : 0;
  const middleX = (minX + maxX) / 2;
  const middleY = (minY + maxY) / 2;
  return {
    scale,
    toX: (flat) => width / 2 + (flat[0] - middleX) * scale,
    toY: (flat) => height / 2 - (flat[1] - middleY) * scale,
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** SVG path data of the part of the path within a time span. */
export function pathData(
  samples: readonly CameraSample[],
  side: Side,
  frame: Frame,
  span?: { start_s: number; end_s: number },
): string {
  const part = span
    ? samples.filter(
        (sample) => sample.time_s >= span.start_s - 1e-6 && sample.time_s <= span.end_s + 1e-6,
      )
    : samples;
  return part
    .map((sample, index) => {
      const flat = flatten(sample.centre, side);
      return `${index === 0 ? 'M' : 'L'}${round(frame.toX(flat))} ${round(frame.toY(flat))}`;
    })
    .join('');
}

/** The camera at a time, between its samples. */
export function sampleAt(samples: readonly CameraSample[], time_s: number): CameraSample | null {
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || !last) return null;
  if (time_s <= first.time_s) return first;
  if (time_s >= last.time_s) return last;
  let low = 0;
  let high = samples.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((samples[middle]?.time_s ?? 0) <= time_s) low = middle;
    else high = middle;
  }
  const a = samples[low] ?? first;
  const b = samples[high] ?? last;
  const share = b.time_s > a.time_s ? (time_s - a.time_s) / (b.time_s - a.time_s) : 0;
  const mix = (
    from: [number, number, number],
    to: [number, number, number],
  ): [number, number, number] => [
    from[0] + (to[0] - from[0]) * share,
    from[1] + (to[1] - from[1]) * share,
    from[2] + (to[2] - from[2]) * share,
  ];
  return {
    time_s,
    centre: mix(a.centre, b.centre),
    forward: mix(a.forward, b.forward),
    up: mix(a.up, b.up),
    fov_deg:
      a.fov_deg != null && b.fov_deg != null
        ? a.fov_deg + (b.fov_deg - a.fov_deg) * share
        : a.fov_deg,
  };
}

/** Field of view drawn where the file stores none, degrees. */
export const ASSUMED_FOV_DEG = 50;

/**
 * Triangle of the view: apex and the two far corners, in drawing units. From above it opens by
 * the horizontal field of view; from the side by what remains of it at `aspect`.
 */
export function frustum(
  sample: CameraSample,
  side: Side,
  frame: Frame,
  length: number,
  aspect: number,
): { apex: Flat; left: Flat; right: Flat } {
  const flat = flatten(sample.centre, side);
  const apex: Flat = [frame.toX(flat), frame.toY(flat)];
  const look = flatten(sample.forward, side);
  const long = Math.hypot(look[0], look[1]);
  const horizontal = ((sample.fov_deg ?? ASSUMED_FOV_DEG) * Math.PI) / 180;
  const half =
    side === 'top' ? horizontal / 2 : Math.atan(Math.tan(horizontal / 2) / Math.max(aspect, 0.1));
  // Looking straight along the drawing's normal leaves no direction: then the view is drawn upwards.
  const angle = long > 1e-6 ? Math.atan2(look[1], look[0]) : Math.PI / 2;
  const reach = (length * Math.max(long, 0.35)) / Math.cos(half);
  const corner = (turn: number): Flat => [
    apex[0] + Math.cos(angle + turn) * reach,
    apex[1] - Math.sin(angle + turn) * reach,
  ];
  return { apex, left: corner(half), right: corner(-half) };
}
