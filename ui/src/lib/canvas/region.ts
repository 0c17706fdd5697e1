/** Rectangles in a picture, as shares of its width and height from the top left. */
import type { Region } from '../core/types/Region';

/** A smaller rectangle is a slip of the hand. */
export const SMALLEST = 0.02;

/** Within the picture, and never smaller than {@link SMALLEST}. */
export function clampRegion(region: Region): Region {
  const share = (value: number) => Math.min(Math.max(value, 0), 1);
  const x = Math.min(share(region.x), 1 - SMALLEST);
  const y = Math.min(share(region.y), 1 - SMALLEST);
  return {
    x,
    y,
    width: Math.min(Math.max(share(region.width), SMALLEST), 1 - x),
    height: Math.min(Math.max(share(region.height), SMALLEST), 1 - y),
  };
}

/** The rectangle between two corners, dragged in any direction, cut off at the picture's edges. */
export function between(a: { x: number; y: number }, b: { x: number; y: number }): Region {
  const share = (value: number) => Math.min(Math.max(value, 0), 1);
  const left = share(Math.min(a.x, b.x));
  const top = share(Math.min(a.y, b.y));
  return {
    x: left,
    y: top,
    width: share(Math.max(a.x, b.x)) - left,
    height: share(Math.max(a.y, b.y)) - top,
  };
}
