/** A PostgreSQL that goes away and comes back, under a server that stays. */
import { DrizzleQueryError, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isDatabaseAway } from '../../../server/database/away.ts';
import { openDatabase } from '../../../server/database/open-database.ts';
import { hasPostgres, type OwnPostgres, startPostgres } from '../../support/postgres-server.ts';
import { type ApiCaller, openApiCaller } from '../support/api-caller.ts';

const withCode = (code: string): Error => Object.assign(new Error(code), { code });

test.each([
  ['a connection that was refused', withCode('ECONNREFUSED'), true],
  ['a connection that broke under a query', new DrizzleQueryError('SELECT 1', [], withCode('CONNECTION_CLOSED')), true],
  ['a server that starts', new DrizzleQueryError('SELECT 1', [], withCode('57P03')), true],
  ['a name that is taken', new DrizzleQueryError('INSERT', [], withCode('23505')), false],
  ['a service behind ours that is away', Object.assign(new TypeError('fetch failed'), { cause: withCode('ECONNREFUSED') }), false],
  ['nothing', undefined, false],
])('%s', (_what, thrown, isAway) => expect(isDatabaseAway(thrown)).toBe(isAway));

describe.skipIf(!hasPostgres())('a PostgreSQL that is killed', () => {
  let postgres: OwnPostgres;
  let caller: ApiCaller;
  beforeAll(async () => {
    postgres = await startPostgres();
    caller = await openApiCaller({ database: await openDatabase({ kind: 'server', url: await postgres.emptyDatabase() }) });
  }, 120_000);
  afterAll(async () => {
    await caller?.close();
    await postgres?.stop();
  });

  test('is said to be away at once, to everybody who asks, and used again as soon as it is back', async () => {
    const ann = await caller.somebody();
    const everybody = () => Promise.all(Array.from({ length: 24 }, (_, n) => (n % 2 === 0 ? ann.call('GET', '/presets') : caller.call('POST', '/auth/refresh', { refresh_token: 'unknown' }))));
    await everybody();
    await postgres.kill();
    for (let round = 0; round < 2; round += 1) {
      const startMs = performance.now();
      for (const { status, json, headers } of await everybody()) expect([status, json['code'], json['detail'].reason, headers.get('retry-after')]).toEqual([503, 'UNAVAILABLE', 'server/database', '2']);
      // The driver's own pause would grow to twenty seconds.
      expect(performance.now() - startMs).toBeLessThan(10_000);
    }
    await postgres.start();
    for (const [n, { status }] of (await everybody()).entries()) expect(status).toBe(n % 2 === 0 ? 200 : 401);
  }, 60_000);

  test('ends no transaction half, loses none that was committed, and does not end the program', async () => {
    const { queries } = caller.database;
    await queries.execute(sql`CREATE TABLE pairs (n integer, half integer)`);
    const committed = new Set<number>();
    let [next, isOver] = [0, false];
    const writers = Array.from({ length: 16 }, async () => {
      while (!isOver) {
        const n = next++;
        await queries.transaction(async (transaction) => {
          for (const half of [1, 2]) await transaction.execute(sql`INSERT INTO pairs VALUES (${n}, ${half})`);
        }).then(() => committed.add(n), () => new Promise((resolve) => setTimeout(resolve, 10)));
      }
    });
    const more = async (): Promise<void> => {
      const before = committed.size;
      while (committed.size < before + 50) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    await more();
    for (const end of ['kill', 'abort'] as const) {
      await postgres[end]();
      await postgres.start();
      await more();
    }
    // One conversation alone, too: the others' are whole.
    await queries.execute(sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query ILIKE '%pairs%' AND pid <> pg_backend_pid() LIMIT 1`);
    await more();
    isOver = true;
    await Promise.all(writers);
    const rows = [...await queries.execute<{ n: number; halves: string }>(sql`SELECT n, count(*) AS halves FROM pairs GROUP BY n`)];
    expect(rows.filter(({ halves }) => halves !== '2')).toEqual([]);
    const there = new Set(rows.map(({ n }) => n));
    expect([...committed].filter((n) => !there.has(n))).toEqual([]);
  }, 60_000);
});
