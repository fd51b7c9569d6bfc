/** `npm run bench -- uploads` has the same with 200 MB, 20 kills and 20 cuts. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createKillableServer, type KillableServer } from '../support/killable-server.ts';
import { noiseBytes } from '../support/noise-bytes.ts';
import { download, signUp, uploadThroughFaults } from '../support/upload-faults.ts';

let server: KillableServer;
beforeAll(async () => {
  server = await createKillableServer();
  await server.start();
}, 180_000);
afterAll(() => server.remove());

test('a file arrives byte for byte through kills of the server and cuts of the line, nothing lost that was acknowledged', async () => {
  const bytes = noiseBytes(24_000_000, 1);
  const who = await signUp(server.url, 'ann@example.org');
  const report = await uploadThroughFaults({
    url: server.url, bytes,
    faults: [{ kind: 'cut', atByte: 1_000_003 }, { kind: 'kill', atByte: 9_500_007 }, { kind: 'cut', atByte: 15_000_000 }, { kind: 'kill', atByte: 22_123_456 }],
    async restart() {
      await server.kill();
      await server.start();
    },
  }, who);
  expect(report.offsets.length).toBeGreaterThanOrEqual(4);
  expect(report.lostAcknowledged).toBe(0);
  expect((await download(server.url, who, report.id)).equals(bytes)).toBe(true);
}, 300_000);
