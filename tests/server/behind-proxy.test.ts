/** Several instances behind the proxy of server/deploy: what it has to let through as it is, and an exchange that nobody notices. */
import { existsSync, statSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AppError } from '../../shared/errors.ts';
import { hasDeployTool } from '../support/find-deploy-tools.ts';
import { hasPostgres } from '../support/postgres-server.ts';
import { type ProxiedServers, startProxiedServers } from '../support/proxied-servers.ts';
import { CHUNK, sealedMetadata, TUS } from '../support/tus.ts';

const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(7);

describe.skipIf(!hasPostgres() || !hasDeployTool('caddy'))('behind the proxy of server/deploy', () => {
  let servers: ProxiedServers;
  let auth: { authorization: string };
  beforeAll(async () => {
    servers = await startProxiedServers();
    const { text } = await servers.ask('POST', '/api/auth/register', { headers: { 'x-forwarded-for': '203.0.113.9' }, body: JSON.stringify({ email: 'ann@example.org', password: 'a long enough secret' }) });
    auth = { authorization: `Bearer ${(JSON.parse(text) as { access_token: string }).access_token}` };
  }, 120_000);
  afterAll(() => servers?.stop());

  const newJob = (key: string) => servers.ask('POST', '/api/jobs', { headers: auth, body: JSON.stringify({ mode: 'A', ref_key: 'r', tgt_key: 't', idempotency_key: key }) });
  const newUpload = async (length: number): Promise<string> => (await servers.ask('POST', '/api/uploads', { headers: { ...auth, ...TUS, 'upload-length': String(length), 'upload-metadata': sealedMetadata() } })).headers.location!;

  test('both instances are asked by one client, on one connection', async () => {
    await Promise.all(Array.from({ length: 20 }, () => servers.ask('GET', '/api/presets', { headers: auth })));
    for (const index of [0, 1]) expect(await (await servers.askInstance(index, '/metrics')).text()).toContain('route="/api/presets",status="200"');
  });

  test('the headers of the page are the server\'s, and TLS is asked for always; what is for the monitor is not there', async () => {
    const [{ headers }, direct] = [await servers.ask('GET', '/'), (await servers.askInstance(0, '/')).headers];
    for (const name of ['content-security-policy', 'cross-origin-opener-policy', 'cross-origin-embedder-policy', 'permissions-policy', 'cache-control']) expect([name, headers[name]]).toEqual([name, direct.get(name)]);
    expect([headers['cross-origin-opener-policy'], headers['cross-origin-embedder-policy']]).toEqual(['same-origin', 'require-corp']);
    expect(headers['strict-transport-security']).toBe('max-age=63072000; includeSubDomains');
    expect(await Promise.all(['/metrics', '/ready', '/health'].map((path) => servers.ask('GET', path).then(({ status }) => status)))).toEqual([404, 404, 200]);
  });

  test('a client is who the proxy says, not who it says itself', async () => {
    const sql = postgres(servers.databaseUrl, { max: 1 });
    const counted = await sql<{ key: string }[]>`SELECT key FROM rate_limits WHERE key LIKE 'register %'`;
    await sql.end();
    expect(counted.map(({ key }) => key)).toEqual([expect.stringMatching(/^register (127\.0\.0\.1|0:0:0:0::\/64)$/)]);
  });

  test('an event comes while its stream is open', async () => {
    const asking = servers.open('GET', '/api/jobs/events', auth);
    const answered = once(asking, 'response') as Promise<[IncomingMessage]>;
    asking.end();
    const [stream] = await answered;
    const words = stream.setEncoding('utf8')[Symbol.asyncIterator]() as AsyncIterator<string>;
    expect((await words.next()).value).toContain('event: ready');
    const { text } = await newJob('streamed');
    expect((await words.next()).value).toContain((JSON.parse(text) as { job_id: string }).job_id);
    asking.destroy();
  });

  test('a body is passed on while it comes', async () => {
    const place = await newUpload(2_000_000);
    const file = join(servers.blobFolder, place.split('/').at(-1)!);
    const asking = servers.open('PATCH', place, { ...auth, ...CHUNK, 'upload-offset': '0', 'content-length': '2000000' });
    const answered = once(asking, 'response') as Promise<[IncomingMessage]>;
    asking.write(bytes(1_000_000));
    await expect.poll(() => existsSync(file) && statSync(file).size > 500_000, { timeout: 10_000 }).toBe(true);
    asking.end(bytes(1_000_000));
    expect((await answered)[0].statusCode).toBe(204);
  });

  test('an instance is exchanged, and no request fails', async () => {
    const wrong: string[] = [];
    let [asked, isOver] = [0, false];
    const note = (what: string, expected: number) => ({ status }: { status: number }): void => {
      asked += 1;
      if (status !== expected) wrong.push(`${what} ${status}`);
    };
    const broken = (what: string) => (thrown: Error): void => void wrong.push(`${what} ${thrown.message}`);
    const lanes = Array.from({ length: 6 }, async (_, lane) => {
      for (let n = 0; !isOver; n += 1) {
        await newJob(`${lane}-${n}`).then(note('a new job', 201), broken('a new job'));
        await servers.ask('GET', '/api/jobs?limit=1', { headers: auth }).then(note('a list', 200), broken('a list'));
        if (n % 5 === 0) await newUpload(100_000).then((place) => servers.ask('PATCH', place, { headers: { ...auth, ...CHUNK, 'upload-offset': '0' }, body: bytes(100_000) })).then(note('an upload', 204), broken('an upload'));
        await servers.ask('GET', '/').then(note('the page', 200), broken('the page'));
      }
    });
    await servers.exchange(0);
    isOver = true;
    await Promise.all(lanes);
    expect(wrong).toEqual([]);
    expect(asked).toBeGreaterThan(50);
  }, 60_000);

  test('without its database the page is there all the same; calls are told in the one form of failures', async () => {
    await servers.stopDatabase();
    const call = () => servers.ask('GET', '/api/presets', { headers: auth });
    await expect.poll(async () => (await call()).text, { timeout: 20_000 }).toBe(JSON.stringify(new AppError('network/unavailable').toAnswer()));
    const { status, headers } = await call();
    expect([status, headers['content-type']]).toEqual([503, 'application/json']);
    expect(await servers.ask('GET', '/')).toMatchObject({ status: 200, text: '<title>A page</title>' });
  }, 60_000);
});
