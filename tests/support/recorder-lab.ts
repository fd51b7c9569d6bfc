/** Builds and serves the page of `tests/browser/lab/recorder`: the product's recorder without its screens. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

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
