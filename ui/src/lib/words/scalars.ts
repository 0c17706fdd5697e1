/**
 * The core counts Unicode scalar values; JavaScript and the editor count UTF-16 units. An emoji
 * is one of the former and two of the latter.
 */

/** UTF-16 offset of each scalar offset, one entry more than there are scalars. */
export function scalarTable(text: string): number[] {
  const table: number[] = [];
  let at = 0;
  for (const scalar of text) {
    table.push(at);
    at += scalar.length;
  }
  table.push(at);
  return table;
}

/** Number of scalars in a text. */
export function scalarLength(text: string): number {
  return scalarTable(text).length - 1;
}

/** Converts spans to UTF-16, dropping what lies outside the text or is empty. */
export function toUtf16<Span extends { start: number; end: number }>(
  text: string,
  spans: readonly Span[],
): Span[] {
  const table = scalarTable(text);
  const last = table.length - 1;
  const converted: Span[] = [];
  let reached = 0;
  for (const span of [...spans].sort((a, b) => a.start - b.start)) {
    const start = Math.max(Math.min(span.start, last), reached);
    const end = Math.min(span.end, last);
    if (end <= start) continue;
    reached = end;
    converted.push({ ...span, start: table[start] ?? 0, end: table[end] ?? 0 });
  }
  return converted;
}

/** A text with the scalars from `start` to `end` replaced. */
export function corrected(
  text: string,
  change: { start: number; end: number; replacement: string },
): string {
  const scalars = [...text];
  return [...scalars.slice(0, change.start), change.replacement, ...scalars.slice(change.end)].join(
    '',
  );
}
