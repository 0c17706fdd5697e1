import { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { afterEach, describe, expect, it } from 'vitest';
import {
  marksFor,
  marksIn,
  originMarks,
  setMarks,
  smallestChange,
  type Source,
} from '$lib/take/marks';
import type { OriginSpan } from '$lib/core/types/OriginSpan';

const source = (id: number): Source | null =>
  id === 14 ? { id, kind: 'camera', name: 'Truck' } : null;
let view: EditorView;

function open(text: string, spans: OriginSpan[]) {
  view = new EditorView({
    parent: document.body,
    state: EditorState.create({ doc: text, extensions: [originMarks()] }),
  });
  view.dispatch({ effects: setMarks.of(marksFor(text, spans, source)) });
}

const words = () =>
  marksIn(view).map(({ from, to, origin }) => [view.state.sliceDoc(from, to), origin]);

const type = (at: number, text: string, to = at) =>
  view.dispatch({ changes: { from: at, to, insert: text }, userEvent: 'input.type' });

describe('origin marks', () => {
  afterEach(() => view.destroy());

  it('stand on the right words behind an emoji', () => {
    open('🎬 Trucks right.', [{ start: 2, end: 14, origin: 'condition', condition: 14 }]);
    expect(words()).toEqual([['Trucks right', 'condition']]);
    const mark = view.contentDOM.querySelector('.origin-condition');
    expect(mark?.getAttribute('data-condition')).toBe('14');
    expect(mark?.getAttribute('title')).toContain('Truck');
  });

  it('show typed words as written by hand and keep the others', () => {
    open('She walks.', [{ start: 0, end: 10, origin: 'prompt' }]);
    type(3, ' slowly');
    expect(words()).toEqual([
      ['She', 'prompt'],
      [' slowly', 'hand'],
      [' walks.', 'prompt'],
    ]);
  });

  it('join letters typed one after the other', () => {
    open('She walks.', [{ start: 0, end: 10, origin: 'prompt' }]);
    type(10, ' F');
    type(12, 'a');
    type(13, 'st');
    const hand = words()
      .filter(([, origin]) => origin === 'hand')
      .map(([text]) => text)
      .join('');
    expect(hand).toBe(' Fast');
    expect(words()[0]).toEqual(['She walks.', 'prompt']);
  });

  it('shrink when words are deleted', () => {
    open('A red coat.', [{ start: 0, end: 11, origin: 'prompt' }]);
    view.dispatch({ changes: { from: 1, to: 5 }, userEvent: 'delete.selection' });
    expect(words()).toEqual([['A coat.', 'prompt']]);
  });

  it('survive spans that do not fit the text', () => {
    open('Short.', [
      { start: 3, end: 400, origin: 'inferred' },
      { start: 900, end: 901, origin: 'hand' },
    ]);
    expect(words()).toEqual([['rt.', 'inferred']]);
  });
});

describe('the smallest change', () => {
  afterEach(() => view.destroy());

  it('turns one text into the other, whatever differs', () => {
    const texts = ['', 'abc', 'abcabc', 'aXbc', 'bc', 'aaa', 'aaaa', '🎬a', '🎬b'];
    for (const from of texts) {
      for (const to of texts) {
        open(from, []);
        const change = smallestChange(view.state.doc, to);
        if (change) view.dispatch({ changes: change });
        expect(view.state.doc.toString()).toBe(to);
        view.destroy();
      }
    }
    open('', []);
  });
});
