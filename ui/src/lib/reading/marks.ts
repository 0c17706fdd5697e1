/** What is drawn on the picture to show what a reading rests on. */
import type { Mark } from '../core/types/Mark';
import type { Shape } from '../core/types/Shape';
import type { TimeSpan } from '../core/types/TimeSpan';
import { holds, type Row } from './rows';

export interface Drawn {
  id: string;
  row: Row;
  mark: Mark;
}

/** A mark that was drawn for its part's time moves with it. */
function spanOf(row: Row, mark: Mark): TimeSpan | null {
  const { span } = mark;
  if (!span) return row.span;
  const measured = row.item.span;
  if (!row.retimed || !measured) return span;
  const whole = span.start_s === measured.start_s && span.end_s === measured.end_s;
  return whole ? row.span : span;
}

/** The marks at a time on the clip's own clock; `null` for a picture, which has none. */
export function marksAt(rows: readonly Row[], time_s: number | null): Drawn[] {
  return rows
    .filter((row) => !row.struck && row.follows !== 'gone')
    .flatMap((row) =>
      row.item.marks
        .map((mark, index) => ({ id: `${row.id} ${index}`, row, mark }))
        .filter(({ mark }) => time_s === null || holds(spanOf(row, mark), time_s)),
    );
}

/** Where a mark's words stand, as shares of the picture. */
export function labelPlace(shape: Shape): [number, number] | null {
  switch (shape.shape) {
    case 'box':
      return [shape.bounds.x, shape.bounds.y];
    case 'line':
    case 'arrow':
      return shape.to;
    case 'point':
      return shape.at;
    case 'way':
      return shape.points.at(-1) ?? null;
    case 'person':
    case 'swatch':
      return null;
  }
}

/** The head of an arrow as two short lines, in the drawing's units. */
export function arrowHead(
  from: readonly [number, number],
  to: readonly [number, number],
  size: number,
): string {
  const angle = Math.atan2(to[1] - from[1], to[0] - from[0]);
  const barb = (turn: number) =>
    `${to[0] - size * Math.cos(angle + turn)} ${to[1] - size * Math.sin(angle + turn)}`;
  return `M${barb(0.45)}L${to[0]} ${to[1]}L${barb(-0.45)}`;
}
