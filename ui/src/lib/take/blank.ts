import type { Take } from '../core/types/Take';

/** What stands in the panel while the very first take is being written. */
export const blankTake: Take = {
  id: -1,
  name: '',
  engine: 'measured',
  seed: 0,
  created_ms: 0,
  prompt: '',
  trace: {
    intent: '',
    conditions: [],
    alignment: { agreements: [], conflicts: [] },
    supplement: [],
  },
  caption: { dense: '', main_object: '', background: '', camera: '', style: '', action: '' },
  origins: {},
  locked: [],
};
