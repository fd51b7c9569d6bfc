import { afterAll, beforeAll, expect, test } from 'vitest';
import { ACCESS_SECONDS } from '../../server/auth/access-tokens.ts';
import { MOST_STREAMS } from '../../server/job-events.ts';
import { type ApiCaller, bearer, openApiCaller, PASSWORD, type Somebody } from './support/api-caller.ts';
import { type EventStream, readEvents } from './support/event-stream.ts';

let caller: ApiCaller;
beforeAll(async () => {
  caller = await openApiCaller({ heartbeatMs: 30 });
}, 120_000);
afterAll(() => caller.close());

const listen = async (token: string, headers: Record<string, string> = {}, query = ''): Promise<EventStream> =>
  readEvents(await caller.app.request(`/api/jobs/events${query}`, { headers: { ...bearer(token), ...headers } }));

async function aJob(somebody: Somebody): Promise<string> {
  return (await somebody.call('POST', '/jobs', { mode: 'B', ref_key: 'r', tgt_key: 't', idempotency_key: crypto.randomUUID() })).json['job_id'] as string;
}

test('another device of the same person sees a job come and go on', async () => {
  const ann = await caller.somebody();
  const phone = (await caller.call('POST', '/auth/login', { email: ann.email, password: PASSWORD })).json['access_token'] as string;
  const events = await listen(phone);
  expect(events.response.headers.get('content-type')).toContain('text/event-stream');
  expect(await events.next()).toMatchObject({ event: 'ready' });
  const id = await aJob(ann);
  expect(await events.next()).toMatchObject({ event: 'job', data: { id, status: 'PENDING', progress: 0 } });
  await ann.call('PATCH', `/jobs/${id}`, { status: 'ANALYZING', progress: 12 });
  expect(await events.next()).toMatchObject({ event: 'job', data: { id, status: 'ANALYZING', progress: 12 } });
  await events.close();
});

test('another person, and another workspace, is told nothing', async () => {
  const [ann, eve] = [await caller.somebody(), await caller.somebody()];
  const workspaceId = (await ann.call('GET', `/jobs/${await aJob(ann)}`)).json['workspace_id'] as string;
  expect((await caller.app.request(`/api/jobs/events?workspace_id=${workspaceId}`, { headers: bearer(eve.access) })).status).toBe(404);
  const events = await listen(eve.access);
  await events.next();
  await aJob(ann);
  const own = await aJob(eve);
  expect(await events.next()).toMatchObject({ event: 'job', data: { id: own } });
  await events.close();
});

test('whoever was away goes on behind the last event, and hears of each job once, as it is', async () => {
  const ann = await caller.somebody();
  const first = await aJob(ann);
  const before = await listen(ann.access, {}, '?after=0');
  await before.next();
  const { id: seen } = (await before.next())!;
  await before.close();
  const second = await aJob(ann);
  for (const progress of [10, 20, 30]) await ann.call('PATCH', `/jobs/${first}`, { progress });
  const after = await listen(ann.access, { 'last-event-id': seen! });
  await after.next();
  expect([await after.next(), await after.next()]).toMatchObject([{ data: { id: second } }, { data: { id: first, progress: 30 } }]);
  await after.close();
  expect((await caller.app.request('/api/jobs/events', { headers: { ...bearer(ann.access), 'last-event-id': '1; DROP' } })).status).toBe(422);
});

test('more changes than are read at once are all heard, in their order', async () => {
  const ann = await caller.somebody();
  const ids: string[] = [];
  for (let n = 0; n < 120; n += 1) ids.push(await aJob(ann));
  const events = await listen(ann.access, {}, '?after=0');
  await events.next();
  const heard: string[] = [];
  for (let n = 0; n < 120; n += 1) heard.push(((await events.next())!.data as { id: string }).id);
  expect(heard).toEqual(ids);
  await events.close();
}, 60_000);

test('a quiet stream has signs of life', async () => {
  const ann = await caller.somebody();
  const events = await listen(ann.access);
  await events.next();
  setTimeout(() => void aJob(ann), 150);
  await events.next();
  expect(events.comments()).toBeGreaterThan(0);
  await events.close();
});

test('it ends with the session, and with the token', async () => {
  for (const end of [(ann: Somebody) => caller.call('POST', '/auth/logout', { refresh_token: ann.refresh }), () => void (caller.nowMs += 1000 * ACCESS_SECONDS + 1)]) {
    const ann = await caller.somebody();
    const events = await listen(ann.access);
    await events.next();
    await end(ann);
    expect(await events.next()).toMatchObject({ event: 'end' });
    expect(await events.next()).toBeNull();
  }
});

test('it ends where the membership does, and tells nothing after it', async () => {
  const { memberships } = await import('../../server/database/schema.ts');
  const [ann, ben] = [await caller.somebody(), await caller.somebody()];
  const id = await aJob(ann);
  const workspaceId = (await ann.call('GET', `/jobs/${id}`)).json['workspace_id'] as string;
  await caller.database.queries.insert(memberships).values({ workspaceId, userId: ben.id, role: 'viewer', createdAt: new Date(caller.nowMs) });
  const events = await listen(ben.access, {}, `?workspace_id=${workspaceId}`);
  await events.next();
  const { eq } = await import('drizzle-orm');
  await caller.database.queries.delete(memberships).where(eq(memberships.userId, ben.id));
  await ann.call('PATCH', `/jobs/${id}`, { progress: 1 });
  expect(await events.next()).toMatchObject({ event: 'end' });
});

test('a question for its head opens none', async () => {
  const ann = await caller.somebody();
  for (let n = 0; n <= MOST_STREAMS; n += 1) expect((await caller.app.request('/api/jobs/events', { method: 'HEAD', headers: bearer(ann.access) })).status).toBe(200);
  expect(caller.api.events.count()).toBe(0);
});

test('one person has so many at once, and room again when they close; nothing is left behind', async () => {
  const ann = await caller.somebody();
  const open = await Promise.all(Array.from({ length: MOST_STREAMS }, () => listen(ann.access)));
  expect((await caller.app.request('/api/jobs/events', { headers: bearer(ann.access) })).status).toBe(429);
  await Promise.all(open.map((events) => events.close()));
  await expect.poll(() => caller.api.events.count()).toBe(0);
  for (let n = 0; n < 3 * MOST_STREAMS; n += 1) {
    const events = await listen(ann.access);
    expect(events.response.status).toBe(200);
    await events.close();
  }
  await expect.poll(() => caller.api.events.count()).toBe(0);
});
