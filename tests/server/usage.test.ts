import { afterAll, beforeAll, expect, test } from 'vitest';
import { speechOwners, speechUsage } from '../../server/database/schema.ts';
import { countUse } from '../../server/usage.ts';
import { type ApiCaller, openApiCaller, type Somebody } from './support/api-caller.ts';

let caller: ApiCaller;
let ann: Somebody;
beforeAll(async () => {
  caller = await openApiCaller();
  ann = await caller.somebody();
  const { queries } = caller.database;
  for (const [day, bytes] of [['2026-02-27', 1000], ['2026-02-28', 500], ['2026-02-28', 250], ['2026-03-01', 3_000_000_000]] as const) await countUse(queries, ann.id, { calls: 1, bytes }, Date.parse(`${day}T23:59:59Z`));
  await queries.insert(speechOwners).values({ id: ann.id, userId: ann.id, createdAt: new Date(caller.nowMs) });
  for (const day of ['2026-02-28', '2026-02-26']) await queries.insert(speechUsage).values({ ownerId: ann.id, day, calls: 3, seconds: 4.5, characters: 120, voices: 1 });
}, 120_000);
afterAll(() => caller.close());

const NONE = { calls: 0, seconds: 0, bytes: 0, characters: 0, voices: 0 };
const DAYS = [
  { ...NONE, day: '2026-03-01', calls: 1, bytes: 3_000_000_000 },
  { day: '2026-02-28', calls: 5, seconds: 4.5, bytes: 750, characters: 120, voices: 1 },
  { ...NONE, day: '2026-02-27', calls: 1, bytes: 1000 },
  { ...NONE, day: '2026-02-26', calls: 3, seconds: 4.5, characters: 120, voices: 1 },
];

test('what somebody used is added up day by day, files and voice studio together, the latest day first', async () => {
  expect(await ann.call('GET', '/usage')).toMatchObject({ status: 200, json: { days: DAYS, next_cursor: null } });
});

test('it comes in pages, and of a span of days', async () => {
  const first = (await ann.call('GET', '/usage?limit=3')).json;
  expect(first).toEqual({ days: DAYS.slice(0, 3), next_cursor: '2026-02-27' });
  expect((await ann.call('GET', `/usage?limit=3&cursor=${first['next_cursor'] as string}`)).json).toEqual({ days: DAYS.slice(3), next_cursor: null });
  expect((await ann.call('GET', '/usage?from=2026-02-27&to=2026-02-28')).json['days']).toEqual(DAYS.slice(1, 3));
  for (const wrong of ['from=yesterday', 'to=2026-02-30', 'limit=0', 'cursor=%27']) expect((await ann.call('GET', `/usage?${wrong}`)).status).toBe(422);
});

test('it is told to nobody else, and goes with the data that one takes away', async () => {
  expect((await caller.call('GET', '/usage')).status).toBe(401);
  const ben = await caller.somebody();
  expect((await ben.call('GET', '/usage')).json).toEqual({ days: [], next_cursor: null });
  expect((await ann.call('GET', '/auth/export')).json['usage']).toEqual(DAYS);
  expect((await ben.call('GET', '/auth/export')).json['usage']).toEqual([]);
});
