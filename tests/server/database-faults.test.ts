/** `npm run bench -- database` has the same with 50 kills, of the server and of a PostgreSQL. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLine, PATIENT, totalOf } from '../support/acknowledged-writes.ts';
import { killDuringWrites } from '../support/database-faults.ts';
import { createKillableServer, type KillableServer } from '../support/killable-server.ts';
import { jobWriter, presetWriter, register, reportWriter } from '../support/writers.ts';

let server: KillableServer;
beforeAll(async () => {
  server = await createKillableServer(PATIENT);
  await server.start();
}, 180_000);
afterAll(() => server.remove());

test('what was acknowledged is there after the server was killed, once and whole', async () => {
  const { writers } = await killDuringWrites({ url: server.url, kill: () => server.kill(), revive: () => server.start() }, { kills: 1, seed: 1 });
  for (const { kind, tally } of writers) expect({ kind, ...tally }).toMatchObject({ kind, lost: 0, doubled: 0, half: 0 });
  for (const { kind, tally } of writers) expect([kind, tally.acknowledged > 0, tally.unanswered]).toEqual([kind, true, 1]);
}, 180_000);

test('what is missing, and what comes twice, would be seen', async () => {
  const ann = await register(createLine(server.url), 'ann@example.org');
  const writers = [presetWriter(ann), jobWriter(ann), reportWriter(ann)];
  for (const writer of writers) for (let n = 0; n < 3; n += 1) expect(await writer.write()).toBe(true);
  for (const writer of writers) await writer.check();
  expect(totalOf(writers)).toMatchObject({ lost: 0, doubled: 0, half: 0 });
  const call = async (method: string, path: string, body?: unknown) => (await ann.call(method, path, body))!.json;
  const [one, two] = (await call('GET', '/presets'))['presets'] as { id: string }[];
  await call('DELETE', `/presets/${one!.id}`);
  await call('PUT', `/presets/${two!.id}`, { name: 'Another' });
  await call('POST', '/jobs', { mode: 'B', ref_key: null, tgt_key: 'job-1', idempotency_key: 'another' });
  const reported = ((await call('GET', '/jobs'))['jobs'] as { id: string; progress: number }[]).find(({ progress }) => progress > 0)!;
  await call('PATCH', `/jobs/${reported.id}`, { progress: 0 });
  for (const writer of writers) await writer.check();
  const seen = writers.map(({ kind, tally: { lost, doubled } }) => [kind, lost, doubled]);
  // Deleted, and under another name; a second job for one file; a report that is back at the start, and measurements that are not.
  expect(seen).toEqual([['presets', 2, 0], ['jobs', 0, 1], ['reports', 1, 1]]);
});
