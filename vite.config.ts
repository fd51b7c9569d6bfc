import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import solid from 'vite-plugin-solid';
import { SHARE_ADDRESS, SHARED_FILES } from './web/storage/inbox/share-form.ts';

/** The same as server/app.ts sends: threads and precise clocks need an isolated page. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** Formats the page opens, for the manifest's file handlers and its share target. */
const OPENABLE = {
  'audio/wav': ['.wav', '.wave', '.bwf', '.rf64'],
  'audio/aiff': ['.aif', '.aiff', '.aifc'],
  'audio/flac': ['.flac'],
  'audio/mpeg': ['.mp3'],
  'audio/mp4': ['.m4a', '.mp4'],
  'audio/ogg': ['.ogg', '.oga', '.opus'],
  'audio/webm': ['.webm', '.weba'],
};

export default defineConfig({
  root: fileURLToPath(new URL('web', import.meta.url)),
  resolve: { alias: [{ find: /^zod$/, replacement: fileURLToPath(new URL('web/zod-without-eval.ts', import.meta.url)) }] },
  plugins: [
    solid(),
    VitePWA({
      strategies: 'injectManifest',
      srcDir: '.',
      filename: 'service-worker.ts',
      injectRegister: false,
      registerType: 'prompt',
      injectManifest: {
        // All the main job needs, the engine and the standard decoders included; what comes on first use is left out.
        globPatterns: ['**/*.{js,mjs,css,html,svg,png,webmanifest,wasm,opus,json}'],
        globIgnores: ['**/ffmpeg-core*', '**/ort-wasm-*', '**/onnx-network-*', 'licences/**', 'schemas/**'],
        maximumFileSizeToCacheInBytes: 8 * 1024 * 1024,
      },
      manifest: {
        id: '/',
        name: 'Tonetwin',
        short_name: 'Tonetwin',
        description: 'Make my recording sound like that one, on this device. Audio leaves it only when you ask: encrypted for a backup, or as a short sample for a voice.',
        start_url: '/',
        scope: '/',
        display: 'standalone',
        theme_color: '#14161a',
        background_color: '#ffffff',
        categories: ['music', 'utilities'],
        icons: [
          { src: '/icons/icon-192.png', sizes: '192x192', type: 'image/png' },
          { src: '/icons/icon-512.png', sizes: '512x512', type: 'image/png' },
          { src: '/icons/maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
          { src: '/icons/favicon.svg', sizes: 'any', type: 'image/svg+xml' },
        ],
        file_handlers: [{ action: '/library', accept: OPENABLE }],
        share_target: {
          action: SHARE_ADDRESS,
          method: 'POST',
          enctype: 'multipart/form-data',
          // Kinds that a phone's recorder names in its own way are taken too: what is no audio says so when it is read.
          params: { files: [{ name: SHARED_FILES, accept: ['audio/*', 'video/mp4', 'video/webm', ...Object.values(OPENABLE).flat()] }] },
        },
        launch_handler: { client_mode: 'focus-existing' },
      },
    }),
  ],
  worker: { format: 'es' },
  optimizeDeps: { exclude: ['libav.js', '@ffmpeg/core', 'onnxruntime-web'] },
  build: { target: 'es2022', outDir: 'dist', emptyOutDir: true, assetsInlineLimit: 0, sourcemap: false, chunkSizeWarningLimit: 1024 },
  server: { port: 5173, headers: ISOLATION, fs: { allow: ['..'] } },
  preview: { headers: ISOLATION },
});
