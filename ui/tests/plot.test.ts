import { describe, expect, it } from 'vitest';
import { fit, flatten, frustum, pathData, sampleAt } from '$lib/canvas/plot';
import type { CameraSample } from '$lib/core/types/CameraSample';

function sample(
  time_s: number,
  centre: [number, number, number],
  forward: [number, number, number] = [0, 0, 1],
): CameraSample {
  return { time_s, centre, forward, up: [0, -1, 0], fov_deg: 90 };
}

describe('the camera plot', () => {
  const truck = [sample(0, [0, 0, 0]), sample(1, [2, 0, 0]), sample(2, [4, 0, 0])];

  it('draws right to the right and away upwards, seen from above', () => {
    expect(flatten([1, 2, 3], 'top')).toEqual([1, 3]);
    const frame = fit(truck, 'top', 100, 100);
    expect(frame.toX([4, 0])).toBeGreaterThan(frame.toX([0, 0]));
    expect(frame.toY([0, 1])).toBeLessThan(frame.toY([0, 0]));
  });

  it('draws up upwards from the side, although y points down', () => {
    expect(flatten([0, -1, 0], 'side')).toEqual([0, 1]);
    const frame = fit([sample(0, [0, 0, 0]), sample(1, [0, -1, 0])], 'side', 100, 100);
    expect(frame.toY(flatten([0, -1, 0], 'side'))).toBeLessThan(frame.toY([0, 0]));
  });

  it('keeps the path within the drawing and its proportions', () => {
    const frame = fit(truck, 'top', 100, 60);
    for (const { centre } of truck) {
      const flat = flatten(centre, 'top');
      expect(frame.toX(flat)).toBeGreaterThanOrEqual(0);
      expect(frame.toX(flat)).toBeLessThanOrEqual(100);
    }
    expect(frame.toX([1, 0]) - frame.toX([0, 0])).toBeCloseTo(
      frame.toY([0, 0]) - frame.toY([0, 1]),
    );
  });

  it('puts a camera that never moves in the middle', () => {
    const frame = fit([sample(0, [0, 0, 0]), sample(1, [0, 0, 0])], 'top', 100, 80);
    expect([frame.toX([0, 0]), frame.toY([0, 0])]).toEqual([50, 40]);
    expect(pathData([], 'top', frame)).toBe('');
  });

  it('finds the camera between samples', () => {
    expect(sampleAt(truck, 0.5)?.centre).toEqual([1, 0, 0]);
    expect(sampleAt(truck, -1)?.centre).toEqual([0, 0, 0]);
    expect(sampleAt(truck, 99)?.centre).toEqual([4, 0, 0]);
    expect(sampleAt([], 0)).toBeNull();
  });

  it('opens the frustum by the field of view, along the look', () => {
    const frame = fit(truck, 'top', 100, 100);
    const view = frustum(sample(0, [0, 0, 0]), 'top', frame, 10, 16 / 9);
    // 90 degrees looking up the drawing: the corners lie ten above and ten to each side.
    expect(view.left[0]).toBeCloseTo(view.apex[0] - 10);
    expect(view.right[0]).toBeCloseTo(view.apex[0] + 10);
    expect(view.left[1]).toBeCloseTo(view.apex[1] - 10);
  });

  it('draws a camera that looks straight down without NaN', () => {
    const down = sample(0, [0, 0, 0], [0, 1, 0]);
    const view = frustum(down, 'top', fit(truck, 'top', 100, 100), 10, 1);
    expect([...view.apex, ...view.left, ...view.right].every(Number.isFinite)).toBe(true);
  });

  it('draws the part of the path that a move takes', () => {
    const frame = fit(truck, 'top', 100, 100);
    expect(pathData(truck, 'top', frame, { start_s: 0, end_s: 1 }).match(/[ML]/g)).toHaveLength(2);
  });
});
