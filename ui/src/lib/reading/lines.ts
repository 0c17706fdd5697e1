/** The line of a row in a list, by the row it stands for. */
export function lineOf(within: HTMLElement | null, row: string): HTMLElement | null {
  const lines = within?.querySelectorAll<HTMLElement>('[data-row]') ?? [];
  return [...lines].find((line) => line.dataset.row === row) ?? null;
}
