import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const core = process.env.DECOUPAGE_CORE;

export default defineConfig(({ mode }) => ({
  root: here('.'),
  // Relative, so that the same files work from the desktop shell and from the loopback server.
  base: './',
  plugins: [svelte({ configFile: here('./svelte.config.js') }), svelteTesting()],
  resolve: { alias: { $lib: here('./src/lib') } },
  clearScreen: false,
  server: {
    host: '127.0.0.1',
    port: 5173,
    strictPort: true,
    // `DECOUPAGE_CORE=http://127.0.0.1:PORT npm run ui:dev`: against a running `decoupage serve`.
    ...(core
      ? { proxy: { '/api': { target: core, changeOrigin: true, headers: { origin: core } } } }
      : {}),
  },
  preview: { host: '127.0.0.1', port: 4173 },
  define: {
    // The fake core is for development and tests: a released window never carries it.
    __FAKE_CORE__: JSON.stringify(mode !== 'production'),
  },
  build: {
    outDir: here('./dist'),
    emptyOutDir: true,
    // WebKitGTK 2.40, the web view of Debian 12, is the oldest we meet.
    target: ['safari16', 'chrome110'],
    // A strict content security policy allows no inline scripts, and data URLs only for pictures.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
  },
  test: {
    environment: 'jsdom',
    include: ['tests/**/*.test.ts', 'src/**/*.test.ts'],
    setupFiles: [here('./tests/setup.ts')],
    restoreMocks: true,
    testTimeout: 30_000,
  },
}));
