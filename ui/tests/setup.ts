import '@testing-library/svelte/vitest';
import '../src/lib/shell/older';
import { configure } from '@testing-library/svelte';
import { vi } from 'vitest';

// Finding things by role in a whole window takes a busy machine its time.
configure({ asyncUtilTimeout: 8_000 });

// What the test environment cannot draw or measure.
class NoObserver {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}
vi.stubGlobal('ResizeObserver', NoObserver);
Range.prototype.getClientRects = () => [] as unknown as DOMRectList;
Range.prototype.getBoundingClientRect = () => new DOMRect();
vi.stubGlobal('matchMedia', (query: string) => ({
  matches: false,
  media: query,
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
}));
vi.stubGlobal(
  'DOMMatrixReadOnly',
  class {
    m22 = 1;
  },
);
