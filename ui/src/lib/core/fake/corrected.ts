/** Readings laid open and corrected, as the core does it, for the sample's kinds of parts. */
import { concerns, isSentence, sentencesOf } from '../../reading/rows';
import { actionText, list, moveLabel, moveText } from '../../words/labels';
import type { ActionKind } from '../types/ActionKind';
import type { Condition } from '../types/Condition';
import type { ReadingCorrection as Correction } from '../types/ReadingCorrection';
import type { Curve } from '../types/Curve';
import type { Item } from '../types/Item';
import type { Mark } from '../types/Mark';
import type { MoveKind } from '../types/MoveKind';
import type { Outline } from '../types/Outline';
import type { Reading } from '../types/Reading';
import type { TimeSpan } from '../types/TimeSpan';
import { LENGTH_S, readingOf, samplePlot, sampleTrack, says } from './sample';

const MOVES: MoveKind[] = [
  'static',
  'pan_left',
  'pan_right',
  'tilt_up',
  'tilt_down',
  'dolly_in',
  'dolly_out',
  'truck_left',
  'truck_right',
  'pedestal_up',
  'pedestal_down',
  'zoom_in',
  'zoom_out',
];

const ACTIONS: ActionKind[] = [
  'standing_still',
  'walking',
  'running',
  'raising_arm',
  'waving',
  'turning',
  'bending',
  'jumping',
];

interface Told {
  span?: TimeSpan;
  confidence?: number;
  evidence?: Item['evidence'];
  changes?: Item['changes'];
  choices?: Item['choices'];
  marks?: Mark[];
}

function item(key: string, words: string, told: Told = {}): Item {
  const { span, confidence = 0.9, evidence, changes, choices = [], marks = [] } = told;
  return {
    key,
    words,
    confidence,
    changes: changes ?? (span ? ['delete', 'rename', 'retime'] : ['delete', 'rename']),
    choices,
    marks,
    ...(span ? { span } : {}),
    ...(evidence ? { evidence } : {}),
  };
}

const measured = (quantity: string, value: number, unit: string): Item['evidence'] => ({
  from: 'measurement',
  quantity,
  value,
  unit,
});

function curve(name: string, unit: string, of: (time_s: number) => number): Curve {
  const times_s = Array.from({ length: 85 }, (_, step) => (step / 84) * LENGTH_S);
  return { name, unit, times_s, values: times_s.map(of) };
}

function partsOf(reading: Reading): Item[] {
  switch (reading.kind) {
    case 'camera':
      return reading.moves.map((move, index) =>
        item(`move/${index}`, moveText(move), {
          span: { start_s: move.start_s, end_s: move.end_s },
          confidence: move.move === 'pan_left' ? 0.55 : 0.96,
          evidence: measured(
            move.unit === 'deg' ? 'turn of the lens' : move.unit === 's' ? 'rest' : 'way travelled',
            move.amount,
            move.unit,
          ),
          choices: MOVES.map((key) => ({ key, words: moveLabel(key) })),
        }),
      );
    case 'pose':
      return reading.people.flatMap((person) =>
        person.actions.map((action, index) =>
          item(`person/${person.id}/action/${index}`, actionText(action), {
            span: { start_s: action.start_s, end_s: action.end_s },
            confidence: action.confidence,
            evidence: measured('stride', 0.12, 'share'),
            choices: ACTIONS.map((key) => ({
              key,
              words: actionText({ ...action, action: key, side: undefined }),
            })),
            marks:
              action.action === 'waving'
                ? [
                    { shape: { shape: 'person', person: person.id } },
                    { shape: { shape: 'way', points: wrist(action) }, label: 'Left hand' },
                  ]
                : action.action === 'walking'
                  ? [
                      { shape: { shape: 'person', person: person.id } },
                      { shape: { shape: 'arrow', from: [0.3, 0.92], to: [0.72, 0.92] } },
                    ]
                  : [{ shape: { shape: 'person', person: person.id } }],
          }),
        ),
      );
    case 'depth':
      return [
        ...reading.layers.map((layer, index) =>
          item(`layer/${index}`, `A ${layer.band} layer ${layer.place}`, {
            confidence: 0.92,
            evidence: measured(`share of ${layer.band} pixels`, layer.share, 'share'),
            changes: ['delete'],
            marks: [{ shape: { shape: 'box', bounds: layer.bounds }, label: layer.band }],
          }),
        ),
        ...reading.moving_regions.map((region, index) => {
          const y = region.bounds.y + region.bounds.height / 2;
          const x = region.bounds.x;
          return item(`region/${index}`, 'Something crosses to the right', {
            span: region.span,
            confidence: region.confidence,
            evidence: measured('way across the frame', region.dx, 'share'),
            marks: [
              { shape: { shape: 'box', bounds: region.bounds }, span: region.span },
              {
                shape: { shape: 'arrow', from: [x + 0.05, y], to: [x + region.dx, y] },
                span: region.span,
              },
            ],
          });
        }),
      ];
    case 'identity':
      return [
        item('subject', 'Fills most of the frame, cut by its lower edge', {
          confidence: 0.93,
          marks: reading.framing.subject
            ? [{ shape: { shape: 'box', bounds: reading.framing.subject }, label: 'Subject' }]
            : [],
        }),
        ...reading.palette.map((swatch, index) =>
          item(`colour/${index}`, swatch.name, {
            confidence: 0.9 - index * 0.2,
            evidence: measured('share of the subject', swatch.share, 'share'),
            marks: [{ shape: { shape: 'swatch', hex: swatch.hex }, label: swatch.name }],
          }),
        ),
      ];
    default:
      return [];
  }
}

function wrist(during: TimeSpan): [number, number][] {
  return sampleTrack()
    .frames.filter((frame) => frame.time_s >= during.start_s && frame.time_s <= during.end_s)
    .flatMap((frame) => {
      const point = frame.people[0]?.points[7];
      return point ? [point] : [];
    });
}

function curvesOf(reading: Reading): Curve[] {
  switch (reading.kind) {
    case 'camera': {
      const { samples } = samplePlot();
      const at = (time_s: number) =>
        samples[Math.min(Math.round((time_s / LENGTH_S) * 84), samples.length - 1)];
      return [
        curve('Travel', 'share', (time_s) => (at(time_s)?.centre[0] ?? 0) / 2.4),
        curve('Pan', 'deg', (time_s) => ((at(time_s)?.forward[0] ?? 0) * 180) / Math.PI),
      ];
    }
    case 'pose':
      return [
        curve('Stride', 'share', (time_s) => Math.abs(Math.sin(time_s * 1.83 * Math.PI)) * 0.12),
        curve('Left hand', 'share', (time_s) =>
          time_s > 2.4 && time_s < 3.3 ? 0.5 + 0.2 * Math.sin(time_s * 14) : 0.3,
        ),
      ];
    case 'depth':
      return [
        curve(
          'Movement',
          'share',
          (time_s) => (time_s > 0.5 ? 0.3 : 0.05) + 0.02 * Math.sin(time_s),
        ),
      ];
    case 'audio':
      return [curve('Loudness', 'dB', (time_s) => -24 + 9 * Math.sin(time_s * 3))];
    default:
      return [];
  }
}

export function outlineOf(reading: Reading): Outline {
  const said = sentencesOf(reading).map((statement, index) =>
    item(`statement/${index}`, statement.text, {
      confidence: statement.confidence,
      evidence: statement.evidence,
      ...(statement.span ? { span: statement.span } : {}),
    }),
  );
  return { items: [...partsOf(reading), ...said], curves: curvesOf(reading) };
}

/** Applies one correction of a part; whether it could. */
function correctPart(reading: Reading, { item: key, change }: Correction): boolean {
  const parts = key.split('/');
  const index = Number(parts.at(-1));
  const from = <T>(all: T[], rename: (part: T, to: string) => void): boolean => {
    const part = all[index] as (T & Partial<TimeSpan>) | undefined;
    if (!part) return false;
    if (change.change === 'delete') all.splice(index, 1);
    else if (change.change === 'rename') rename(part, change.to);
    else Object.assign(part, { start_s: change.start_s, end_s: change.end_s });
    return true;
  };
  switch (reading.kind) {
    case 'camera':
      return from(reading.moves, (move, to) => (move.move = to as MoveKind));
    case 'pose': {
      const person = reading.people.find((one) => one.id === Number(parts[1]));
      return from(person?.actions ?? [], (action, to) => (action.action = to as ActionKind));
    }
    case 'depth':
      return parts[0] === 'layer'
        ? from(reading.layers, () => undefined)
        : from(reading.moving_regions, () => undefined);
    case 'identity':
      return from(reading.palette, (swatch, to) => (swatch.name = to));
    default:
      return false;
  }
}

/** Writes the sentences anew that rest on parts. */
function restate(reading: Reading): void {
  if (reading.kind === 'camera') {
    const moves = reading.moves.map((move) => moveText(move).toLowerCase());
    const [, ...others] = reading.statements;
    reading.statements = [
      ...(moves.length > 0
        ? [says(`The camera does this: ${list(moves)}.`, 'travel', 1, 'share')]
        : []),
      ...others,
    ];
  } else if (reading.kind === 'pose') {
    for (const person of reading.people) {
      const does = new Set(person.actions.map((action) => action.action));
      person.statements = person.statements.filter(
        ({ text }) =>
          (does.has('waving') || !text.includes('waves')) &&
          (does.has('walking') || !text.includes('walks')),
      );
      if (does.has('running'))
        person.statements.push(says('The person runs.', 'cadence', 110, 'steps/min'));
    }
  }
}

function correctSentence(reading: Reading, { was, change }: Correction): boolean {
  const lists =
    reading.kind === 'pose'
      ? [reading.statements, ...reading.people.map((person) => person.statements)]
      : [reading.statements];
  for (const sentences of lists) {
    const at = sentences.findIndex((statement) => statement.text === was);
    const statement = sentences[at];
    if (!statement) continue;
    if (change.change === 'delete') sentences.splice(at, 1);
    else if (change.change === 'rename') statement.text = change.to;
    else statement.span = { start_s: change.start_s, end_s: change.end_s };
    statement.evidence = { from: 'person' };
    return true;
  }
  return false;
}

/** What the core answers when a card is read. */
export function readCorrected(condition: Condition): {
  reading: Reading;
  outline: Outline;
  unmet: Correction[];
} {
  const reading = readingOf(condition);
  const outline = outlineOf(reading);
  const unmet: Correction[] = [];
  const { corrections } = condition;
  let changed = false;
  // From behind, and what is deleted last: places are counted.
  const parts = corrections
    .filter((correction) => !isSentence(correction.item))
    .sort((a, b) => b.item.localeCompare(a.item))
    .sort((a, b) => Number(a.change.change === 'delete') - Number(b.change.change === 'delete'));
  for (const correction of parts) {
    const known = outline.items.some((each) => concerns(correction, each));
    if (known && correctPart(reading, correction)) changed = true;
    else unmet.push(correction);
  }
  if (changed) restate(reading);
  for (const correction of corrections) {
    if (isSentence(correction.item) && !correctSentence(reading, correction)) {
      unmet.push(correction);
    }
  }
  return { reading, outline, unmet };
}
