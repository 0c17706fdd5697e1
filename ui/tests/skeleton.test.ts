import { describe, expect, it } from 'vitest';
import { frameAt, limbs, runs } from '$lib/canvas/skeleton';
import { sampleTrack } from '$lib/core/fake/sample';

const track = sampleTrack();

describe('the skeleton overlay', () => {
  it('shows the frame that a projector would show', () => {
    expect(frameAt(track, 0)?.time_s).toBe(0);
    expect(frameAt(track, 1.01 / 24)?.time_s).toBeCloseTo(1 / 24);
    expect(frameAt(track, 1.99 / 24)?.time_s).toBeCloseTo(1 / 24);
    expect(frameAt(track, 99)?.time_s).toBe(track.frames.at(-1)?.time_s);
    expect(frameAt({ ...track, frames: [] }, 0)).toBeNull();
  });

  it('is not drawn before the clip begins or after it ends', () => {
    expect(runs(track, -0.1)).toBe(false);
    expect(runs(track, 0)).toBe(true);
    expect(runs(track, 4.19)).toBe(true);
    expect(runs(track, 4.3)).toBe(false);
    expect(runs({ ...track, frames: track.frames.slice(0, 1) }, 3)).toBe(true);
  });

  it('leaves out limbs whose points are not seen', () => {
    const person = track.frames[0]?.people[0];
    if (!person) throw new Error('the sample shows nobody');
    const all = limbs(person, 100, 100).length;
    const points = person.points.map((point, index) => (index === 3 ? null : point));
    expect(limbs({ ...person, points }, 100, 100)).toHaveLength(all - 2);
  });
});
