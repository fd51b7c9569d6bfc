import { fileURLToPath } from 'node:url';
import solid from 'vite-plugin-solid';
import { defineConfig } from 'vitest/config';

/** Everything that runs without a browser. tests/browser has the journeys in a real one. */
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  plugins: [solid()],
  // Solid's plugin asks for what browsers get; the server's WebSockets are not theirs.
  resolve: { alias: { ws: fileURLToPath(new URL('../node_modules/ws/wrapper.mjs', import.meta.url)) } },
  test: {
    environment: 'node',
    include: ['tests/**/*.test.{ts,tsx}'],
    exclude: ['tests/browser/**'],
    globalSetup: ['tests/support/build-engine.ts'],
    // The runner alone would leave one core to itself: of two, half the machine.
    maxWorkers: '100%',
    testTimeout: 60_000,
    coverage: {
      provider: 'v8',
      reportsDirectory: 'tests/out/coverage',
      include: ['shared/**/*.ts', 'wasm/**/*.ts', 'server/**/*.ts', 'web/**/*.ts'],
      exclude: [
        'wasm/assembly/**',
        '**/*.d.ts',
        '**/generated/**',
        'tests/**',
        // A recipe run by hand.
        'wasm/build/compose-demo.ts',
        // What only a browser has: workers, its storage, its audio, its canvas. tests/browser proves these.
        'web/main.tsx',
        'web/service-worker.ts',
        'web/page-updates.ts',
        'web/audio/player.ts',
        'web/jobs/browser-service.ts',
        'web/storage/{indexeddb,opfs}/**',
        'web/storage/{open-storage,storage-error}.ts',
        'web/workers/*/{worker,*-decoder,decode-recording}.ts',
        'web/workers/{pool,workers,engine-binary}.ts',
        'web/components/waveform-drawing.ts',
        'web/state/{palette,connection,appearance,save-blob}.ts',
        // Threads and processes of their own: the tests run them, the coverage does not see them.
        'wasm/cli/{thread,threads,workplace,progress}.ts',
        'server/main.ts',
        'server/speech/emulator/main.ts',
      ],
      reporter: ['text-summary', 'json-summary'],
    },
  },
});
