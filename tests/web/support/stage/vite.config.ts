import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import solid from 'vite-plugin-solid';

const here = fileURLToPath(new URL('.', import.meta.url));

/** Serves the page on its test double: `npx vite --config tests/web/support/stage/vite.config.ts`. */
export default defineConfig({
  root: here,
  publicDir: fileURLToPath(new URL('../../../../web/public', import.meta.url)),
  plugins: [solid()],
  html: { cspNonce: 'stage' },
  build: { target: 'es2022', assetsInlineLimit: 0, outDir: fileURLToPath(new URL('../../../out/stage', import.meta.url)), emptyOutDir: true },
  server: { port: 5199, fs: { allow: [fileURLToPath(new URL('../../../..', import.meta.url)), '/'] } },
});
