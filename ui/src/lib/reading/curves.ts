/** Measurements over time, drawn under the playhead. */
import type { Curve } from '../core/types/Curve';

/** The lowest and highest value, a little apart where nothing changes. */
export function extent(values: readonly number[]): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return [0, 1];
  const room = Math.max((high - low) * 0.08, Math.abs(high) * 0.02, 1e-6);
  return [low - room, high + room];
}

/** SVG path data in a drawing of `width` × `height`, and where zero lies, if it is in it. */
export function curvePath(
  curve: Curve,
  length_s: number,
  width: number,
  height: number,
): { path: string; zero: number | null } {
  const [low, high] = extent(curve.values);
  const y = (value: number) => height - ((value - low) / (high - low)) * height;
  const round = (value: number) => Math.round(value * 10) / 10;
  let path = '';
  curve.times_s.forEach((time_s, index) => {
    const value = curve.values[index];
    if (value === undefined || !Number.isFinite(value)) return;
    const x = (time_s / Math.max(length_s, 1e-6)) * width;
    path += `${path ? 'L' : 'M'}${round(x)} ${round(y(value))}`;
  });
  return { path, zero: low < 0 && high > 0 ? round(y(0)) : null };
}

/** The value at a time, between its samples. */
export function valueAt(curve: Curve, time_s: number): number | null {
  const { times_s, values } = curve;
  const last = Math.min(times_s.length, values.length) - 1;
  if (last < 0) return null;
  const after = times_s.findIndex((sample) => sample >= time_s);
  if (after === 0) return values[0] ?? null;
  if (after < 0 || after > last) return values[last] ?? null;
  const [from, to] = [times_s[after - 1] ?? 0, times_s[after] ?? 0];
  const [a, b] = [values[after - 1] ?? 0, values[after] ?? 0];
  return to > from ? a + ((b - a) * (time_s - from)) / (to - from) : b;
}

/** "12°", "40 %", "-18 dB". */
export function amountText(value: number, unit: string): string {
  const shown = (number: number) => {
    const size = Math.abs(number);
    const text = size >= 10 ? number.toFixed(0) : size >= 1 ? number.toFixed(1) : number.toFixed(2);
    return text.replace(/\.0+$/, '').replace(/^-0$/, '0').replace('-', '−');
  };
  switch (unit) {
    case 'deg':
      return `${shown(value)}°`;
    case 'deg/s':
      return `${shown(value)}°/s`;
    case 'share':
      return `${shown(value * 100)}\u00a0%`;
    case 'factor':
      return `×${shown(value)}`;
    case '':
      return shown(value);
    default:
      return `${shown(value)}\u00a0${unit}`;
  }
}
