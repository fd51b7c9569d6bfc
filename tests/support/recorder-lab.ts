/** Builds and serves the page of `tests/browser/lab/recorder`: the product's recorder without its screens. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { freePort } from './free-ports.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface ServedLab {
  readonly address: string;
  stop(): void;
}

/** @param outDir where the page is built to */
export async function serveRecorderLab(outDir: string): Promise<ServedLab> {
  await build({
    configFile: false,
    logLevel: 'error',
    root: `${ROOT}tests/browser/lab/recorder`,
    worker: { format: 'es' },
    build: { target: 'es2022', outDir, emptyOutDir: true, assetsInlineLimit: 0, chunkSizeWarningLimit: 4096 },
  });
  const port = await freePort();
  const server: ChildProcess = spawn(process.execPath, ['--import', 'tsx', 'server/main.ts', outDir], { cwd: ROOT, env: { ...process.env, PORT: String(port), ACCOUNTS: 'off' }, stdio: 'ignore' });
  const address = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 150; tries += 1) {
    if (await fetch(`${address}/health`).then((answer) => answer.ok, () => false)) return { address, stop: () => void server.kill('SIGKILL') };
    await new Promise((done) => setTimeout(done, 100));
  }
  server.kill('SIGKILL');
  throw new Error('The server did not start.');
}
