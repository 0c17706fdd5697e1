import { describe, expect, it } from 'vitest';
import { toFault } from '$lib/core/core';
import { fileName, sentence, wordsFor } from '$lib/core/faults';
import type { Code } from '$lib/core/types/Code';

const CODES: Code[] = [
  'cancelled',
  'missing',
  'denied',
  'disk_full',
  'damaged',
  'unsupported',
  'too_large',
  'newer_version',
  'invalid',
  'internal',
];

describe('the table of faults', () => {
  it('has words for every code, and a label for every remedy', () => {
    for (const code of CODES) {
      const words = wordsFor({ code, message: 'x' });
      expect(words.title).not.toBe('');
      expect(words.action === '').toBe(words.remedy === 'none');
    }
  });

  it('shows no cancellation', () => {
    expect(wordsFor({ code: 'cancelled', message: '' }).severity).toBe('quiet');
  });

  it('says what is wrong, then what to do', () => {
    expect(
      sentence({ code: 'disk_full', message: 'The disk is full.', advice: 'Free some space.' }),
    ).toBe('The disk is full. Free some space.');
  });

  it('turns anything thrown into a fault', () => {
    expect(toFault({ code: 'damaged', message: 'Cut short.' })).toEqual({
      code: 'damaged',
      message: 'Cut short.',
    });
    expect(toFault(new Error('boom')).message).toContain('boom');
    expect(toFault(undefined).code).toBe('internal');
  });

  it('names files by their last part, on every system', () => {
    expect(fileName('/a/b/walk.mp4')).toBe('walk.mp4');
    expect(fileName('C:\\clips\\walk.mp4')).toBe('walk.mp4');
  });
});
