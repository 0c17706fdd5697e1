/** What each card shows on the timeline, on its own clock. */
import type { Condition } from '../core/types/Condition';
import { lay, type Correction } from '../reading/rows';
import type { Read } from '../state/media.svelte';
import { actionText, moveText } from '../words/labels';
import { seconds, type Segment } from './clock';

/** What happens in a reading as corrected, shifted onto the shot's clock. */
export function segments(
  { reading, outline }: Pick<Read, 'reading' | 'outline'>,
  corrections: readonly Correction[],
  offset_s: number,
): Segment[] {
  const make = (text: string, start_s: number, end_s: number, quiet = false): Segment => ({
    start_s: start_s + offset_s,
    end_s: end_s + offset_s,
    text,
    title: `${text}, ${seconds(start_s + offset_s)} to ${seconds(end_s + offset_s)}`,
    quiet,
  });
  switch (reading.kind) {
    case 'camera':
      return reading.moves.map((move) =>
        make(moveText(move), move.start_s, move.end_s, move.move === 'static'),
      );
    case 'pose':
      return reading.people.flatMap((person) =>
        person.actions.map((action) => {
          const words = actionText(action);
          const text = reading.people.length > 1 ? `${person.id}: ${words}` : words;
          return make(text, action.start_s, action.end_s, action.action === 'standing_still');
        }),
      );
    default:
      // Kinds without a list of their own show their parts.
      return lay(outline, null, corrections).parts.flatMap(({ words, span, struck }) =>
        span && !struck ? [make(words, span.start_s, span.end_s)] : [],
      );
  }
}

/** Stills hold for the whole shot. */
export function isStill(condition: Condition, length_s: number | null): boolean {
  return length_s === null && condition.kind !== 'audio';
}
