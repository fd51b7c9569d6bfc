import { spawn } from 'node:child_process';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { eq, getTableColumns, getTableName, is, sql } from 'drizzle-orm';
import { PgTable } from 'drizzle-orm/pg-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openEmbeddedPostgres } from '../../../server/database/embedded/embedded-postgres.ts';
import { migrate } from '../../../server/database/migrate.ts';
import { type Database, openDatabase } from '../../../server/database/open-database.ts';
import * as schema from '../../../server/database/schema.ts';
import { emptyDatabaseFolder, openTestDatabase } from '../../support/database.ts';

const aUser = (email: string) => ({ id: crypto.randomUUID(), email, createdAt: new Date() });

describe('a database', () => {
  let database: Database;
  beforeAll(async () => {
    database = await openTestDatabase();
  }, 120_000);
  afterAll(() => database.close());

  test('has every column that the schema names, with its type, and no other', async () => {
    const found = await database.queries.execute<{ name: string }>(
      sql`SELECT table_name || '.' || column_name || ' ' || (CASE WHEN is_nullable = 'YES' THEN 'null' ELSE 'not null' END) || ' ' || data_type AS name
          FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'migrations' ORDER BY 1`,
    );
    const types: Readonly<Record<string, string>> = { 'timestamp with time zone': 'timestamp with time zone', jsonb: 'jsonb', uuid: 'uuid', text: 'text', bytea: 'bytea', integer: 'integer', bigint: 'bigint', boolean: 'boolean', date: 'date', 'double precision': 'double precision' };
    const named = Object.values(schema).filter((value) => is(value, PgTable)).flatMap((table) =>
      Object.values(getTableColumns(table)).map((column) => `${getTableName(table)}.${column.name} ${column.notNull ? 'not null' : 'null'} ${types[column.getSQLType()]}`),
    );
    expect([...found].map(({ name }) => name)).toEqual(named.sort());
  });

  test('keeps times, bytes and documents as they were put', async () => {
    const secret = Uint8Array.from([0, 255, 10, 39, 92]);
    const createdAt = new Date('2026-02-03T04:05:06.789Z');
    await database.queries.insert(schema.serverKeys).values({ name: 'x', secret, createdAt });
    const [key] = await database.queries.select().from(schema.serverKeys).where(eq(schema.serverKeys.name, 'x'));
    expect([Array.from(key!.secret), key!.createdAt]).toEqual([Array.from(secret), createdAt]);
  });

  test('takes an address once, whatever its case', async () => {
    await database.queries.insert(schema.users).values(aUser('Ann@example.org'));
    await expect(database.queries.insert(schema.users).values(aUser('ann@EXAMPLE.org'))).rejects.toMatchObject({ cause: { code: '23505' } });
  });

  test('undoes what a transaction that fails has done', async () => {
    const failing = database.queries.transaction(async (transaction) => {
      await transaction.insert(schema.users).values(aUser('undone@example.org'));
      throw new Error('stop');
    });
    await expect(failing).rejects.toThrow('stop');
    expect(await database.queries.select().from(schema.users).where(eq(schema.users.email, 'undone@example.org'))).toEqual([]);
  });

  test('answers many at once', async () => {
    const emails = Array.from({ length: 50 }, (_, i) => `many-${i}@example.org`);
    await Promise.all(emails.map((email) => database.queries.insert(schema.users).values(aUser(email))));
    const counted = await database.queries.execute<{ count: string }>(sql`SELECT count(*) FROM users WHERE email LIKE 'many-%'`);
    expect(Number([...counted][0]!.count)).toBe(50);
  });

  test('lets the program go on while it works on a slow query', async () => {
    let turns = 0;
    const ticker = setInterval(() => (turns += 1), 5);
    await database.queries.execute(sql`SELECT count(*) FROM generate_series(1, 3000000)`);
    clearInterval(ticker);
    expect(turns).toBeGreaterThan(3);
  });

  test('says in words that an error is one, and goes on', async () => {
    await expect(database.queries.execute(sql`SELECT nothing_of_the_kind`)).rejects.toMatchObject({ cause: { code: '42703' } });
    await expect(database.ping()).resolves.toBeUndefined();
  });
});

test('what was committed is there after closing and opening again; what is known is not made twice', async () => {
  const folder = await emptyDatabaseFolder();
  const first = await openDatabase({ kind: 'folder', folder });
  await first.queries.insert(schema.users).values(aUser('kept@example.org'));
  await first.close();
  const second = await openDatabase({ kind: 'folder', folder });
  expect((await second.queries.select().from(schema.users)).map(({ email }) => email)).toEqual(['kept@example.org']);
  await second.close();
  rmSync(folder, { recursive: true });
}, 120_000);

test('entries of an audit log of an older version get ids of version 7, in the order they had', async () => {
  const folder = await emptyDatabaseFolder();
  const embedded = await openEmbeddedPostgres(folder);
  const { default: postgres } = await import('postgres');
  const client = postgres({ socket: () => embedded.socket(), max: 1, fetch_types: false, username: 'postgres', database: 'template1', onnotice: () => undefined } as never);
  const older = join(folder, 'migrations');
  const all = fileURLToPath(new URL('../../../server/database/migrations', import.meta.url));
  cpSync(all, older, { recursive: true, filter: (path) => path === all || basename(path) < '0009' });
  await migrate(client as never, pathToFileURL(`${older}/`));
  const times = [5, 5, 5, 6, 7].map((second) => `2026-03-01T12:00:0${second}.123Z`);
  for (const [n, at] of times.entries()) await client`INSERT INTO audit_logs (at, action, detail) VALUES (${at}, ${`deed ${n}`}, '{}')`;
  expect(await migrate(client as never)).toContain('0009-audit-ids.sql');
  const rows = await client<{ id: string; action: string }[]>`SELECT id, action FROM audit_logs ORDER BY id`;
  expect(rows.map(({ action }) => action)).toEqual(times.map((_, n) => `deed ${n}`));
  for (const [n, { id }] of rows.entries()) {
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number.parseInt(id.replace('-', '').slice(0, 12), 16)).toBe(Date.parse(times[n]!));
  }
  await client.end();
  await embedded.close();
  rmSync(folder, { recursive: true });
}, 120_000);

test('every commit forces its files to the disk', async () => {
  const folder = await emptyDatabaseFolder();
  const embedded = await openEmbeddedPostgres(folder);
  const { default: postgres } = await import('postgres');
  const client = postgres({ socket: () => embedded.socket(), max: 1, fetch_types: false, username: 'postgres', database: 'template1' } as never);
  await client`CREATE TABLE t (n int)`;
  for (let n = 0; n < 40; n += 1) await client`INSERT INTO t VALUES (${n})`;
  await client.end();
  expect(await embedded.close()).toBeGreaterThanOrEqual(40);
  rmSync(folder, { recursive: true });
}, 120_000);

test('a folder that another has is refused with its name; one whose holder is gone is taken over', async () => {
  const folder = await emptyDatabaseFolder();
  const database = await openDatabase({ kind: 'folder', folder });
  await expect(openDatabase({ kind: 'folder', folder })).rejects.toMatchObject({ code: 'server/data-in-use', args: { folder, pid: process.pid } });
  await database.close();
  // A process that has ended, and one that has the number of another now.
  for (const holder of [{ pid: 2 ** 22 - 1, started: '1' }, { pid: process.pid, started: '1' }]) {
    writeFileSync(join(folder, 'tonetwin.lock'), JSON.stringify(holder));
    await (await openDatabase({ kind: 'folder', folder })).close();
  }
  rmSync(folder, { recursive: true });
}, 120_000);

test('a program that is killed while it writes loses nothing that was acknowledged', async () => {
  const folder = await emptyDatabaseFolder();
  const at = (path: string): string => JSON.stringify(pathToFileURL(fileURLToPath(new URL(`../../../${path}`, import.meta.url))).href);
  const program = `
    const { openDatabase } = await import(${at('server/database/open-database.ts')});
    const { users } = await import(${at('server/database/schema.ts')});
    const { queries } = await openDatabase({ kind: 'folder', folder: ${JSON.stringify(folder)} });
    for (let n = 0; ; n += 1) {
      await queries.insert(users).values({ id: crypto.randomUUID(), email: String(n), createdAt: new Date() });
      process.stdout.write(n + '\\n');
    }`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  let last = -1;
  let heard = '';
  await new Promise<void>((resolve) => {
    child.stdout.on('data', (text: Buffer) => {
      heard += text.toString();
      const lines = heard.split('\n');
      heard = lines.pop()!;
      if (lines.length > 0) last = Number(lines.at(-1));
      if (last >= 30) child.kill('SIGKILL');
    });
    child.on('exit', () => resolve());
  });
  const again = await openDatabase({ kind: 'folder', folder });
  const kept = (await again.queries.select().from(schema.users)).map(({ email }) => Number(email)).sort((a, b) => a - b);
  await again.close();
  rmSync(folder, { recursive: true });
  expect(last).toBeGreaterThanOrEqual(30);
  // The one after the last acknowledged one may have been committed without being heard of.
  expect(kept.length - 1 - last).toBeLessThanOrEqual(1);
  expect(kept).toEqual(Array.from({ length: kept.length }, (_, n) => n));
  expect(kept.length).toBeGreaterThan(last);
}, 120_000);
