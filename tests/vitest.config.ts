import { fileURLToPath } from 'node:url';
import solid from 'vite-plugin-solid';
import { defineConfig } from 'vitest/config';

/** Everything that runs without a browser. tests/browser has the journeys in a real one. */
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  plugins: [solid()],
  test: {
    environment: 'node',
    include: ['tests/**/*.test.{ts,tsx}'],
    exclude: ['tests/browser/**'],
    globalSetup: ['tests/support/build-engine.ts'],
    testTimeout: 60_000,
    coverage: {
      provider: 'v8',
      reportsDirectory: 'tests/out/coverage',
      include: ['shared/**/*.ts', 'wasm/**/*.ts', 'server/**/*.ts', 'web/**/*.ts'],
      exclude: ['wasm/assembly/**', '**/*.d.ts', '**/generated/**'],
      reporter: ['text-summary', 'json-summary'],
    },
  },
});
