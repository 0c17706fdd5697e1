/** What the sample's cards are together. */
import type { Composition } from '../types/Composition';
import type { Shot } from '../types/Shot';
import { readCorrected } from './corrected';
import { LENGTH_S } from './sample';

export function composed(shot: Shot): Composition {
  const composition: Composition = {
    duration_s: shot.duration_s ?? LENGTH_S,
    lanes: shot.conditions.map(({ id, offset_s }) => ({
      condition: id,
      start_s: offset_s,
      end_s: offset_s + LENGTH_S,
    })),
    notes: [],
    rates: [],
    agreements: [],
    suggestions: [],
    conflicts: [],
    groups: [],
  };
  const of = (kind: string) => shot.conditions.filter((condition) => condition.kind === kind);
  const [camera] = of('camera');
  const [depth] = of('depth');
  if (camera) {
    const { reading } = readCorrected(camera);
    const pan = reading.kind === 'camera' && reading.moves.find((move) => move.move === 'pan_left');
    if (depth && pan) {
      composition.conflicts.push({
        conditions: [camera.id, depth.id],
        about: 'camera',
        first_says: 'The camera pans left.',
        second_says: 'The picture does not turn.',
        text: `${camera.name} pans left, and ${depth.name} shows no turn.`,
        resolution: `The path is followed: it is measured directly.`,
        span: { start_s: pan.start_s, end_s: pan.end_s },
      });
    }
    if (!shot.bindings.some((binding) => binding.kind === 'shot_camera')) {
      composition.suggestions.push({
        binding: { kind: 'shot_camera', from: camera.id },
        because: 'It is the only camera path of this shot.',
      });
    }
    if (camera.options.fps === undefined) {
      composition.notes.push(
        `${camera.name} stores no times; its poses are spread over the ${LENGTH_S} s of the shot.`,
      );
      composition.rates.push({
        condition: camera.id,
        fps: 20,
        because: `Its 85 poses then last as long as ${depth?.name ?? 'the shot'}.`,
      });
    }
  }
  for (const { id, name, offset_s } of shot.conditions) {
    if (offset_s >= 0) continue;
    const note = `${name} ends ${-offset_s} s before the shot and holds its last picture.`;
    composition.notes.push(note);
    const lane = composition.lanes.find((one) => one.condition === id);
    if (lane) lane.note = note;
  }
  const [pose] = of('pose');
  if (pose && depth) {
    composition.agreements.push({
      about: 'direction',
      text: `${pose.name} and ${depth.name} both go from left to right.`,
      conditions: [pose.id, depth.id],
    });
  }
  const views = of('identity').filter(({ name }) => /^ref/i.test(name));
  if (views.length > 1) {
    composition.groups.push({
      identities: views.map(({ id }) => id),
      because: 'Face, hair and coat are alike.',
      duplicates: false,
    });
  }
  return composition;
}
