import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backUp } from '../../../server/backup/backup.ts';
import { runCommand } from '../../../server/backup/command.ts';
import { checkBackup, restore } from '../../../server/backup/restore.ts';
import { headerOf, readHeader } from '../../../server/backup/tar.ts';
import { openDatabase } from '../../../server/database/open-database.ts';
import { users } from '../../../server/database/schema.ts';
import { newId } from '../../../server/ids.ts';
import { emptyDatabaseFolder } from '../../support/database.ts';
import { noiseBytes } from '../../support/noise-bytes.ts';
import { download, signUp, uploadThroughFaults } from '../../support/upload-faults.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const FOLDER = mkdtempSync(join(tmpdir(), 'tonetwin-backup-'));
const NOW_MS = Date.parse('2026-03-01T12:00:00Z');
const KEEP = { isReplacing: false, nowMs: NOW_MS };
const BLOB = '01890000-0000-7000-8000-000000000001';
const place = (name: string): string => join(FOLDER, name);
/** Of one that was made with a person and a file in it. */
const [DATA, BACKUP] = [place('data'), place('backup.tar')];

const detailOf = (work: Promise<unknown>): Promise<unknown> => work.then(() => null, (thrown: { code: string; message: string }) => [thrown.code, thrown.message]);

/** Digest of every file and the name of every folder, by its path. */
function treeOf(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => !path.endsWith('tonetwin.lock')).sort();
  return Object.fromEntries(paths.map((path) => [path, statSync(join(folder, path)).isDirectory() ? 'folder' : createHash('sha256').update(readFileSync(join(folder, path))).digest('hex')]));
}

async function peopleIn(folder: string): Promise<string[]> {
  const database = await openDatabase({ kind: 'folder', folder: join(folder, 'database') });
  try {
    return (await database.queries.select({ email: users.email }).from(users)).map(({ email }) => email);
  } finally {
    await database.close();
  }
}

beforeAll(async () => {
  mkdirSync(join(DATA, 'blobs'), { recursive: true });
  renameSync(await emptyDatabaseFolder(), join(DATA, 'database'));
  writeFileSync(join(DATA, 'blobs', BLOB), noiseBytes(3_000_001, 1));
  writeFileSync(join(DATA, 'blobs', `${BLOB.slice(0, -1)}2`), '');
  const database = await openDatabase({ kind: 'folder', folder: join(DATA, 'database') });
  await database.queries.insert(users).values({ id: newId(NOW_MS), email: 'ann@example.org', createdAt: new Date(NOW_MS) });
  expect(await detailOf(backUp(DATA, BACKUP))).toMatchObject(['server/data-in-use', expect.stringContaining(`(process ${process.pid})`)]);
  expect(await detailOf(restore(DATA, BACKUP, { ...KEEP, isReplacing: true }))).toMatchObject(['server/data-in-use', expect.anything()]);
  expect(existsSync(BACKUP)).toBe(false);
  await database.close();
  await backUp(DATA, BACKUP);
}, 120_000);
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

describe('a backup', () => {
  test('comes back as it was, file for file, and its database opens', async () => {
    const { files, aside } = await restore(place('back'), BACKUP, KEEP);
    expect(aside).toBeNull();
    expect(treeOf(place('back'))).toEqual(treeOf(DATA));
    expect(files).toBe(Object.values(treeOf(DATA)).filter((sum) => sum !== 'folder').length);
    expect(await peopleIn(place('back'))).toEqual(['ann@example.org']);
  });

  test('is for its owner only, and can be read and checked by tar alone', () => {
    expect(statSync(BACKUP).mode & 0o777).toBe(0o600);
    mkdirSync(place('by-tar'));
    expect(spawnSync('tar', ['-xf', BACKUP, '-C', place('by-tar')], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    const { SHA256SUMS: _sums, ...found } = treeOf(place('by-tar'));
    expect(found).toEqual(treeOf(DATA));
    const sums = readFileSync(place('by-tar/SHA256SUMS'), 'utf8').trim().split('\n').map((line) => line.split('  ').reverse());
    expect(Object.fromEntries(sums)).toEqual(Object.fromEntries(Object.entries(found).filter(([, sum]) => sum !== 'folder')));
  });

  test('that is cut off anywhere is refused, and nothing of it is left', async () => {
    const whole = readFileSync(BACKUP);
    const sumsAt = whole.lastIndexOf('SHA256SUMS\0');
    for (const length of [0, 100, 700, whole.length >> 1, sumsAt, sumsAt + 600]) {
      writeFileSync(place('cut.tar'), whole);
      truncateSync(place('cut.tar'), length);
      expect([length, await detailOf(restore(place('never'), place('cut.tar'), KEEP))]).toEqual([length, ['cli/file', expect.stringContaining('no whole backup (it is cut off)')]]);
      expect(Object.keys(treeOf(place('never')))).toEqual(['database']);
    }
  });

  test('that was changed in one bit is refused, wherever it counts', async () => {
    const whole = readFileSync(BACKUP);
    const places = noiseBytes(4 * 12, 2);
    for (let n = 0; n < 12; n += 1) {
      const at = places.readUInt32LE(4 * n) % whole.length;
      const changed = Buffer.from(whole);
      changed[at]! ^= 1 << (n % 8);
      writeFileSync(place('changed.tar'), changed);
      const found = await checkBackup(place('changed.tar')).then(() => 'whole', () => 'refused');
      // Between a file's end and the next block, and behind the sums, there is nothing to change.
      const isFiller = whole[at] === 0 && found === 'whole';
      expect([at, found === 'refused' || isFiller]).toEqual([at, true]);
      if (isFiller) {
        await restore(place(`filler-${n}`), place('changed.tar'), KEEP);
        expect(treeOf(place(`filler-${n}`))).toEqual(treeOf(DATA));
      }
    }
  }, 120_000);

  test('that leads out of its folder, or is none, is refused', async () => {
    for (const name of ['../outside', '/outside', 'database/../../outside', 'C:outside', 'blobs\\outside', 'database//x']) {
      writeFileSync(place('wrong.tar'), Buffer.concat([headerOf({ name, kind: 'file', size: 0, modifiedSeconds: 0 })!, Buffer.alloc(1024)]));
      expect(await detailOf(restore(place('never'), place('wrong.tar'), KEEP))).toMatchObject(['cli/file', expect.stringContaining('no whole backup')]);
      expect(existsSync(place('outside'))).toBe(false);
    }
    writeFileSync(place('wrong.tar'), noiseBytes(4096, 3));
    expect(await detailOf(restore(place('never'), place('wrong.tar'), KEEP))).toMatchObject(['cli/file', expect.stringContaining('it is no tar archive')]);
    expect(await detailOf(restore(place('never'), place('missing.tar'), KEEP))).toMatchObject(['cli/file', expect.stringContaining('missing.tar')]);
  });

  test('does not go over another, nor into the folder it is of', async () => {
    expect(await detailOf(backUp(DATA, BACKUP))).toMatchObject(['cli/file', expect.stringContaining('there is one of this name already')]);
    expect(await detailOf(backUp(DATA, join(DATA, 'backup.tar')))).toMatchObject(['cli/file', expect.anything()]);
    expect(await detailOf(backUp(place('nothing'), place('x.tar')))).toMatchObject(['cli/usage', expect.stringContaining('nothing to back up')]);
  });
});

describe('a folder that is not empty', () => {
  test('stays as it is, or is put aside when that is asked for', async () => {
    await restore(place('used'), BACKUP, KEEP);
    writeFileSync(place('used/blobs/newer'), 'newer');
    const before = treeOf(place('used'));
    expect(await detailOf(restore(place('used'), BACKUP, KEEP))).toMatchObject(['cli/usage', expect.stringContaining('is not empty')]);
    expect(treeOf(place('used'))).toEqual(before);
    // One that is not whole replaces nothing.
    writeFileSync(place('cut.tar'), readFileSync(BACKUP).subarray(0, 1_000_000));
    expect(await detailOf(restore(place('used'), place('cut.tar'), { ...KEEP, isReplacing: true }))).toMatchObject(['cli/file', expect.anything()]);
    expect(treeOf(place('used'))).toEqual(before);
    const { aside } = await restore(place('used'), BACKUP, { ...KEEP, isReplacing: true });
    expect(aside).toBe(place('used/.before-20260301T120000Z'));
    expect(treeOf(aside!)).toEqual(before);
    rmSync(aside!, { recursive: true });
    expect(treeOf(place('used'))).toEqual(treeOf(DATA));
  });
});

test('sizes of 8 GiB and more, and long names, are read as they were written; a name that is too long is none', () => {
  for (const size of [0, 8 ** 11 - 1, 8 ** 11, 4e13]) {
    const entry = { name: `${'folder/'.repeat(20)}file`, kind: 'file', size, modifiedSeconds: 1_772_366_400 } as const;
    expect(readHeader(headerOf(entry)!)).toEqual(entry);
  }
  expect(headerOf({ name: 'x'.repeat(101), kind: 'file', size: 0, modifiedSeconds: 0 })).toBeNull();
});

describe('the commands', () => {
  async function run(given: readonly string[], environment: Readonly<Record<string, string>>): Promise<[status: number, said: string]> {
    const lines: string[] = [];
    const status = await runCommand(given, { environment, folder: FOLDER, nowMs: () => NOW_MS, say: (line) => lines.push(line), complain: (line) => lines.push(line) });
    return [status, lines.join('\n')];
  }

  test('say what they did, and how they are used', async () => {
    expect(await run(['restore', '--check', 'backup.tar'], {})).toEqual([0, expect.stringMatching(/^Whole: .*backup\.tar \(\d+ files, \d+\.\d MB\)\.$/)]);
    expect(await run(['backup', 'again.tar'], { DATA_DIR: DATA })).toEqual([0, expect.stringContaining(`Backed up ${DATA}`)]);
    expect(await run(['restore', 'again.tar'], { DATA_DIR: place('again') })).toEqual([0, expect.stringContaining(`to ${place('again')}`)]);
    expect(await run(['restore', '--replace', 'again.tar'], { DATA_DIR: place('again') })).toEqual([0, expect.stringContaining('What was there before is in')]);
    for (const wrong of [['backup'], ['backup', 'a', 'b'], ['backup', '--replace', 'a'], ['restore', '--force', 'a'], ['restore']]) expect(await run(wrong, {})).toEqual([1, expect.stringContaining('Usage: npm run backup -- FILE')]);
  });

  test('leave a PostgreSQL server and a bucket to their own tools, and say which', async () => {
    const s3 = { S3_ENDPOINT: 'https://s3.example.org', S3_BUCKET: 'our-bucket', S3_REGION: 'eu-1', S3_ACCESS_KEY: 'key', S3_SECRET_KEY: 'secret' };
    const [status, said] = await run(['backup', 'x.tar'], { DATABASE_URL: 'postgres://a:hidden@db/tonetwin', ...s3 });
    expect([status, said]).toEqual([1, expect.stringMatching(/pg_dump .* pg_restore .*our-bucket/)]);
    expect(said).not.toContain('hidden');
    expect(await run(['backup', 'with-bucket.tar'], { DATA_DIR: DATA, ...s3 })).toEqual([0, expect.stringContaining('in the bucket our-bucket, which has its own tools')]);
  });
});

test('a server that was killed is backed up and restored elsewhere: its account signs in, its file is there byte for byte', async () => {
  const [data, elsewhere, page] = [place('served'), place('elsewhere'), place('page')];
  for (const folder of [data, page]) mkdirSync(folder);
  writeFileSync(join(page, 'index.html'), '<title>A page</title>');
  renameSync(await emptyDatabaseFolder(), join(data, 'database'));
  const listening = createServer().listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const { port } = listening.address() as AddressInfo;
  await once(listening.close(), 'close');
  const url = `http://127.0.0.1:${port}`;
  const { DATABASE_URL: _server, ...rest } = process.env;
  const environment = (dataDir: string) => ({ ...rest, PORT: String(port), DATA_DIR: dataDir, ACCOUNTS: 'on' });
  async function serving<T>(dataDir: string, work: () => Promise<T>): Promise<T> {
    const server = spawn(process.execPath, ['--import', 'tsx', 'server/main.ts', page], { cwd: ROOT, env: environment(dataDir), stdio: 'ignore' });
    try {
      await expect.poll(() => fetch(`${url}/api/storage`).then(({ status }) => status, () => 0), { timeout: 60_000 }).toBe(401);
      return await work();
    } finally {
      const ended = once(server, 'exit');
      server.kill('SIGKILL');
      await ended;
    }
  }
  const script = (dataDir: string, ...args: string[]) => spawnSync(process.execPath, ['server/backup/start.mjs', ...args], { cwd: ROOT, env: { ...environment(dataDir), INIT_CWD: FOLDER }, encoding: 'utf8' });
  const bytes = noiseBytes(1_500_000, 4);
  const kept = await serving(data, async () => {
    const who = await signUp(url, 'ann@example.org');
    const { id } = await uploadThroughFaults({ url, bytes, faults: [], restart: () => Promise.resolve() }, who);
    expect(script(data, 'backup', 'served.tar')).toMatchObject({ status: 1, stderr: expect.stringContaining('Another Tonetwin') });
    return { who, id };
  });
  expect(script(data, 'backup', 'served.tar')).toMatchObject({ status: 0, stderr: '' });
  expect(script(elsewhere, 'restore', 'served.tar')).toMatchObject({ status: 0, stderr: '' });
  await serving(elsewhere, async () => expect((await download(url, kept.who, kept.id)).equals(bytes)).toBe(true));
}, 240_000);
