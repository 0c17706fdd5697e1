/** Bindings: which cards may be tied, and how a tie reads. */
import type { Binding } from '../core/types/Binding';
import type { Condition } from '../core/types/Condition';
import type { Shot } from '../core/types/Shot';

/** The tie that dragging from one card to another (or, without `to`, to the shot) would make. */
export function tieBetween(from: Condition, to: Condition | null): Binding | null {
  if (to === null) return from.kind === 'camera' ? { kind: 'shot_camera', from: from.id } : null;
  if (from.id === to.id || to.kind !== 'identity') return null;
  if (from.kind === 'pose' || from.kind === 'reference_video') {
    return { kind: 'performed_by', from: from.id, to: to.id };
  }
  return from.kind === 'identity' ? { kind: 'same_as', from: from.id, to: to.id } : null;
}

export function tieKey(binding: Binding): string {
  return [binding.kind, binding.from, binding.person ?? '', binding.to ?? 'shot'].join('-');
}

export function tieText(binding: Binding, shot: Shot): string {
  const name = (id: number | null | undefined) =>
    shot.conditions.find((condition) => condition.id === id)?.name ?? '?';
  const person = binding.person != null && binding.person > 1 ? `Person ${binding.person} of ` : '';
  switch (binding.kind) {
    case 'performed_by':
      return `${person}${name(binding.from)} is performed by ${name(binding.to)}`;
    case 'shot_camera':
      return `${name(binding.from)} is the camera of this shot`;
    case 'same_as':
      return `${name(binding.from)} is the same as ${name(binding.to)}`;
  }
}

export interface Possible {
  binding: Binding;
  label: string;
  made: boolean;
}

/** Every tie one card could have, for its menu. */
export function possibleTies(from: Condition, shot: Shot, people: number): Possible[] {
  const possible: Possible[] = [];
  const made = (binding: Binding) =>
    shot.bindings.some(
      (other) =>
        other.kind === binding.kind &&
        other.from === binding.from &&
        (other.to ?? null) === (binding.to ?? null) &&
        (other.person ?? 1) === (binding.person ?? 1),
    );
  const camera = tieBetween(from, null);
  if (camera) possible.push({ binding: camera, label: 'Camera of this shot', made: made(camera) });
  for (const to of shot.conditions) {
    const tie = tieBetween(from, to);
    if (!tie) continue;
    if (tie.kind === 'same_as') {
      possible.push({ binding: tie, label: `Same as ${to.name}`, made: made(tie) });
    } else if (people > 1) {
      for (let person = 1; person <= people; person += 1) {
        const binding = { ...tie, person };
        possible.push({
          binding,
          label: `Person ${person} is ${to.name}`,
          made: made(binding),
        });
      }
    } else {
      possible.push({ binding: tie, label: `Performed by ${to.name}`, made: made(tie) });
    }
  }
  return possible;
}

/**
 * A tie as an arc. Two cards side by side are joined over their tops, high enough that the arc
 * is seen; cards above one another by a plain curve. Ends with the middle, for the label.
 */
export function arc(
  from: { x: number; y: number },
  to: { x: number; y: number },
  over: boolean,
): { path: string; x: number; y: number } {
  const lift = over ? Math.min(46, 22 + Math.abs(to.x - from.x) * 0.04) : 0;
  const bend = over ? 0 : (to.y - from.y) * 0.5;
  const first = { x: from.x, y: over ? Math.min(from.y, to.y) - lift : from.y + bend };
  const second = { x: to.x, y: over ? Math.min(from.y, to.y) - lift : to.y - bend };
  return {
    path: `M${from.x},${from.y}C${first.x},${first.y} ${second.x},${second.y} ${to.x},${to.y}`,
    x: (from.x + 3 * first.x + 3 * second.x + to.x) / 8,
    y: (from.y + 3 * first.y + 3 * second.y + to.y) / 8,
  };
}
