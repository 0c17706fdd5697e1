/** A sample project for development and tests: what the core would answer for a real one. */
import type { CameraSample } from '../types/CameraSample';
import type { CameraPlot } from '../types/CameraPlot';
import type { Caption } from '../types/Caption';
import type { Condition } from '../types/Condition';
import type { ConditionKind } from '../types/ConditionKind';
import type { ConditionMedia } from '../types/ConditionMedia';
import type { OriginSpan } from '../types/OriginSpan';
import type { Origins } from '../types/Origins';
import type { PoseTrack } from '../types/PoseTrack';
import type { Profile } from '../types/Profile';
import type { Project } from '../types/Project';
import type { Look } from '../types/Look';
import type { Reading } from '../types/Reading';
import type { Section } from '../types/Section';
import type { Statement } from '../types/Statement';
import type { Take } from '../types/Take';
import type { Trace } from '../types/Trace';

export const LENGTH_S = 4.2;
export const FPS = 24;

export const PROFILES: Profile[] = [
  {
    key: 'plain',
    title: 'Plain text',
    limit: null,
    advice: 'One paragraph, no limit.',
    negative: null,
    tokenizer: null,
  },
  {
    key: 'wan-2.2',
    title: 'Wan 2.2',
    limit: { most: 512, unit: 'tokens' },
    advice: 'Subject first, then camera; 80 to 120 words work well.',
    negative: 'overexposed, static, blurred details, subtitles',
    tokenizer: 'umt5-xxl',
  },
  {
    key: 'cogvideox',
    title: 'CogVideoX',
    limit: { most: 226, unit: 'tokens' },
    advice: 'One paragraph of plain sentences.',
    negative: null,
    tokenizer: 't5-v1_1-xxl',
  },
];

function condition(id: number, kind: ConditionKind, name: string, file: string): Condition {
  return {
    id,
    kind,
    name,
    note: '',
    media: {
      path: `media/${file}`,
      storage: 'copied',
      hash: `h${id}`,
      bytes: 482_133,
      sequence: false,
    },
    offset_s: 0,
    place: { x: 0, y: 0 },
    options: {},
    corrections: [],
  };
}

export function says(
  text: string,
  quantity: string,
  value: number,
  unit: string,
  span?: [number, number],
) {
  const statement: Statement = {
    text,
    evidence: { from: 'measurement', quantity, value, unit },
    confidence: 0.9,
  };
  if (span) statement.span = { start_s: span[0], end_s: span[1] };
  return statement;
}

const CAPTION: Caption = {
  dense:
    'At dusk a woman in a red coat walks her dog past market stalls, crossing the frame from left to right at an easy pace. The camera trucks right with her for three seconds, then comes to rest while she walks on.',
  main_object:
    'A woman in a deep red coat, seen from the knees up in her reference picture, dark against a plain grey ground; her dog beside her.',
  background:
    'Market stalls at dusk. Three depths: a near edge along the bottom of the frame, the walkway in the middle, a far row that fills the upper third.',
  camera:
    'Trucks right, slow and even, over the first 3.0 s, then holds still for 1.2 s. Steady, no shake.',
  style: 'The low, warm light of dusk; naturalistic.',
  action: 'She walks left to right at about 110 steps a minute, arms swinging; the dog keeps pace.',
};

/** Spans by the words they cover; each phrase stands once in its section. */
function spans(
  section: Section,
  ...parts: [string, OriginSpan['origin'], number?][]
): OriginSpan[] {
  return parts
    .map(([words, origin, from]) => {
      const start = CAPTION[section].indexOf(words);
      const span: OriginSpan = { start, end: start + words.length, origin };
      if (from !== undefined) span.condition = from;
      return span;
    })
    .sort((a, b) => a.start - b.start);
}

const ORIGINS: Origins = {
  dense: spans(
    'dense',
    ['At dusk a woman in a red coat walks her dog past market stalls', 'prompt'],
    [', crossing the frame from left to right at an easy pace.', 'condition', 12],
    ['The camera trucks right with her for three seconds, then comes to rest', 'condition', 14],
    ['while she walks on.', 'condition', 12],
  ),
  main_object: spans(
    'main_object',
    ['A woman in a', 'prompt'],
    [
      'deep red coat, seen from the knees up in her reference picture, dark against a plain grey ground',
      'condition',
      10,
    ],
    ['her dog beside her.', 'prompt'],
  ),
  background: spans(
    'background',
    ['Market stalls at dusk.', 'prompt'],
    [
      'Three depths: a near edge along the bottom of the frame, the walkway in the middle, a far row that fills the upper third.',
      'condition',
      13,
    ],
  ),
  camera: spans('camera', [
    'Trucks right, slow and even, over the first 3.0 s, then holds still for 1.2 s. Steady, no shake.',
    'condition',
    14,
  ]),
  style: spans('style', ['The low, warm light of dusk', 'prompt'], ['naturalistic.', 'inferred']),
  action: spans(
    'action',
    ['She walks left to right at about 110 steps a minute, arms swinging', 'condition', 12],
    ['; the dog keeps pace.', 'inferred'],
  ),
};

const TRACE: Trace = {
  intent:
    'A woman in a red coat walks her dog past market stalls at dusk. The camera is to stay still.',
  conditions: [
    {
      condition: 10,
      text: 'Mara is pictured from the knees up in a deep red coat on a plain grey ground.',
    },
    { condition: 12, text: 'One person walks from left to right at about 110 steps a minute.' },
    { condition: 13, text: 'Three depths; the far row fills the upper third of the frame.' },
    { condition: 14, text: 'The camera trucks right for 3.0 s, then holds still for 1.2 s.' },
  ],
  alignment: {
    agreements: [
      {
        about: 'action',
        text: 'The prompt and the walk cycle both have one person walking.',
        conditions: [12],
      },
      {
        about: 'appearance',
        text: 'The coat is red in the prompt and in the picture of Mara.',
        conditions: [10],
      },
    ],
    conflicts: [
      {
        about: 'camera',
        prompt_says: 'a still camera',
        condition_says: 'the path trucks right for 3.0 s',
        resolution:
          'The text wins where it speaks of the end of the shot; the path is kept before that.',
        condition: 14,
      },
    ],
  },
  supplement: [
    { text: 'Naturalistic look.', why: 'Neither the prompt nor a reference names a style.' },
    { text: 'The dog keeps pace.', why: 'The prompt names a dog and no condition shows it.' },
  ],
};

export function writtenTake(id: number, name: string, prompt: string): Take {
  return {
    id,
    name,
    engine: 'measured',
    seed: 0,
    created_ms: Date.UTC(2026, 0, 1, 10, 24) + id * 60_000,
    prompt,
    trace: structuredClone(TRACE),
    caption: { ...CAPTION },
    origins: structuredClone(ORIGINS),
    locked: [],
  };
}

export function sampleProject(): Project {
  const first = writtenTake(20, 'Take 1', 'A woman walks her dog');
  first.caption.dense =
    'At dusk a woman in a red coat walks her dog past market stalls. The camera is still.';
  first.origins = {};
  const prompt = 'A woman in a red coat walks her dog past market stalls at dusk';
  const mara = condition(10, 'identity', 'Mara', 'mara.png');
  mara.note = 'The woman; wears the coat open.';
  const opening: Condition = condition(30, 'reference_video', 'Rain on glass', 'rain.mp4');
  return {
    schema: 1,
    name: 'Market at dusk',
    storage: 'copied',
    next_id: 100,
    shots: [
      {
        id: 1,
        name: 'Past the stalls',
        prompt,
        duration_s: LENGTH_S,
        aspect: { width: 16, height: 9 },
        conditions: [
          mara,
          condition(11, 'identity', 'Dog', 'dog.png'),
          condition(12, 'pose', 'Walk cycle', 'walk.mp4'),
          condition(13, 'depth', 'Street depth', 'street_depth.mp4'),
          condition(14, 'camera', 'Truck and hold', 'truck.txt'),
        ],
        bindings: [{ kind: 'performed_by', from: 12, person: 1, to: 10 }],
        takes: [first, writtenTake(21, 'Take 2', prompt)],
        current_take: 21,
        generator: 'wan-2.2',
      },
      {
        id: 2,
        name: 'Close on the lead',
        prompt: '',
        aspect: { width: 16, height: 9 },
        conditions: [opening],
        bindings: [],
        takes: [],
        generator: 'wan-2.2',
      },
      {
        id: 3,
        name: 'Empty square',
        prompt: '',
        aspect: { width: 16, height: 9 },
        conditions: [],
        bindings: [],
        takes: [],
        generator: 'plain',
      },
    ],
  };
}

export function mediumOf(of: Condition): ConditionMedia {
  const medium: ConditionMedia = {
    condition: of.id,
    path: `/home/ana/Market.decoupage/${of.media.path}`,
    missing: of.name === 'Rain on glass',
  };
  const still = of.kind === 'identity' || of.kind === 'style' || of.kind.endsWith('_frame');
  if (of.kind !== 'camera' && !medium.missing) {
    medium.info = {
      form: of.kind === 'audio' ? 'audio' : still ? 'picture' : 'video',
      width: still ? 768 : 1280,
      height: still ? 1024 : 720,
      frames: still ? 1 : Math.round(LENGTH_S * FPS),
      has_audio: false,
      has_alpha: false,
      bit_depth: 8,
      codec: still ? 'png' : 'h264',
    };
    if (!still) {
      medium.info.fps = FPS;
      medium.info.duration_s = LENGTH_S;
    }
  }
  return medium;
}

export function readingOf(of: Condition): Reading {
  switch (of.kind) {
    case 'camera':
      return { kind: 'camera', ...samplePlot().reading };
    case 'pose':
      return {
        kind: 'pose',
        frames: 101,
        duration_s: LENGTH_S,
        times_assumed: false,
        format: 'rendered_openpose',
        swapped_colours: false,
        people: [
          {
            id: 1,
            present: { start_s: 0, end_s: LENGTH_S },
            actions: [
              { action: 'standing_still', start_s: 0, end_s: 0.5, confidence: 0.9 },
              { action: 'walking', start_s: 0.5, end_s: LENGTH_S, confidence: 0.95 },
              { action: 'waving', start_s: 2.4, end_s: 3.3, confidence: 0.7, side: 'left' },
            ],
            facing: 'right',
            position: { x: 0.5, y: 0.55, height: 0.7, framing: 'full_figure' },
            travel: { across: 'left_to_right', across_share: 0.6, depth: 'none', size_ratio: 1 },
            cadence: 110,
            facings: [{ facing: 'right', start_s: 0, end_s: LENGTH_S }],
            mean_x: 0.5,
            path: [],
            hips: [],
            statements: [
              says(
                'The person walks at about 110 steps a minute.',
                'cadence',
                110,
                'steps/min',
                [0.5, 4.2],
              ),
              says('The left arm waves.', 'wrist swing', 0.4, 'share', [2.4, 3.3]),
            ],
          },
        ],
        statements: [
          says('One person crosses the frame from left to right.', 'travel', 0.6, 'share'),
        ],
      };
    case 'depth':
      return {
        kind: 'depth',
        frames: 101,
        duration_s: LENGTH_S,
        times_assumed: false,
        polarity: 'near_bright',
        polarity_confidence: 0.92,
        colormap: 'grey',
        layout: 'plain',
        scale: 'inverse',
        openings: [],
        objects: [],
        layers: [
          {
            band: 'near',
            share: 0.18,
            place: 'along the bottom of the frame',
            bounds: { x: 0, y: 0.8, width: 1, height: 0.2 },
          },
          {
            band: 'mid',
            share: 0.44,
            place: 'the middle of the frame',
            bounds: { x: 0, y: 0.36, width: 1, height: 0.44 },
          },
          {
            band: 'far',
            share: 0.38,
            place: 'the upper third',
            bounds: { x: 0, y: 0, width: 1, height: 0.36 },
          },
        ],
        moving_regions: [
          {
            bounds: { x: 0.1, y: 0.3, width: 0.7, height: 0.5 },
            band: 'mid',
            span: { start_s: 0.5, end_s: 4.2 },
            dx: 0.6,
            dy: 0,
            own_dx: 0.6,
            own_dy: 0,
            growth: 1,
            leaves: false,
            confidence: 0.8,
          },
        ],
        camera_motion: { move: 'truck_right', confidence: 0.6 },
        statements: [
          says(
            'A near edge runs along the bottom of the frame.',
            'share of near pixels',
            0.18,
            'share',
          ),
          says(
            'Something in the middle distance moves left to right.',
            'region travel',
            0.6,
            'share',
            [0.5, 4.2],
          ),
        ],
      };
    case 'identity':
      return {
        kind: 'identity',
        width: 768,
        height: 1024,
        palette: [
          {
            name: of.id === 11 ? 'tan' : 'deep red',
            hex: of.id === 11 ? '#b58a5a' : '#8e1f24',
            share: 0.46,
          },
          { name: 'charcoal', hex: '#2e2d30', share: 0.31 },
          { name: 'off-white', hex: '#e8e2d8', share: 0.12 },
        ],
        framing: {
          subject: { x: 0.2, y: 0.1, width: 0.6, height: 0.9 },
          cut_at_bottom: true,
          orientation: 'portrait',
        },
        background: { kind: 'plain', colour: { name: 'mid grey', hex: '#808080', share: 1 } },
        light: { key: 'low', brightness: 0.36, contrast: 0.52, warmth: 0.2, saturation: 0.4 },
        embedded_prompt:
          of.id === 11
            ? { source: 'A1111 parameters', text: 'a small tan terrier, studio photograph' }
            : undefined,
        statements: [
          says(
            'The subject is cut off by the lower edge of the picture.',
            'subject bottom',
            1,
            'share',
          ),
          says('The ground is plain mid grey.', 'ground spread', 0.02, 'share'),
        ],
      };
    case 'style':
      return { kind: 'style', ...plain(of.kind), look: LOOK };
    case 'segmentation':
      return { kind: 'segmentation', ...plain(of.kind), regions: [] };
    case 'sketch':
      return {
        kind: 'sketch',
        ...plain(of.kind),
        light_on_dark: false,
        density: 0.04,
        shapes: [],
        vanishing_points: [],
      };
    case 'reference_video':
      return {
        kind: 'reference_video',
        ...plain(of.kind),
        look: LOOK,
        file_statements: 1,
        cuts: [],
        shots: [],
        motion: { times_s: [], right: [], up: [], zoom: [], roll: [], energy: [] },
      };
    case 'audio':
      return {
        kind: 'audio',
        ...plain(of.kind),
        file_statements: 1,
        regions: [],
        changes: [],
        levels: { times_s: [], loudness: [], onsets: [] },
      };
    case 'first_frame':
    case 'last_frame':
    case 'masked_image':
      return {
        kind: 'frame',
        ...plain(of.kind),
        look: LOOK,
        grid: { columns: 0, rows: 0, cells: [] },
      };
  }
}

const LOOK: Look = {
  contrast: 0.6,
  black: 0.05,
  white: 0.95,
  saturation: 0.3,
  ratio: 16 / 9,
  vignette: 0,
  terms: [],
};

function plain(kind: ConditionKind) {
  return {
    as: kind,
    width: 1280,
    height: 720,
    duration_s: LENGTH_S,
    has_audio: false,
    palette: [],
    statements: [says('The clip runs 4.2 s at 1280 × 720.', 'length', LENGTH_S, 's')],
  };
}

export function samplePlot(): CameraPlot {
  const samples: CameraSample[] = [];
  for (let step = 0; step <= 84; step += 1) {
    const time_s = (step / 84) * LENGTH_S;
    const along = Math.min(time_s / 3, 1);
    const eased = along * along * (3 - 2 * along);
    const yaw = -0.18 * eased;
    samples.push({
      time_s,
      centre: [2.4 * eased, -0.12 * Math.sin(eased * Math.PI), 0.5 * eased * eased],
      forward: [Math.sin(yaw), 0, Math.cos(yaw)],
      up: [0, -1, 0],
      fov_deg: 46,
    });
  }
  return {
    samples,
    metric: false,
    reading: {
      frames: 101,
      duration_s: LENGTH_S,
      times_assumed: true,
      format: 'realestate10k',
      convention: 'opencv_w2c',
      cameras: [],
      metric: false,
      moves: [
        {
          move: 'truck_right',
          start_s: 0,
          end_s: 3,
          amount: 1,
          unit: 'share',
          speed: 'slow',
          amplitude: 'medium',
        },
        {
          move: 'pan_left',
          start_s: 1,
          end_s: 2.8,
          amount: 10,
          unit: 'deg',
          speed: 'slow',
          amplitude: 'small',
        },
        {
          move: 'static',
          start_s: 3,
          end_s: LENGTH_S,
          amount: 1.2,
          unit: 's',
          speed: 'slow',
          amplitude: 'small',
        },
      ],
      steadiness: 'steady',
      statements: [
        says(
          'The camera trucks right while panning left, then holds.',
          'travel',
          1,
          'share',
          [0, 4.2],
        ),
        says('It is steady, with no shake.', 'shake', 0.001, 'share'),
      ],
    },
  };
}

export function sampleTrack(): PoseTrack {
  const frames = [];
  const count = Math.round(LENGTH_S * FPS);
  for (let frame = 0; frame < count; frame += 1) {
    const time_s = frame / FPS;
    const x = 0.22 + (0.56 * time_s) / LENGTH_S;
    const phase = time_s * 1.83 * Math.PI;
    const swing = Math.sin(phase) * 0.045;
    const bob = Math.abs(Math.cos(phase)) * 0.01;
    const at = (dx: number, y: number): [number, number] => [x + dx, y - bob];
    frames.push({
      time_s,
      people: [
        {
          id: 1,
          points: [
            at(0.014, 0.26),
            at(0, 0.34),
            at(-0.018, 0.345),
            at(-0.018 - swing * 0.6, 0.45),
            at(-0.012 - swing * 1.2, 0.54),
            at(0.018, 0.345),
            at(0.018 + swing * 0.6, 0.45),
            at(0.026 + swing * 1.2, 0.54),
            at(-0.014, 0.56),
            at(-0.01 + swing, 0.71),
            at(-0.02 + swing * 1.7, 0.87),
            at(0.014, 0.56),
            at(0.012 - swing, 0.71),
            at(0.004 - swing * 1.7, 0.87),
            at(0.009, 0.25),
            at(0.018, 0.25),
            null,
            at(-0.004, 0.255),
          ],
        },
      ],
    });
  }
  return {
    format: 'rendered_openpose',
    swapped_colours: false,
    aspect: 16 / 9,
    times_assumed: false,
    frames,
  };
}
