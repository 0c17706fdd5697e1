/** What things are called on screen. */
import type { ActionKind } from '../core/types/ActionKind';
import type { ConditionKind } from '../core/types/ConditionKind';
import type { Engine } from '../core/types/Engine';
import type { Move } from '../core/types/Move';
import type { MoveKind } from '../core/types/MoveKind';
import type { Origin } from '../core/types/Origin';
import type { PersonAction } from '../core/types/PersonAction';
import type { Phase } from '../core/types/Phase';
import type { Section } from '../core/types/Section';

export const KINDS: Record<ConditionKind, string> = {
  identity: 'Identity',
  depth: 'Depth',
  pose: 'Pose',
  camera: 'Camera',
  style: 'Style',
  segmentation: 'Segmentation',
  sketch: 'Sketch',
  masked_image: 'Masked image',
  first_frame: 'First frame',
  last_frame: 'Last frame',
  reference_video: 'Reference video',
  audio: 'Audio',
};

/** Within a sentence. */
export const KIND_NOUNS: Record<ConditionKind, string> = {
  identity: 'an identity picture',
  depth: 'a depth clip',
  pose: 'a pose clip',
  camera: 'a camera path',
  style: 'a style picture',
  segmentation: 'a segmentation',
  sketch: 'a sketch',
  masked_image: 'a masked image',
  first_frame: 'a first frame',
  last_frame: 'a last frame',
  reference_video: 'a reference video',
  audio: 'a sound file',
};

export const KIND_ORDER = Object.keys(KINDS) as ConditionKind[];

export const SECTIONS: Record<Section, string> = {
  dense: 'Dense',
  main_object: 'Main object',
  background: 'Background',
  camera: 'Camera',
  style: 'Style',
  action: 'Action',
};

export const SECTION_ORDER = Object.keys(SECTIONS) as Section[];

export const SECTION_HINTS: Record<Section, string> = {
  dense: 'The whole shot in two or three sentences.',
  main_object: 'Who or what the shot is about.',
  background: 'Place and depth.',
  camera: 'How the camera moves and frames.',
  style: 'Light, palette, medium.',
  action: 'Who does what, when.',
};

export const ORIGINS: Record<Origin, string> = {
  prompt: 'From the prompt',
  condition: 'Read in a card',
  inferred: 'Supplied',
  hand: 'By hand',
};

export const ENGINES: Record<Engine, string> = {
  measured: 'Measured',
  local: 'Local model',
  server: 'Server',
  hand: 'By hand',
};

export const PHASES: Record<Phase, string> = {
  adding: 'Adding files',
  decoding: 'Decoding frames',
  reading: 'Reading the cards',
  loading: 'Loading the model',
  seeing: 'Looking at the cards',
  hearing: 'Listening',
  prefill: 'Taking in the brief',
  writing: 'Writing the caption',
  exporting: 'Writing prompt files',
  downloading: 'Fetching the model',
  verifying: 'Checking the files',
};

const MOVES: Record<MoveKind, string> = {
  static: 'Hold',
  pan_left: 'Pan left',
  pan_right: 'Pan right',
  tilt_up: 'Tilt up',
  tilt_down: 'Tilt down',
  roll_cw: 'Roll clockwise',
  roll_ccw: 'Roll anticlockwise',
  dolly_in: 'Dolly in',
  dolly_out: 'Dolly out',
  truck_left: 'Truck left',
  truck_right: 'Truck right',
  pedestal_up: 'Pedestal up',
  pedestal_down: 'Pedestal down',
  zoom_in: 'Zoom in',
  zoom_out: 'Zoom out',
  arc_cw: 'Arc clockwise',
  arc_ccw: 'Arc anticlockwise',
  crane_up: 'Crane up',
  crane_down: 'Crane down',
  dolly_zoom_in: 'Dolly zoom in',
  dolly_zoom_out: 'Dolly zoom out',
  complex: 'Free move',
};

export function moveLabel(kind: MoveKind): string {
  return MOVES[kind];
}

/** "Pan left 32°": the amount where it says something to a person. */
export function moveText(move: Move): string {
  const label = MOVES[move.move];
  switch (move.unit) {
    case 'deg':
      return `${label} ${Math.round(move.amount)}°`;
    case 'm':
      return `${label} ${move.amount.toFixed(1)} m`;
    case 'factor':
      return `${label} ×${move.amount.toFixed(1)}`;
    default:
      return label;
  }
}

const ACTIONS: Record<ActionKind, string> = {
  standing_still: 'Stands',
  walking: 'Walks',
  running: 'Runs',
  raising_arm: 'Raises arm',
  waving: 'Waves',
  turning: 'Turns',
  bending: 'Bends',
  crouching: 'Crouches',
  sitting_down: 'Sits down',
  standing_up: 'Stands up',
  sitting: 'Sits',
  jumping: 'Jumps',
  moving: 'Moves',
  kneeling: 'Kneels',
  lying_down: 'Lies down',
  lying: 'Lies',
  pointing: 'Points',
  clapping: 'Claps',
  reaching: 'Reaches out',
  picking_up: 'Picks up',
  throwing: 'Throws',
  kicking: 'Kicks',
  punching: 'Punches',
  touching_face: 'Touches face',
  turning_head: 'Turns head',
  looking_down: 'Looks down',
  looking_up: 'Looks up',
  dancing: 'Dances',
  hugging: 'Hugs',
  approaching: 'Comes up to',
  parting: 'Parts',
};

export function actionText(action: PersonAction): string {
  const label = ACTIONS[action.action];
  if (action.amount_deg != null) return `${label} ${Math.round(action.amount_deg)}°`;
  if (action.action === 'raising_arm' && action.side != null) {
    return action.side === 'both' ? 'Raises both arms' : `Raises ${action.side} arm`;
  }
  return label;
}

export function bytesText(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(1)} MB`;
  if (bytes >= 1e3) return `${Math.round(bytes / 1e3)} KB`;
  return `${bytes} B`;
}

/** "a, b and c". */
export function list(parts: string[]): string {
  if (parts.length < 2) return parts.join('');
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}
