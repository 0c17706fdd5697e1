/** Where zones and cards lie on the canvas. A card's place counts from its zone's top left. */
import type { Condition } from '../core/types/Condition';
import type { ConditionKind } from '../core/types/ConditionKind';
import type { Place } from '../core/types/Place';

export type ZoneKey = 'identities' | 'pose' | 'depth' | 'camera' | 'look' | 'audio';

export interface ZoneSpec {
  key: ZoneKey;
  title: string;
  /** What an empty zone teaches. */
  hint: string;
  kinds: ConditionKind[];
  /** Cards side by side. */
  columns: number;
  row: 0 | 1;
  /** Narrow as long as it is empty: most shots need none of it. */
  slim: boolean;
}

export const ZONES: readonly ZoneSpec[] = [
  {
    key: 'identities',
    title: 'Identities',
    hint: 'Pictures of the people and things in the shot.',
    kinds: ['identity'],
    columns: 2,
    row: 0,
    slim: false,
  },
  {
    key: 'look',
    title: 'Look & references',
    hint: 'Style pictures, first and last frames, clips to take after.',
    kinds: [
      'style',
      'reference_video',
      'first_frame',
      'last_frame',
      'sketch',
      'segmentation',
      'masked_image',
    ],
    columns: 1,
    row: 0,
    slim: true,
  },
  {
    key: 'pose',
    title: 'Pose',
    hint: 'Skeleton videos or keypoint files: who moves, and how.',
    kinds: ['pose'],
    columns: 1,
    row: 1,
    slim: false,
  },
  {
    key: 'depth',
    title: 'Depth',
    hint: 'A depth clip: what is near, what is far.',
    kinds: ['depth'],
    columns: 1,
    row: 1,
    slim: false,
  },
  {
    key: 'camera',
    title: 'Camera',
    hint: 'A camera path from a tracker, Blender, Nuke or a dataset.',
    kinds: ['camera'],
    columns: 1,
    row: 1,
    slim: false,
  },
  {
    key: 'audio',
    title: 'Audio',
    hint: 'Sound the shot follows.',
    kinds: ['audio'],
    columns: 1,
    row: 1,
    slim: true,
  },
];

export const CARD = { width: 190, height: 208 };
const PAD = 12;
const HEAD = 30;
const GAP = 16;
const SLIM = 168;
/** The frame of the shot itself stands above the camera, which it is seen through. */
const SHOT_WIDTH = 2 * PAD + CARD.width;

export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Layout {
  zones: Record<ZoneKey, Rect>;
  /** Card corners on the canvas, by condition. */
  cards: Map<number, Place>;
  shot: Rect;
}

export function zoneOf(kind: ConditionKind): ZoneSpec {
  const found = ZONES.find((zone) => zone.kinds.includes(kind));
  // Every kind has a zone; the test of this module holds it to that.
  return found ?? (ZONES[0] as ZoneSpec);
}

/** The kind a file of `guessed` kind gets in a zone: its own where it belongs there. */
export function kindIn(
  zone: ZoneSpec,
  guessed: ConditionKind | null,
  clip: boolean,
): ConditionKind {
  if (guessed !== null && zone.kinds.includes(guessed)) return guessed;
  if (zone.key === 'look') return clip ? 'reference_video' : 'style';
  return zone.kinds[0] as ConditionKind;
}

function overlaps(a: Place, b: Place): boolean {
  return Math.abs(a.x - b.x) < CARD.width && Math.abs(a.y - b.y) < CARD.height;
}

function slot(zone: ZoneSpec, index: number): Place {
  return {
    x: PAD + (index % zone.columns) * (CARD.width + 2 * PAD + GAP),
    y: HEAD + Math.floor(index / zone.columns) * (CARD.height + GAP),
  };
}

export function zoneWidth(zone: ZoneSpec): number {
  // Two columns are as wide as two zones, so that the rows line up.
  return zone.columns * (2 * PAD + CARD.width) + (zone.columns - 1) * GAP;
}

/** A place within its zone's width; below is free. */
export function clampPlace(zone: ZoneSpec, place: Place): Place {
  const widest = zoneWidth(zone) - PAD - CARD.width;
  return {
    x: Math.round(Math.min(Math.max(place.x, PAD), widest)),
    y: Math.round(Math.min(Math.max(place.y, HEAD), HEAD + 40 * CARD.height)),
  };
}

export function layout(conditions: readonly Condition[]): Layout {
  const local = new Map<number, Place>();
  for (const zone of ZONES) {
    const members = conditions.filter((condition) => zoneOf(condition.kind).key === zone.key);
    const taken: Place[] = [];
    const settle = (condition: Condition, place: Place) => {
      local.set(condition.id, place);
      taken.push(place);
    };
    const unplaced: Condition[] = [];
    for (const condition of members) {
      const placed = condition.place.x !== 0 || condition.place.y !== 0;
      const place = clampPlace(zone, condition.place);
      if (placed && !taken.some((other) => overlaps(other, place))) settle(condition, place);
      else unplaced.push(condition);
    }
    for (const condition of unplaced) {
      let index = 0;
      while (taken.some((other) => overlaps(other, slot(zone, index)))) index += 1;
      settle(condition, slot(zone, index));
    }
  }
  const heightOf = (zone: ZoneSpec) => {
    const bottoms = conditions
      .filter((condition) => zoneOf(condition.kind).key === zone.key)
      .map((condition) => (local.get(condition.id)?.y ?? 0) + CARD.height);
    return Math.max(HEAD + CARD.height, ...bottoms) + PAD;
  };
  const zones = {} as Record<ZoneKey, Rect>;
  let y = 0;
  let shot: Rect = { x: 0, y: 0, width: SHOT_WIDTH, height: 0 };
  for (const row of [0, 1] as const) {
    const members = ZONES.filter((zone) => zone.row === row);
    const height = Math.max(...members.map(heightOf));
    let x = 0;
    for (const zone of members) {
      const empty = !conditions.some((condition) => zoneOf(condition.kind).key === zone.key);
      const width = zone.slim && empty ? SLIM : zoneWidth(zone);
      zones[zone.key] = { x, y, width, height };
      x += width + GAP;
      if (zone.key === 'identities') {
        shot = { x, y, width: SHOT_WIDTH, height };
        x += SHOT_WIDTH + GAP;
      }
    }
    y += height + GAP;
  }
  const cards = new Map<number, Place>();
  for (const condition of conditions) {
    const zone = zones[zoneOf(condition.kind).key];
    const place = local.get(condition.id) ?? { x: PAD, y: HEAD };
    cards.set(condition.id, { x: zone.x + place.x, y: zone.y + place.y });
  }
  return { zones, cards, shot };
}

/** The zone under a point of the canvas. */
export function zoneAt(zones: Layout['zones'], point: Place): ZoneSpec | null {
  const found = ZONES.find((spec) => {
    const zone = zones[spec.key];
    return (
      point.x >= zone.x &&
      point.x < zone.x + zone.width &&
      point.y >= zone.y &&
      point.y < zone.y + zone.height
    );
  });
  return found ?? null;
}

/** Below this, cards cannot be read: then the canvas shows its upper part, and scrolls. */
const READABLE = 0.8;
const LARGEST = 1.1;
const MARGIN = 10;

/** How the canvas lies in a window of `width` by `height`, with `top` kept free. */
export function fitted(
  laid: Layout,
  width: number,
  height: number,
  top: number,
): { x: number; y: number; zoom: number } {
  const all = [...Object.values(laid.zones), laid.shot];
  const right = Math.max(...all.map((rect) => rect.x + rect.width));
  const bottom = Math.max(...all.map((rect) => rect.y + rect.height));
  const room = {
    width: Math.max(1, width - 2 * MARGIN),
    height: Math.max(1, height - top - MARGIN),
  };
  const across = Math.min(room.width / right, LARGEST);
  const zoom = Math.max(Math.min(across, room.height / bottom), Math.min(across, READABLE), 0.25);
  return {
    zoom,
    x: MARGIN + Math.max(0, (room.width - right * zoom) / 2),
    y: top + Math.max(0, (room.height - bottom * zoom) / 2),
  };
}
