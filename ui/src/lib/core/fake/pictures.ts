/** Drawn stand-ins for decoded frames. */
import type { Condition } from '../types/Condition';
import { LENGTH_S, sampleTrack } from './sample';

const LIMBS = [
  [1, 2],
  [2, 3],
  [3, 4],
  [1, 5],
  [5, 6],
  [6, 7],
  [1, 8],
  [8, 9],
  [9, 10],
  [1, 11],
  [11, 12],
  [12, 13],
  [1, 0],
] as const;
const COLOURS = [
  '#f00',
  '#f50',
  '#fa0',
  '#ff0',
  '#af0',
  '#5f0',
  '#0f0',
  '#0f5',
  '#0fa',
  '#0ff',
  '#0af',
  '#05f',
  '#00f',
];

let track: ReturnType<typeof sampleTrack> | null = null;

function body(of: Condition, time_s: number): string {
  const share = time_s / LENGTH_S;
  switch (of.kind) {
    case 'identity':
      return of.id === 11
        ? '<rect width="320" height="180" fill="#6f7276"/><ellipse cx="160" cy="118" rx="46" ry="26" fill="#b58a5a"/><circle cx="206" cy="92" r="19" fill="#b58a5a"/><path d="M196 80l-4 -16 14 10z" fill="#7d5c38"/><path d="M128 138v34M150 142v32M176 142v32M194 136v36" stroke="#a67c4e" stroke-width="9"/>'
        : '<rect width="320" height="180" fill="#808080"/><circle cx="160" cy="48" r="21" fill="#c79a7c"/><path d="M138 46q22-44 44 0q-4-14-22-14t-22 14z" fill="#2e2d30"/><path d="M120 180q4-100 40-106q36 6 40 106z" fill="#8e1f24"/><path d="M157 78v102" stroke="#6d151a" stroke-width="3"/>';
    case 'depth':
      return `<defs><linearGradient id="g" x2="0" y2="1"><stop offset="0" stop-color="#222"/><stop offset=".36" stop-color="#3c3c3c"/><stop offset="1" stop-color="#cfcfcf"/></linearGradient></defs><rect width="320" height="180" fill="url(#g)"/>${[0, 1, 2, 3, 4].map((n) => `<rect x="${n * 84 - 40 - share * 60}" y="${34 + (n % 2) * 8}" width="58" height="52" fill="#4a4a4a"/>`).join('')}<ellipse cx="${70 + share * 180}" cy="98" rx="13" ry="42" fill="#9d9d9d"/><rect y="160" width="320" height="20" fill="#f2f2f2"/>`;
    case 'pose': {
      track ??= sampleTrack();
      const frame =
        track.frames[Math.min(Math.round(share * track.frames.length), track.frames.length - 1)];
      const points = frame?.people[0]?.points ?? [];
      return `<rect width="320" height="180"/>${LIMBS.map(([a, b], index) => {
        const from = points[a];
        const to = points[b];
        return from && to
          ? `<path d="M${from[0] * 320} ${from[1] * 180}L${to[0] * 320} ${to[1] * 180}" stroke="${COLOURS[index]}" stroke-width="4" stroke-linecap="round"/>`
          : '';
      }).join('')}`;
    }
    default:
      return `<rect width="320" height="180" fill="#26303a"/><circle cx="${40 + share * 240}" cy="90" r="26" fill="#d8b27a"/>`;
  }
}

function url(width: number, height: number, inside: string): string {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${inside}</svg>`;
  return `data:image/svg+xml;base64,${btoa(svg)}`;
}

export function still(
  of: Condition,
  time_s: number,
): { url: string; width: number; height: number } {
  return { url: url(320, 180, body(of, time_s)), width: 320, height: 180 };
}

export function filmstrip(of: Condition, count: number): string {
  const frames = Array.from({ length: count }, (_, index) => {
    const time_s = count > 1 ? (index / (count - 1)) * LENGTH_S : 0;
    return `<svg x="${index * 320}" width="320" height="180" viewBox="0 0 320 180">${body(of, time_s)}</svg>`;
  });
  return url(320 * count, 180, frames.join(''));
}
