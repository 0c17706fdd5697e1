/** Sizes, as people say them. */
import type { Choice } from '../core/types/Choice';
import type { FitKind } from '../core/types/FitKind';
import type { ModelCard } from '../core/types/ModelCard';

export function bytesText(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(bytes >= 1e10 ? 0 : 1)} GB`;
  if (bytes >= 1e6) return `${Math.round(bytes / 1e6)} MB`;
  return `${Math.max(1, Math.round(bytes / 1e3))} kB`;
}

export const PRECISIONS: Record<Choice['precision'], string> = {
  f32: '32-bit',
  bf16: '16-bit',
  q8_0: '8-bit',
  q4_k: '4-bit',
  stored: 'As stored',
};

export const FITS: Record<FitKind, string> = {
  fits: 'Fits',
  tight: 'Tight',
  too_big: 'Too big',
};

const RANK: Record<FitKind, number> = { fits: 0, tight: 1, too_big: 2 };

/** The best precision that fits, else the smallest there is. */
export function bestChoice(card: ModelCard): Choice | null {
  const ranked = card.choices
    // Full precision says no more than half precision and takes twice the room.
    .filter((choice) => choice.precision !== 'f32' || card.choices.length === 1)
    .map((choice, at) => ({ choice, at }))
    .sort((a, b) => RANK[a.choice.fit.fit] - RANK[b.choice.fit.fit] || a.at - b.at);
  const best = ranked[0]?.choice ?? null;
  return best?.fit.fit === 'too_big' ? (card.choices.at(-1) ?? best) : best;
}

/** Whether it can be run from here. */
export function isReady(card: ModelCard): boolean {
  return card.found.some((found) => found.state.state === 'ready');
}

/** What share of a whole is done, 0–1, where it can be known. */
export function share(progress: { done: number; total: number } | null): number | null {
  return progress && progress.total > 0 ? Math.min(1, progress.done / progress.total) : null;
}
