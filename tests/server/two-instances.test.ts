/** Two instances over one PostgreSQL server, as behind a load balancer without sticky sessions. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../../server/database/open-database.ts';
import { hasPostgres, openPostgres, type PostgresServer } from '../support/postgres-server.ts';
import { type ApiCaller, bearer, openApiCaller } from './support/api-caller.ts';
import { readEvents } from './support/event-stream.ts';

describe.skipIf(!hasPostgres())('two instances over one PostgreSQL', () => {
  let server: PostgresServer;
  let one: ApiCaller;
  let other: ApiCaller;
  beforeAll(async () => {
    server = await openPostgres();
    const url = await server.emptyDatabase();
    // They start at the same moment: one migrates, the other waits.
    const [first, second] = await Promise.all([openDatabase({ kind: 'server', url }), openDatabase({ kind: 'server', url })]);
    one = await openApiCaller({ database: first });
    other = await openApiCaller({ database: second });
  }, 120_000);
  afterAll(async () => {
    await one?.close();
    await other?.close();
    await server?.stop();
  });

  test('a job reported on at one is seen at the other at once', async () => {
    const ann = await one.somebody();
    const events = readEvents(await other.app.request('/api/jobs/events', { headers: bearer(ann.access) }));
    expect(await events.next()).toMatchObject({ event: 'ready' });
    const { json } = await ann.call('POST', '/jobs', { mode: 'A', ref_key: 'r', tgt_key: 't', idempotency_key: 'k' });
    expect(await events.next()).toMatchObject({ event: 'job', data: { id: json['job_id'], status: 'PENDING' } });
    await ann.call('PATCH', `/jobs/${json['job_id'] as string}`, { status: 'ANALYZING', progress: 5 });
    expect(await events.next()).toMatchObject({ event: 'job', data: { status: 'ANALYZING', progress: 5 } });
    await events.close();
  });

  test('changes made at both are heard whole, in one order', async () => {
    const ann = await one.somebody();
    const events = readEvents(await other.app.request('/api/jobs/events', { headers: bearer(ann.access) }));
    await events.next();
    const made = await Promise.all(Array.from({ length: 40 }, (_, n) => {
      const request = { mode: 'B', ref_key: 'r', tgt_key: 't', idempotency_key: `many-${n}` };
      return n % 2 === 0 ? ann.call('POST', '/jobs', request) : other.call('POST', '/jobs', request, bearer(ann.access));
    }));
    const heard = new Set<string>();
    let last = 0;
    while (heard.size < made.length) {
      const event = (await events.next())!;
      expect(Number(event.id)).toBeGreaterThan(last);
      last = Number(event.id);
      heard.add((event.data as { id: string }).id);
    }
    expect([...heard].sort()).toEqual(made.map(({ json }) => json['job_id'] as string).sort());
    await events.close();
  });

  test('one key asked for at both is one job', async () => {
    const ann = await one.somebody();
    const request = { mode: 'B', ref_key: 'r', tgt_key: 't', idempotency_key: 'same' };
    const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => (n % 2 === 0 ? one : other).call('POST', '/jobs', request, bearer(ann.access))));
    expect(new Set(answers.map(({ json }) => json['job_id'])).size).toBe(1);
  });

  test('a listener whose connection breaks hears again what it missed', async () => {
    const ann = await one.somebody();
    const events = readEvents(await other.app.request('/api/jobs/events', { headers: bearer(ann.access) }));
    await events.next();
    const { sql } = await import('drizzle-orm');
    await one.database.queries.execute(sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query ILIKE 'listen%'`);
    const { json } = await ann.call('POST', '/jobs', { mode: 'A', ref_key: 'r', tgt_key: 't', idempotency_key: 'broken' });
    expect(await events.next()).toMatchObject({ event: 'job', data: { id: json['job_id'] } });
    await events.close();
  });
});
