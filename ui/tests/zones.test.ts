import { describe, expect, it } from 'vitest';
import { CARD, clampPlace, fitted, kindIn, layout, zoneAt, ZONES, zoneOf } from '$lib/canvas/zones';
import { sampleProject } from '$lib/core/fake/sample';
import { KIND_ORDER } from '$lib/words/labels';
import type { Condition } from '$lib/core/types/Condition';

const base = sampleProject().shots[0]?.conditions ?? [];
const cards = (count: number, place = { x: 0, y: 0 }): Condition[] =>
  Array.from({ length: count }, (_, index) => ({
    ...(base[0] as Condition),
    id: index + 1,
    place,
  }));

describe('zones', () => {
  it('has one for every kind', () => {
    for (const kind of KIND_ORDER) {
      expect(ZONES.filter((zone) => zone.kinds.includes(kind))).toHaveLength(1);
      expect(zoneOf(kind).kinds).toContain(kind);
    }
  });

  it('lays cards inside their zones without overlap, placed or not', () => {
    for (const place of [
      { x: 0, y: 0 },
      { x: 40, y: 60 },
      { x: 9999, y: -50 },
    ]) {
      const { zones, cards: placed } = layout(cards(7, place));
      const zone = zones.identities;
      const all = [...placed.values()];
      for (const [index, card] of all.entries()) {
        expect(card.x).toBeGreaterThanOrEqual(zone.x);
        expect(card.x + CARD.width).toBeLessThanOrEqual(zone.x + zone.width);
        expect(card.y + CARD.height).toBeLessThanOrEqual(zone.y + zone.height);
        for (const other of all.slice(index + 1)) {
          const apart =
            Math.abs(card.x - other.x) >= CARD.width || Math.abs(card.y - other.y) >= CARD.height;
          expect(apart).toBe(true);
        }
      }
    }
  });

  it('grows with its cards and keeps zones apart', () => {
    const { zones } = layout(cards(9));
    expect(zones.identities.height).toBeGreaterThan(5 * CARD.height);
    expect(zones.pose.y).toBeGreaterThan(zones.identities.y + zones.identities.height);
  });

  it('shows everything where it can be read, else the upper part', () => {
    const few = layout(base);
    const all = fitted(few, 840, 560, 10);
    const bottom = Math.max(...Object.values(few.zones).map((zone) => zone.y + zone.height));
    expect(all.y + bottom * all.zoom).toBeLessThanOrEqual(560);
    const many = fitted(layout(cards(20)), 840, 560, 10);
    expect(many.zoom).toBeCloseTo(0.8, 1);
    expect(many.y).toBe(10);
  });

  it('finds the zone under a point', () => {
    const { zones } = layout(base);
    for (const spec of ZONES) {
      const zone = zones[spec.key];
      expect(zoneAt(zones, { x: zone.x + 5, y: zone.y + 5 })?.key).toBe(spec.key);
    }
    expect(zoneAt(zones, { x: -500, y: 0 })).toBeNull();
  });

  it('keeps a place that is already right', () => {
    const zone = zoneOf('identity');
    expect(clampPlace(zone, { x: 50, y: 90 })).toEqual({ x: 50, y: 90 });
  });

  it('takes a picture as style and a clip as reference among the references', () => {
    const look = ZONES.find((zone) => zone.key === 'look');
    if (!look) throw new Error('no zone for looks');
    expect(kindIn(look, null, false)).toBe('style');
    expect(kindIn(look, 'identity', true)).toBe('reference_video');
    expect(kindIn(look, 'sketch', false)).toBe('sketch');
  });
});
