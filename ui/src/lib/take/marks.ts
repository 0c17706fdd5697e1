/** Origin marks in an editor: where words came from, kept in place while a person types. */
import { RangeSet, StateEffect, StateField, type Extension, type Text } from '@codemirror/state';
import { Decoration, EditorView, type DecorationSet } from '@codemirror/view';
import type { ConditionKind } from '../core/types/ConditionKind';
import type { OriginSpan } from '../core/types/OriginSpan';
import { ORIGINS } from '../words/labels';
import { toUtf16 } from '../words/scalars';

/** What is known of the condition behind a mark. */
export interface Source {
  id: number;
  kind: ConditionKind;
  name: string;
}

export const setMarks = StateEffect.define<DecorationSet>();
const setFinding = StateEffect.define<{ start: number; end: number } | null>();

const hand = Decoration.mark({
  class: 'origin origin-hand',
  attributes: { title: ORIGINS.hand, 'data-origin': 'hand' },
  inclusive: true,
});

/** Decorations for the core's spans, which count Unicode scalars. */
export function marksFor(
  text: string,
  spans: readonly OriginSpan[],
  source: (id: number) => Source | null,
): DecorationSet {
  const marks = toUtf16(text, spans).map((span) => {
    if (span.origin === 'hand') return hand.range(span.start, span.end);
    const from = span.condition == null ? null : source(span.condition);
    const title = from ? `${ORIGINS[span.origin]}: ${from.name}` : ORIGINS[span.origin];
    const attributes: Record<string, string> = { title, 'data-origin': span.origin };
    if (span.condition != null) attributes['data-condition'] = String(span.condition);
    if (from) attributes.style = `--hue: var(--kind-${from.kind})`;
    return Decoration.mark({ class: `origin origin-${span.origin}`, attributes }).range(
      span.start,
      span.end,
    );
  });
  return Decoration.set(marks, true);
}

/** Marks typed words as written by hand until the core says what each word's origin is. */
const marks = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(value, transaction) {
    let next = value;
    for (const effect of transaction.effects) if (effect.is(setMarks)) return effect.value;
    if (!transaction.docChanged) return next;
    const byHand = transaction.isUserEvent('input') || transaction.isUserEvent('move');
    next = next.map(transaction.changes);
    if (!byHand) return next;
    const typed: { from: number; to: number }[] = [];
    transaction.changes.iterChangedRanges((_a, _b, from, to) => {
      if (to > from) typed.push({ from, to });
    });
    for (const piece of typed) {
      let { from, to } = piece;
      // A mark that is cut in two by what is typed into it goes on at both sides; words by hand
      // that touch become one.
      const cut: ReturnType<Decoration['range']>[] = [];
      next.between(piece.from, piece.to, (start, end, mark) => {
        if (mark.spec === hand.spec) {
          from = Math.min(from, start);
          to = Math.max(to, end);
          return;
        }
        if (start < piece.from) cut.push(mark.range(start, piece.from));
        if (end > piece.to) cut.push(mark.range(piece.to, end));
      });
      next = next.update({
        filterFrom: from,
        filterTo: to,
        filter: (start, end) => end <= from || start >= to,
        add: [...cut, hand.range(from, to)],
        sort: true,
      });
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

const finding = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(value, transaction) {
    for (const effect of transaction.effects) {
      if (!effect.is(setFinding)) continue;
      const span = effect.value;
      const last = transaction.state.doc.length;
      if (!span || span.start >= last || span.end <= span.start) return Decoration.none;
      return Decoration.set([
        Decoration.mark({ class: 'found' }).range(span.start, Math.min(span.end, last)),
      ]);
    }
    return value.map(transaction.changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

export function originMarks(): Extension {
  return [marks, finding];
}

/** Lights up what a finding is about; `null` puts it out. Offsets in Unicode scalars. */
export function showFinding(view: EditorView, span: { start: number; end: number } | null): void {
  const converted = span ? (toUtf16(view.state.doc.toString(), [span])[0] ?? null) : null;
  view.dispatch({ effects: setFinding.of(converted) });
}

/** The spans now in the editor, in UTF-16 offsets: for tests and for the cursor. */
export function marksIn(
  view: EditorView,
): { from: number; to: number; origin: string; condition: number | null }[] {
  const found: { from: number; to: number; origin: string; condition: number | null }[] = [];
  const set = view.state.field(marks, false) ?? RangeSet.empty;
  set.between(0, view.state.doc.length, (from, to, mark) => {
    const attributes = (mark.spec as { attributes?: Record<string, string> }).attributes ?? {};
    const condition = attributes['data-condition'];
    found.push({
      from,
      to,
      origin: attributes['data-origin'] ?? '',
      condition: condition === undefined ? null : Number(condition),
    });
  });
  return found;
}

/** The smallest change that turns one text into another, so that cursor and marks stay put. */
export function smallestChange(
  from: Text,
  to: string,
): { from: number; to: number; insert: string } | null {
  const old = from.toString();
  if (old === to) return null;
  let start = 0;
  const shortest = Math.min(old.length, to.length);
  while (start < shortest && old.charCodeAt(start) === to.charCodeAt(start)) start += 1;
  let end = 0;
  while (
    end < shortest - start &&
    old.charCodeAt(old.length - 1 - end) === to.charCodeAt(to.length - 1 - end)
  ) {
    end += 1;
  }
  return { from: start, to: old.length - end, insert: to.slice(start, to.length - end) };
}
