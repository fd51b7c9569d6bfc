/** The product's own server, in a process of its own, on a free port. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-ports.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface ServedPage {
  readonly url: string;
  stop(): void;
}

/** The page has to be built. */
export async function servePage(): Promise<ServedPage> {
  const port = await freePort();
  const server = spawn(process.execPath, ['--import', 'tsx', 'server/main.ts'], { cwd: ROOT, env: { ...process.env, PORT: String(port), ACCOUNTS: 'off' }, stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 100; tries += 1) {
    const isUp = await fetch(`${url}/health`).then((answer) => answer.ok, () => false);
    if (isUp) return { url, stop: () => void server.kill() };
    await new Promise((done) => setTimeout(done, 100));
  }
  server.kill();
  throw new Error('The server did not start.');
}
