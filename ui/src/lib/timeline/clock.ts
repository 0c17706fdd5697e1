/** Timecode, ticks and lanes: the arithmetic of the timeline. */

/** "00:03:12" as minutes, seconds and frames; hours only where there are any. */
export function timecode(time_s: number, fps: number): string {
  const rate = Math.max(1, Math.round(fps));
  const total = Math.max(0, Math.round(time_s * fps));
  const frames = total % rate;
  const seconds = Math.floor(total / rate);
  const two = (value: number) => String(value).padStart(2, '0');
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60, frames].map(two);
  const hours = Math.floor(seconds / 3600);
  return hours > 0 ? [two(hours), ...parts].join(':') : parts.join(':');
}

/** The nearest frame's time, within the shot. */
export function snap(time_s: number, fps: number, duration_s: number): number {
  const last = Math.max(0, duration_s);
  const snapped = Math.round(time_s * fps) / fps;
  return Math.min(Math.max(0, snapped), last);
}

/** Steps by whole frames from the frame at `time_s`. */
export function step(time_s: number, frames: number, fps: number, duration_s: number): number {
  return snap((Math.round(time_s * fps) + frames) / fps, fps, duration_s);
}

export interface Tick {
  time_s: number;
  /** Where it stands, 0–1. */
  share: number;
  label: string | null;
}

const STEPS_S = [0.1, 0.25, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600];

/** Ticks so that labels stand at least `gap` pixels apart. */
export function ticks(duration_s: number, width: number, gap = 64): Tick[] {
  if (!(duration_s > 0) || !(width > 0)) return [];
  const wanted = (duration_s / width) * gap;
  const major = STEPS_S.find((seconds) => seconds >= wanted) ?? duration_s;
  const minor = major / 5;
  const count = Math.min(Math.floor(duration_s / minor + 1e-6), 2000);
  return Array.from({ length: count + 1 }, (_, index) => {
    const time_s = index * minor;
    const labelled = index % 5 === 0;
    return { time_s, share: time_s / duration_s, label: labelled ? seconds(time_s) : null };
  });
}

/** "3 s", "1:20". */
export function seconds(time_s: number): string {
  if (time_s >= 60) {
    const whole = Math.round(time_s);
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
  }
  const rounded = Math.round(time_s * 100) / 100;
  return `${rounded} s`;
}

export interface Segment {
  start_s: number;
  end_s: number;
  text: string;
  /** Said in full where the bar is too short for `text`. */
  title: string;
  quiet?: boolean;
}

/** Puts overlapping segments into rows, each row without overlap. */
export function rows<S extends { start_s: number; end_s: number }>(segments: readonly S[]): S[][] {
  const packed: S[][] = [];
  for (const segment of [...segments].sort((a, b) => a.start_s - b.start_s)) {
    const row = packed.find((row) => (row.at(-1)?.end_s ?? 0) <= segment.start_s + 1e-6);
    if (row) row.push(segment);
    else packed.push([segment]);
  }
  return packed;
}

/** Length of a shot: its own, or that of its longest condition, or five seconds. */
export function shotLength(
  own_s: number | null | undefined,
  conditions: readonly { offset_s: number; duration_s: number | null }[],
): number {
  if (own_s != null && own_s > 0) return own_s;
  const longest = Math.max(
    0,
    ...conditions.map((condition) =>
      condition.duration_s == null ? 0 : condition.offset_s + condition.duration_s,
    ),
  );
  return longest > 0 ? longest : 5;
}

/** "4.2", "4,2", "0:04.2" or "4.2 s" as seconds; null where it is no time. */
export function timeSaid(text: string): number | null {
  const said = text.trim().replace(/s$/i, '').trim().replace(',', '.');
  const parts = said.split(':');
  if (parts.length > 3 || parts.some((part) => !/^\d+(\.\d*)?$/.test(part))) return null;
  const total = parts.reduce((sum, part) => sum * 60 + Number(part), 0);
  return total <= 86_400 ? total : null;
}

/** "4.2", "4,2" or "0:04.2" as seconds; null where it is no length; undefined where it is empty. */
export function parseLength(text: string): number | null | undefined {
  const said = text.trim().replace(/s$/i, '').trim().replace(',', '.');
  if (said === '') return undefined;
  const parts = said.split(':');
  if (parts.length > 3 || parts.some((part) => !/^\d+(\.\d+)?$/.test(part))) return null;
  const total = parts.reduce((sum, part) => sum * 60 + Number(part), 0);
  return total > 0 && total <= 86_400 ? Math.round(total * 1000) / 1000 : null;
}
