import { describe, expect, it } from 'vitest';
import { ZONES } from '$lib/canvas/zones';
import type { FileGuess } from '$lib/core/types/FileGuess';
import { settle } from '$lib/state/adding.svelte';

const zone = (key: string) => ZONES.find((zone) => zone.key === key) ?? null;
const guess = (path: string, kind: FileGuess['kind'], confidence: number): FileGuess => ({
  path,
  kind,
  confidence,
  because: 'its look',
});

describe('what a dropped file becomes', () => {
  it('is what it looks like where no zone was meant', () => {
    expect(settle(guess('/a.png', 'identity', 0.5), null)).toEqual({
      file: { path: '/a.png', kind: 'identity' },
      remark: null,
    });
  });

  it('is what the zone says when the guess is unsure, and says so', () => {
    const settled = settle(guess('/a.mp4', 'reference_video', 0.5), zone('depth'));
    expect(settled?.file.kind).toBe('depth');
    expect(settled?.remark).toContain('a.mp4');
  });

  it('stays what it is when the guess is sure', () => {
    const settled = settle(guess('/skeleton.mp4', 'pose', 0.97), zone('depth'));
    expect(settled?.file.kind).toBe('pose');
    expect(settled?.remark).toContain('Pose');
  });

  it('never takes numbers for a picture or a picture for a path', () => {
    expect(settle(guess('/path.txt', 'camera', 0.4), zone('identities'))?.file.kind).toBe('camera');
    expect(settle(guess('/a.png', 'identity', 0.4), zone('camera'))?.file.kind).toBe('identity');
  });

  it('is nothing when it cannot be used', () => {
    const fault = { code: 'unsupported', message: 'No.' } as const;
    expect(settle({ path: '/x', confidence: 0, because: '', fault }, null)).toBeNull();
  });
});
