import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from '../../server/app.ts';
import { createLog } from '../../server/log.ts';
import { type ApiCaller, openApiCaller, PASSWORD } from './support/api-caller.ts';

let caller: ApiCaller;
let lines: string[] = [];
let app: ReturnType<typeof createApp>;
beforeAll(async () => {
  caller = await openApiCaller();
  app = createApp({ pageFolder: '.', api: caller.api, log: createLog('info', (line) => lines.push(line)) });
}, 120_000);
afterAll(() => caller.close());

const last = (): Record<string, any> => JSON.parse(lines.at(-1)!) as Record<string, any>;

test('a request is a line of JSON: what was asked for, by whom, what came of it', async () => {
  const ann = await caller.somebody();
  const { json } = await ann.call('POST', '/jobs', { mode: 'B', ref_key: 'r', tgt_key: 't', idempotency_key: 'k' });
  const answer = await app.request(`/api/jobs/${json['job_id'] as string}?x=1`, { headers: { authorization: `Bearer ${ann.access}`, 'x-request-id': 'given-by-client-1' } });
  expect(answer.headers.get('x-request-id')).toBe('given-by-client-1');
  expect(last()).toMatchObject({ level: 'info', msg: 'request', request: 'given-by-client-1', method: 'GET', route: '/api/jobs/{id}', status: 200, user: ann.id });
  expect(lines.at(-1)).not.toContain(json['job_id']);
  await app.request(`/api/jobs/${crypto.randomUUID()}`, { headers: { authorization: `Bearer ${ann.access}` } });
  expect(last()).toMatchObject({ status: 404, reason: 'server/not-found' });
});

test('a request without a name of its own gets one; one that would break the line is not taken', async () => {
  for (const given of [undefined, 'short', 'a'.repeat(65), 'with space here', '{"level":"fatal"}']) {
    const answer = await app.request('/settings', given === undefined ? {} : { headers: { 'x-request-id': given } });
    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(last()['request']).toBe(answer.headers.get('x-request-id'));
  }
});

test('those who watch are not in it, unless they were told that something does not work', async () => {
  lines = [];
  for (const path of ['/health', '/ready', '/metrics']) await app.request(path);
  expect(lines).toEqual([]);
  const failing = createApp({ pageFolder: '.', api: { ...caller.api, checks: { blobs: () => Promise.reject(new Error('no bucket')) } }, log: createLog('info', (line) => lines.push(line)) });
  await failing.request('/health');
  await failing.request('/ready');
  expect(last()).toMatchObject({ level: 'error', route: '/ready', status: 503 });
});

test('no address, password or token is in it, whatever goes wrong', async () => {
  lines = [];
  const email = 'very.private@example.org';
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) => app.request(`/api${path}`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
  caller.address = '198.51.100.7';
  const tokens = (await (await post('/auth/register', { email, password: PASSWORD })).json()) as { access_token: string; refresh_token: string };
  await post('/auth/login', { email, password: 'a wrong password' });
  await post('/auth/refresh', { refresh_token: tokens.refresh_token });
  await post(`/jobs?token=${tokens.access_token}`, { mode: email }, { authorization: `Bearer ${tokens.access_token}` });
  await app.request(`/api/${email}/${tokens.access_token}`);
  // The database refuses: its error has the values of the query in it.
  const { sql } = await import('drizzle-orm');
  const log = createLog('info', (line) => lines.push(line));
  const refused = await caller.database.queries.execute(sql`SELECT ${email}::uuid, ${tokens.refresh_token}::text`).catch((thrown: unknown) => thrown);
  expect(String(refused)).toContain(email);
  log.error('request', { thrown: refused, headers: { authorization: `Bearer ${tokens.access_token}`, cookie: 'a=b' }, body: { email, password: PASSWORD, nested: [{ refresh_token: tokens.refresh_token }] }, url: `postgres://root:${PASSWORD}@db/x`, text: `mail to ${email}; Bearer ${tokens.access_token}` });
  expect(lines.length).toBeGreaterThan(5);
  const all = lines.join('\n');
  for (const secret of [email, 'very.private', PASSWORD, 'a wrong password', tokens.access_token, tokens.refresh_token]) expect(all).not.toContain(secret);
  expect(all).toContain('[hidden]');
});

test('what nobody expected is told with its cause, to the log and not to the client', async () => {
  const broken = createApp({ pageFolder: '.', log: createLog('warn', (line) => lines.push(line)), socketAddress: () => { throw new Error('the wire is cut'); } });
  const answer = await broken.request('/metrics');
  expect([answer.status, await answer.json()]).toEqual([500, expect.objectContaining({ code: 'INTERNAL' })]);
  expect(last()).toMatchObject({ level: 'error', status: 500, thrown: { type: 'Error', message: 'the wire is cut' } });
  const before = lines.length;
  await broken.request('/health');
  expect(lines.length).toBe(before);
});
