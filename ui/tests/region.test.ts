import { describe, expect, it } from 'vitest';
import { between, clampRegion, SMALLEST } from '$lib/canvas/region';

describe('the part of a picture that is meant', () => {
  it('is the same whichever way it is dragged', () => {
    const a = { x: 0.2, y: 0.7 };
    const b = { x: 0.6, y: 0.1 };
    expect(between(a, b)).toEqual(between(b, a));
    expect(between(a, b).x).toBeCloseTo(0.2);
    expect(between(a, b).height).toBeCloseTo(0.6);
  });

  it('never leaves the picture', () => {
    for (const region of [
      between({ x: -1, y: -1 }, { x: 3, y: 0.5 }),
      clampRegion({ x: 0.9, y: 2, width: 5, height: -1 }),
      clampRegion({ x: -4, y: 0, width: 0, height: 0 }),
    ]) {
      expect(region.x).toBeGreaterThanOrEqual(0);
      expect(region.x + region.width).toBeLessThanOrEqual(1);
      expect(region.y + region.height).toBeLessThanOrEqual(1);
    }
    expect(clampRegion({ x: 0, y: 0, width: 0, height: 0 }).width).toBe(SMALLEST);
  });
});
