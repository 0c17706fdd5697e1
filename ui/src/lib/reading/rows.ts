/** A reading laid open as rows: what was measured, with a person's corrections laid over it. */
import type { Condition } from '../core/types/Condition';
import type { Item } from '../core/types/Item';
import type { Outline } from '../core/types/Outline';
import type { Reading } from '../core/types/Reading';
import type { Statement } from '../core/types/Statement';
import type { TimeSpan } from '../core/types/TimeSpan';

export type Correction = Condition['corrections'][number];
export type Change = Correction['change'];

export interface Row {
  /** Stays the same while the row is corrected. */
  id: string;
  /** As measured. */
  item: Item;
  sentence: boolean;
  /** As it counts now. */
  words: string;
  span: TimeSpan | null;
  struck: boolean;
  renamed: boolean;
  retimed: boolean;
  /** A sentence that says what another did, since a part was corrected: what that one said. */
  instead: string | null;
  /** A sentence that a corrected part has written or taken away. */
  follows: 'written' | 'gone' | null;
}

export interface Laid {
  parts: Row[];
  sentences: Row[];
}

/** Sentences are known by what they say, parts by their place. */
export function isSentence(key: string): boolean {
  return key.startsWith('statement/');
}

export function concerns(correction: Correction, item: Pick<Item, 'key' | 'words'>): boolean {
  if (correction.was !== item.words) return false;
  return isSentence(item.key) ? isSentence(correction.item) : correction.item === item.key;
}

/** Every sentence of a reading, those about single people included. */
export function sentencesOf(reading: Reading): Statement[] {
  return reading.kind === 'pose'
    ? [...reading.statements, ...reading.people.flatMap((person) => person.statements)]
    : reading.statements;
}

/** The words that a rename stands for: those of a choice, or the words themselves. */
export function nameOf(item: Pick<Item, 'choices'>, to: string): string {
  return item.choices.find((choice) => choice.key === to)?.words ?? to;
}

/** The choice that words say already ("Pan left" in "Pan left 10°"); the longest, if several. */
export function choiceOf(item: Pick<Item, 'choices'>, words: string): string | null {
  const said = item.choices.filter(
    (choice) =>
      words === choice.words ||
      (/^[ ,]/.test(words.slice(choice.words.length)) && words.startsWith(choice.words)),
  );
  said.sort((a, b) => b.words.length - a.words.length);
  return said[0]?.key ?? null;
}

function rowOf(item: Item, corrections: readonly Correction[]): Row {
  const row: Row = {
    id: isSentence(item.key) ? `says ${item.words}` : item.key,
    item,
    sentence: isSentence(item.key),
    words: item.words,
    span: item.span ?? null,
    struck: false,
    renamed: false,
    retimed: false,
    instead: null,
    follows: null,
  };
  for (const { change } of corrections.filter((each) => concerns(each, item))) {
    if (change.change === 'delete') row.struck = true;
    else if (change.change === 'rename') {
      row.words = nameOf(item, change.to);
      row.renamed = true;
    } else {
      row.span = { start_s: change.start_s, end_s: change.end_s };
      row.retimed = true;
    }
  }
  return row;
}

export function isCorrected(row: Row): boolean {
  return row.struck || row.renamed || row.retimed;
}

/**
 * Lays a reading open. `reading` is as corrected: where a corrected part has changed what is
 * said, its sentences stand in place of those that were measured.
 */
export function lay(
  outline: Outline,
  reading: Reading | null,
  corrections: readonly Correction[],
  unmet: readonly Correction[] = [],
): Laid {
  const parts: Row[] = [];
  const sentences: Row[] = [];
  const ids = new Set<string>();
  for (const item of outline.items) {
    const row = rowOf(item, corrections);
    // Two sentences that say the same are one to a person, and to a correction.
    if (ids.has(row.id)) continue;
    ids.add(row.id);
    (row.sentence ? sentences : parts).push(row);
  }
  if (reading === null) return { parts, sentences };

  const said = sentencesOf(reading);
  const saying = new Set(said.map((statement) => statement.text));
  const measured = new Set(sentences.map((row) => row.item.words));
  const reworded = new Set(
    corrections.flatMap(({ item, change }) =>
      isSentence(item) && change.change === 'rename' ? [change.to] : [],
    ),
  );
  const written: Item[] = said
    .filter((statement) => !measured.has(statement.text) && !reworded.has(statement.text))
    .map((statement, index) => itemOf(statement, outline.items.length + index));
  // Sentences that were written anew and then corrected themselves.
  for (const { item, was } of corrections) {
    if (!isSentence(item) || measured.has(was)) continue;
    if (written.some((other) => other.words === was)) continue;
    if (unmet.some((other) => other.was === was && isSentence(other.item))) continue;
    written.push({
      key: item,
      words: was,
      confidence: 1,
      changes: ['delete', 'rename'],
      choices: [],
      marks: [],
    });
  }
  const rows = written
    .filter((item) => !ids.has(`says ${item.words}`))
    .map((item): Row => ({ ...rowOf(item, corrections), follows: 'written' }));
  const laid = sentences.flatMap((row): Row[] => {
    if (isCorrected(row) || saying.has(row.item.words)) return [row];
    const other = rows.shift();
    return other ? [{ ...other, instead: row.item.words }] : [{ ...row, follows: 'gone' }];
  });
  return { parts, sentences: [...laid, ...rows] };
}

function itemOf(statement: Statement, place: number): Item {
  return {
    key: `statement/${place}`,
    words: statement.text,
    ...(statement.span ? { span: statement.span } : {}),
    confidence: statement.confidence,
    evidence: statement.evidence,
    changes: statement.span ? ['delete', 'rename', 'retime'] : ['delete', 'rename'],
    choices: [],
    marks: [],
  };
}

const close = (a: number, b: number) => Math.abs(a - b) < 5e-4;

/** Whether a change leaves things as they were measured. */
function changesNothing(item: Item, change: Change): boolean {
  switch (change.change) {
    case 'delete':
      return false;
    case 'rename':
      return change.to === item.words || change.to === choiceOf(item, item.words);
    case 'retime':
      return (
        item.span !== undefined &&
        close(item.span.start_s, change.start_s) &&
        close(item.span.end_s, change.end_s)
      );
  }
}

/**
 * The corrections with one more. What is struck out needs no other words or times; of words and
 * times the latest counts, and those that were measured need no correction.
 */
export function withChange(
  corrections: readonly Correction[],
  item: Item,
  change: Change,
): Correction[] {
  const others = corrections.filter((each) => !concerns(each, item));
  const own = corrections.filter(
    (each) =>
      concerns(each, item) &&
      each.change.change !== change.change &&
      each.change.change !== 'delete' &&
      change.change !== 'delete',
  );
  if (!changesNothing(item, change)) own.push({ item: item.key, was: item.words, change });
  // A sentence is found by what it said: its times go before its words.
  own.sort((a, b) => order(a) - order(b));
  return [...others, ...own];
}

function order(correction: Correction): number {
  return ['retime', 'rename', 'delete'].indexOf(correction.change.change);
}

/** The corrections without those of an item: it counts as measured again. */
export function asMeasured(corrections: readonly Correction[], item: Item): Correction[] {
  return corrections.filter((each) => !concerns(each, item));
}

/** The corrections without one. */
export function withoutCorrection(
  corrections: readonly Correction[],
  gone: Correction,
): Correction[] {
  const same = JSON.stringify([gone.item, gone.was, gone.change.change]);
  return corrections.filter(
    (each) => JSON.stringify([each.item, each.was, each.change.change]) !== same,
  );
}

/**
 * The rows with times, as bands: parts, and the sentence that is chosen; all sentences where no
 * part has a time.
 */
export function banded(rows: readonly Row[], chosen: string | null): (TimeSpan & { row: Row })[] {
  const timed = rows.flatMap((row) =>
    row.span && row.follows !== 'gone' ? [{ ...row.span, row }] : [],
  );
  const parts = timed.some(({ row }) => !row.sentence);
  return parts ? timed.filter(({ row }) => !row.sentence || row.id === chosen) : timed;
}

/** A span held within the clip, on whole frames, at least one frame long. */
export function heldSpan(
  span: TimeSpan,
  moved: 'start_s' | 'end_s',
  length_s: number,
  fps: number,
): TimeSpan {
  const frame = 1 / fps;
  const snapped = (time_s: number) =>
    Math.round(Math.min(Math.max(Math.round(time_s * fps) / fps, 0), length_s) * 1e4) / 1e4;
  return moved === 'start_s'
    ? { start_s: snapped(Math.min(span.start_s, span.end_s - frame)), end_s: span.end_s }
    : { start_s: span.start_s, end_s: snapped(Math.max(span.end_s, span.start_s + frame)) };
}

/** Whether a span holds at a time; what has no span always does. */
export function holds(span: TimeSpan | null | undefined, time_s: number): boolean {
  return !span || (time_s >= span.start_s - 1e-3 && time_s <= span.end_s + 1e-3);
}
