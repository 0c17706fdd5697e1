import { describe, expect, it } from 'vitest';
import type { Item } from '$lib/core/types/Item';
import type { Outline } from '$lib/core/types/Outline';
import type { Reading } from '$lib/core/types/Reading';
import { readCorrected } from '$lib/core/fake/corrected';
import { sampleProject } from '$lib/core/fake/sample';
import { amountText, curvePath, extent, valueAt } from '$lib/reading/curves';
import { arrowHead, labelPlace, marksAt } from '$lib/reading/marks';
import {
  asMeasured,
  banded,
  choiceOf,
  heldSpan,
  holds,
  isCorrected,
  lay,
  withChange,
  withoutCorrection,
  type Correction,
} from '$lib/reading/rows';
import { restsOn, surely, unmetText } from '$lib/reading/words';
import { segments } from '$lib/timeline/lanes';
import { timeSaid } from '$lib/timeline/clock';
import { spanText } from '$lib/words/labels';

const truck: Item = {
  key: 'move/0',
  words: 'Trucks left',
  span: { start_s: 0, end_s: 2 },
  confidence: 0.9,
  changes: ['delete', 'rename', 'retime'],
  choices: [
    { key: 'truck_left', words: 'Trucks left' },
    { key: 'dolly_in', words: 'Dollies in' },
  ],
  marks: [],
};
const sentence: Item = {
  key: 'statement/0',
  words: 'The camera trucks left.',
  span: { start_s: 0, end_s: 2 },
  confidence: 0.9,
  changes: ['delete', 'rename', 'retime'],
  choices: [],
  marks: [],
};
const outline: Outline = { items: [truck, sentence], curves: [] };

function reading(...texts: string[]): Reading {
  return {
    kind: 'sketch',
    as: 'sketch',
    has_audio: false,
    palette: [],
    light_on_dark: false,
    density: 0.1,
    shapes: [],
    vanishing_points: [],
    statements: texts.map((text) => ({ text, evidence: { from: 'format' }, confidence: 0.8 })),
  };
}

describe('corrections', () => {
  it('replace one another by what they change', () => {
    let all: Correction[] = [];
    all = withChange(all, truck, { change: 'rename', to: 'dolly_in' });
    all = withChange(all, truck, { change: 'retime', start_s: 1, end_s: 2 });
    all = withChange(all, truck, { change: 'retime', start_s: 1, end_s: 3 });
    expect(all.map(({ change }) => change)).toEqual([
      { change: 'retime', start_s: 1, end_s: 3 },
      { change: 'rename', to: 'dolly_in' },
    ]);
    expect(withChange(all, truck, { change: 'delete' })).toEqual([
      { item: 'move/0', was: 'Trucks left', change: { change: 'delete' } },
    ]);
  });

  it('that say what was measured are none', () => {
    const renamed = withChange([], truck, { change: 'rename', to: 'dolly_in' });
    expect(withChange(renamed, truck, { change: 'rename', to: 'truck_left' })).toEqual([]);
    const moved = withChange([], truck, { change: 'retime', start_s: 1, end_s: 2 });
    expect(withChange(moved, truck, { change: 'retime', start_s: 0, end_s: 2 })).toEqual([]);
    expect(withChange([], sentence, { change: 'rename', to: sentence.words })).toEqual([]);
  });

  it('put a sentence’s times before its words, by which it is found', () => {
    let all = withChange([], sentence, { change: 'rename', to: 'It drifts.' });
    all = withChange(all, sentence, { change: 'retime', start_s: 1, end_s: 2 });
    expect(all.map(({ change }) => change.change)).toEqual(['retime', 'rename']);
  });

  it('know what is said already, amount and all', () => {
    const pan = {
      ...truck,
      words: 'Pan left 10°',
      choices: [
        { key: 'pan', words: 'Pan' },
        { key: 'pan_left', words: 'Pan left' },
        { key: 'pan_right', words: 'Pan right' },
      ],
    };
    expect(choiceOf(pan, pan.words)).toBe('pan_left');
    expect(choiceOf(pan, 'Pan leftwards')).toBe('pan');
    expect(choiceOf(pan, 'Panning')).toBeNull();
    expect(withChange([], pan, { change: 'rename', to: 'pan_left' })).toEqual([]);
    expect(withChange([], pan, { change: 'rename', to: 'pan_right' })).toHaveLength(1);
  });

  it('leave those of other parts alone', () => {
    const other: Correction = { item: 'move/1', was: 'Holds', change: { change: 'delete' } };
    const all = withChange([other], truck, { change: 'delete' });
    expect(all).toHaveLength(2);
    expect(asMeasured(all, truck)).toEqual([other]);
    expect(withoutCorrection(all, other)).toHaveLength(1);
  });

  it('of something that says something else now are not laid over it', () => {
    const old: Correction = { item: 'move/0', was: 'Pans right', change: { change: 'delete' } };
    expect(lay(outline, null, [old]).parts[0]?.struck).toBe(false);
    expect(unmetText(old, outline)).toBe(
      'You struck out “Pans right”. The reading no longer says that, so it does not count.',
    );
    expect(unmetText({ ...old, change: { change: 'rename', to: 'dolly_in' } }, outline)).toContain(
      'You changed “Pans right” to “Dollies in”.',
    );
    expect(
      unmetText({ ...old, change: { change: 'retime', start_s: 1, end_s: 2.5 } }, outline),
    ).toContain('You moved “Pans right” to 1–2.5 s.');
  });
});

describe('a reading laid open', () => {
  it('shows what counts and keeps what was measured', () => {
    const corrections = withChange(
      withChange([], truck, { change: 'rename', to: 'dolly_in' }),
      truck,
      { change: 'retime', start_s: 1, end_s: 3 },
    );
    const [row] = lay(outline, null, corrections).parts;
    expect(row).toMatchObject({
      id: 'move/0',
      words: 'Dollies in',
      span: { start_s: 1, end_s: 3 },
      renamed: true,
      retimed: true,
      struck: false,
    });
    expect(row?.item.words).toBe('Trucks left');
    expect(row && isCorrected(row)).toBe(true);
  });

  it('puts the sentence that a corrected part has written in place of the measured one', () => {
    const corrections = withChange([], truck, { change: 'rename', to: 'dolly_in' });
    const laid = lay(outline, reading('The camera dollies in.'), corrections);
    expect(laid.sentences).toHaveLength(1);
    expect(laid.sentences[0]).toMatchObject({
      words: 'The camera dollies in.',
      follows: 'written',
      instead: 'The camera trucks left.',
    });
  });

  it('says that a sentence is no longer said, and adds a new one', () => {
    expect(lay(outline, reading(), []).sentences[0]?.follows).toBe('gone');
    const more = lay(outline, reading(sentence.words, 'It is steady.'), []).sentences;
    expect(more.map((row) => row.follows)).toEqual([null, 'written']);
  });

  it('keeps a written sentence that was struck out itself', () => {
    const written: Correction = {
      item: 'statement/2',
      was: 'The camera dollies in.',
      change: { change: 'delete' },
    };
    const laid = lay(outline, reading(), [written]).sentences;
    expect(laid.map(({ words, struck }) => [words, struck])).toEqual([
      ['The camera dollies in.', true],
    ]);
    // One that no longer applies is told of elsewhere.
    expect(lay(outline, reading(), [written], [written]).sentences).toHaveLength(1);
    expect(lay(outline, reading(), [written], [written]).sentences[0]?.struck).toBe(false);
  });

  it('does not take a person’s own words for new ones', () => {
    const mine = withChange([], sentence, { change: 'rename', to: 'It drifts.' });
    const laid = lay(outline, reading('It drifts.'), mine).sentences;
    expect(laid).toHaveLength(1);
    expect(laid[0]).toMatchObject({ words: 'It drifts.', renamed: true, follows: null });
  });
});

describe('times', () => {
  it('stay within the clip, on frames, and never cross', () => {
    const span = { start_s: 1, end_s: 2 };
    expect(heldSpan({ ...span, start_s: -3 }, 'start_s', 4, 24).start_s).toBe(0);
    expect(heldSpan({ ...span, end_s: 9 }, 'end_s', 4.2, 24).end_s).toBe(4.2);
    expect(heldSpan({ ...span, start_s: 3 }, 'start_s', 4, 24).start_s).toBeCloseTo(1.9583, 3);
    expect(heldSpan({ ...span, end_s: 0 }, 'end_s', 4, 24).end_s).toBeCloseTo(1.0417, 3);
    expect(heldSpan({ ...span, start_s: 0.51 }, 'start_s', 4, 24).start_s).toBe(0.5);
  });

  it('are read as people write them', () => {
    expect(timeSaid('0')).toBe(0);
    expect(timeSaid('1,5 s')).toBe(1.5);
    expect(timeSaid('0:03.5')).toBe(3.5);
    for (const text of ['', 'now', '-1', '1e3', '1:2:3:4']) expect(timeSaid(text)).toBeNull();
  });

  it('hold at their ends', () => {
    expect(holds({ start_s: 1, end_s: 2 }, 2)).toBe(true);
    expect(holds({ start_s: 1, end_s: 2 }, 2.1)).toBe(false);
    expect(holds(null, 9)).toBe(true);
    expect(spanText({ start_s: 0.504, end_s: 3 })).toBe('0.5–3 s');
  });
});

describe('bands', () => {
  it('are of parts and the chosen sentence, or of sentences where parts have no times', () => {
    const { parts, sentences } = lay(outline, null, []);
    const all = [...parts, ...sentences];
    const said = sentences[0]?.id ?? '';
    expect(banded(all, null).map(({ row }) => row.id)).toEqual(['move/0']);
    expect(banded(all, said)).toHaveLength(2);
    expect(banded(sentences, null)).toHaveLength(1);
  });
});

describe('marks', () => {
  const boxed: Item = {
    ...truck,
    marks: [
      { shape: { shape: 'box', bounds: { x: 0, y: 0, width: 1, height: 1 } } },
      { shape: { shape: 'point', at: [0.5, 0.5] }, span: { start_s: 0, end_s: 2 } },
      { shape: { shape: 'swatch', hex: '#aa0000' }, span: { start_s: 1.5, end_s: 2 } },
    ],
  };
  const laid = (corrections: Correction[]) =>
    lay({ items: [boxed], curves: [] }, null, corrections).parts;

  it('are drawn while they hold', () => {
    expect(marksAt(laid([]), 1)).toHaveLength(2);
    expect(marksAt(laid([]), 1.8)).toHaveLength(3);
    expect(marksAt(laid([]), 3)).toHaveLength(0);
    expect(marksAt(laid([]), null)).toHaveLength(3);
  });

  it('go with what is struck out, and move with what is moved', () => {
    expect(marksAt(laid(withChange([], boxed, { change: 'delete' })), 1)).toHaveLength(0);
    const moved = laid(withChange([], boxed, { change: 'retime', start_s: 3, end_s: 4 }));
    expect(marksAt(moved, 1)).toHaveLength(0);
    expect(marksAt(moved, 3.5)).toHaveLength(2);
  });

  it('have their words beside them', () => {
    expect(labelPlace({ shape: 'way', points: [] })).toBeNull();
    expect(labelPlace({ shape: 'arrow', from: [0, 0], to: [1, 0.5] })).toEqual([1, 0.5]);
    expect(arrowHead([0, 0], [10, 0], 2)).toMatch(/^M8\.\d+ -0\.\d+L10 0L8\.\d+ 0\.\d+$/);
  });
});

describe('curves', () => {
  const pan = { name: 'Pan', unit: 'deg', times_s: [0, 1, 2], values: [0, 10, -10] };

  it('have a value between samples', () => {
    expect(valueAt(pan, 0.5)).toBe(5);
    expect(valueAt(pan, 1.5)).toBe(0);
    expect(valueAt(pan, 9)).toBe(-10);
    expect(valueAt({ ...pan, times_s: [], values: [] }, 1)).toBeNull();
  });

  it('fill their drawing, and survive numbers that are none', () => {
    const drawn = curvePath(pan, 2, 100, 40);
    expect(drawn.path.startsWith('M0 20')).toBe(true);
    expect(drawn.zero).toBe(20);
    expect(curvePath({ ...pan, values: [NaN, 1, 2] }, 2, 100, 40).path).not.toContain('NaN');
    const [low, high] = extent([3, 3]);
    expect(high).toBeGreaterThan(low);
    expect(extent([])).toEqual([0, 1]);
  });

  it('are said with their unit', () => {
    expect(amountText(12.34, 'deg')).toBe('12°');
    expect(amountText(-0.004, 'deg')).toBe('0.00°'.replace('.00', ''));
    expect(amountText(0.4, 'share')).toBe('40\u00a0%');
    expect(amountText(-18.2, 'dB')).toBe('−18\u00a0dB');
  });
});

describe('words', () => {
  it('say what a thing rests on and how sure it is', () => {
    const evidence = { from: 'measurement', quantity: 'cadence', value: 110, unit: 'steps/min' };
    expect(restsOn(evidence as never)).toBe('Measured: cadence, 110\u00a0steps/min.');
    expect(restsOn({ from: 'person' })).toBe('You said so.');
    expect([0.95, 0.7, 0.5, 0.1].map(surely)).toEqual([
      'Sure',
      'Fairly sure',
      'Perhaps',
      'A guess',
    ]);
  });
});

describe('lanes', () => {
  const camera = () => {
    const found = sampleProject().shots[0]?.conditions.find(({ kind }) => kind === 'camera');
    if (!found) throw new Error('the sample has a camera path');
    return found;
  };

  it('show the times as corrected, on the shot’s clock', () => {
    const condition = camera();
    condition.corrections = [
      {
        item: 'move/1',
        was: 'Pan left 10°',
        change: { change: 'retime', start_s: 2, end_s: 2.5 },
      },
      { item: 'move/0', was: 'Truck right', change: { change: 'delete' } },
    ];
    const read = readCorrected(condition);
    expect(read.unmet).toEqual([]);
    const shown = segments(read, condition.corrections, 1);
    expect(shown.map(({ text, start_s }) => [text, start_s])).toEqual([
      ['Pan left 10°', 3],
      ['Hold', 4],
    ]);
  });

  it('show the parts of kinds without a list of their own', () => {
    const heard = { ...truck, key: 'sound/0', words: 'Music' };
    const open = { reading: reading(), outline: { items: [heard, sentence], curves: [] } };
    expect(segments(open, [], 0).map(({ text }) => text)).toEqual(['Music']);
    expect(segments(open, withChange([], heard, { change: 'delete' }), 0)).toEqual([]);
  });
});
