/** How a reading speaks of itself. */
import type { ConditionKind } from '../core/types/ConditionKind';
import type { Evidence } from '../core/types/Evidence';
import type { Outline } from '../core/types/Outline';
import { spanText } from '../words/labels';
import { amountText } from './curves';
import { nameOf, type Correction } from './rows';

/** What the parts of each kind are called together. */
export const PARTS: Record<ConditionKind, string> = {
  identity: 'What is seen',
  depth: 'Depths and movement',
  pose: 'People and what they do',
  camera: 'Camera moves',
  style: 'Look',
  segmentation: 'Areas',
  sketch: 'Lines and shapes',
  masked_image: 'What is seen',
  first_frame: 'What is seen',
  last_frame: 'What is seen',
  reference_video: 'What happens',
  audio: 'What is heard',
};

export function restsOn(evidence: Evidence): string {
  switch (evidence.from) {
    case 'measurement':
      return `Measured: ${evidence.quantity}, ${amountText(evidence.value, evidence.unit)}.`;
    case 'metadata':
      return `Written in the file: ${evidence.field}.`;
    case 'format':
      return 'Known from the kind of file.';
    case 'model':
      return `Seen by ${evidence.model}, not measured.`;
    case 'person':
      return 'You said so.';
  }
}

export function surely(confidence: number): string {
  if (confidence >= 0.85) return 'Sure';
  if (confidence >= 0.6) return 'Fairly sure';
  if (confidence >= 0.4) return 'Perhaps';
  return 'A guess';
}

/** What became of a correction that no longer applies. */
export function unmetText(correction: Correction, outline: Outline): string {
  const { was, change } = correction;
  const end = 'The reading no longer says that, so it does not count.';
  switch (change.change) {
    case 'delete':
      return `You struck out “${was}”. ${end}`;
    case 'rename': {
      const item = outline.items.find((item) => item.choices.some(({ key }) => key === change.to));
      const words = item ? nameOf(item, change.to) : change.to;
      return `You changed “${was}” to “${words}”. ${end}`;
    }
    case 'retime':
      return `You moved “${was}” to ${spanText(change)}. ${end}`;
  }
}
