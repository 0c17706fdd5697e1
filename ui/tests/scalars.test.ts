import { describe, expect, it } from 'vitest';
import { scalarLength, scalarTable, toUtf16 } from '$lib/words/scalars';

describe('Unicode scalars and UTF-16', () => {
  it('counts an emoji as one scalar and two units', () => {
    expect(scalarLength('a🎬b')).toBe(3);
    expect(scalarTable('a🎬b')).toEqual([0, 1, 3, 4]);
  });

  it('keeps accents and combining marks apart, as the core does', () => {
    expect(scalarLength('e\u0301')).toBe(2);
    expect(scalarLength('é')).toBe(1);
  });

  it('moves spans behind an emoji', () => {
    const text = '🎬 A woman 🐕 walks';
    const walks = [...text].join('').indexOf('walks');
    const spans = toUtf16(text, [{ start: 12, end: 17 }]);
    expect(spans).toEqual([{ start: walks, end: walks + 5 }]);
    expect(text.slice(walks, walks + 5)).toBe('walks');
  });

  it('cuts spans at the end of the text and drops what lies beyond it', () => {
    expect(
      toUtf16('abc', [
        { start: 1, end: 9 },
        { start: 5, end: 7 },
      ]),
    ).toEqual([{ start: 1, end: 3 }]);
  });

  it('never lets spans overlap', () => {
    const spans = toUtf16('abcdef', [
      { start: 2, end: 5 },
      { start: 0, end: 3 },
    ]);
    expect(spans).toEqual([
      { start: 0, end: 3 },
      { start: 3, end: 5 },
    ]);
  });
});
