import { describe, expect, it } from 'vitest';
import {
  parseLength,
  rows,
  seconds,
  shotLength,
  snap,
  step,
  ticks,
  timecode,
} from '$lib/timeline/clock';

describe('timecode', () => {
  it('counts minutes, seconds and frames', () => {
    expect(timecode(0, 24)).toBe('00:00:00');
    expect(timecode(1.5, 24)).toBe('00:01:12');
    expect(timecode(61 + 23 / 24, 24)).toBe('01:01:23');
    expect(timecode(3600, 25)).toBe('01:00:00:00');
  });

  it('does not run behind at broadcast rates', () => {
    expect(timecode(100 / 29.97, 29.97)).toBe('00:03:10');
  });
});

describe('the playhead', () => {
  it('rests on frames within the shot', () => {
    expect(snap(0.49 / 24, 24, 5)).toBe(0);
    expect(snap(0.51 / 24, 24, 5)).toBeCloseTo(1 / 24);
    expect(snap(9, 24, 4.2)).toBe(4.2);
    expect(snap(-1, 24, 4.2)).toBe(0);
  });

  it('steps over every frame once, there and back', () => {
    let time = 0;
    for (let frame = 1; frame <= 100; frame += 1) {
      time = step(time, 1, 24, 10);
      expect(Math.round(time * 24)).toBe(frame);
    }
    for (let frame = 99; frame >= 0; frame -= 1) {
      time = step(time, -1, 24, 10);
      expect(Math.round(time * 24)).toBe(frame);
    }
  });
});

describe('ticks', () => {
  it('keeps labels apart', () => {
    for (const duration of [0.4, 4.2, 61, 3600]) {
      const labelled = ticks(duration, 600).filter((tick) => tick.label !== null);
      const gaps = labelled
        .slice(1)
        .map((tick, index) => (tick.share - (labelled[index]?.share ?? 0)) * 600);
      expect(Math.min(...gaps, Infinity)).toBeGreaterThanOrEqual(64 - 1e-6);
    }
  });

  it('draws nothing without a length or a width', () => {
    expect(ticks(0, 500)).toEqual([]);
    expect(ticks(5, 0)).toEqual([]);
    expect(ticks(Number.NaN, 500)).toEqual([]);
  });
});

describe('lanes', () => {
  it('puts overlapping segments into rows of their own', () => {
    const packed = rows([
      { start_s: 1, end_s: 3 },
      { start_s: 0, end_s: 2 },
      { start_s: 3, end_s: 4 },
    ]);
    expect(packed).toEqual([
      [
        { start_s: 0, end_s: 2 },
        { start_s: 3, end_s: 4 },
      ],
      [{ start_s: 1, end_s: 3 }],
    ]);
  });

  it('follows the longest clip where the shot has no length of its own', () => {
    const clips = [
      { offset_s: 1, duration_s: 3 },
      { offset_s: 0, duration_s: 3.5 },
      { offset_s: 0, duration_s: null },
    ];
    expect(shotLength(null, clips)).toBe(4);
    expect(shotLength(2, clips)).toBe(2);
    expect(shotLength(undefined, [])).toBe(5);
  });
});

describe('lengths typed by hand', () => {
  it('reads seconds, minutes and decimal commas', () => {
    expect(parseLength('4.2')).toBe(4.2);
    expect(parseLength(' 4,2 s ')).toBe(4.2);
    expect(parseLength('1:05')).toBe(65);
    expect(parseLength('')).toBeUndefined();
  });

  it('refuses what is no length', () => {
    for (const text of ['-3', 'abc', '0', '1e9', '1:2:3:4', 'NaN'])
      expect(parseLength(text)).toBeNull();
  });

  it('says them shortly', () => {
    expect(seconds(3)).toBe('3 s');
    expect(seconds(80)).toBe('1:20');
  });
});
