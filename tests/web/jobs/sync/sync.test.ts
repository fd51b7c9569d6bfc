import { afterEach, describe, expect, test, vi } from 'vitest';
import { AppError } from '../../../../shared/errors.ts';
import { neutralStyle } from '../../../../shared/style.ts';
import type { ItemState, SyncState } from '../../../../web/jobs/sync/contract.ts';
import { type Storage, TABLES } from '../../../../web/storage/contract.ts';
import { memoryStorage } from '../../../../web/storage/memory/memory-storage.ts';
import { type FakeBackupServer, fakeBackupServer } from '../../support/fake-backup-server.ts';
import { musicFile, pretendedFlac, rejection } from '../workplace.ts';
import { allStored, type Device, device, stopDevices } from './device.ts';

const PASSPHRASE = 'seven small boats in fog';
afterEach(stopDevices);

const item = (state: SyncState, id: string): ItemState | undefined => state.items.get(id);

/** Recording, compressed recording and a result of them, in a vault that backs up everything. */
async function filled(server: FakeBackupServer): Promise<Device & { readonly resultId: string; readonly recordingId: string }> {
  const one = device(server);
  const { id: recordingId } = await one.service.addRecording(await musicFile(1, 1, 'Grandmother sings.wav'));
  await one.service.addRecording(pretendedFlac(new Float32Array(50_000).fill(0.1), 'Compressed.flac'));
  const job = await one.service.renderAgain(recordingId, neutralStyle('engine', 'B'), { referenceId: null });
  await vi.waitFor(async () => expect((await one.storage.documents.get('jobs', job.id))?.state).toBe('COMPLETED'), 20_000);
  await one.service.library.tag(recordingId, ['kitchen']);
  await one.sync.createVault(PASSPHRASE);
  await one.sync.setSettings({ mode: 'all' });
  return Object.assign(one, { resultId: job.id, recordingId });
}

const bytesOf = async (storage: Storage, folder: 'recordings' | 'results', id: string): Promise<string> => Buffer.from(await (await storage.bytes.blob({ folder, id })).arrayBuffer()).toString('base64');

describe('a backup', () => {
  test('is off until it is asked for, then holds everything, of which the server can read nothing', async () => {
    const server = fakeBackupServer(() => Date.now());
    const one = device(server);
    await one.service.addRecording(await musicFile(1, 1, 'Grandmother sings.wav'));
    expect((await one.until(({ vault }) => vault.status === 'none')).pause).toBe('no-vault');
    await one.sync.createVault(PASSPHRASE);
    await one.until(({ vault, items }) => vault.status === 'unlocked' && items.size === 0);
    expect(server.blobs.size).toBe(0);
    await one.sync.setSettings({ mode: 'all' });
    await one.until(allStored(1));
    const all = [JSON.stringify(server.vault), ...server.received, ...[...server.blobs.values()].map(({ bytes, info }) => JSON.stringify(info) + Buffer.from(bytes).toString('latin1'))].join('\n');
    for (const secret of ['Grandmother', 'sings', 'RIFF', 'WAVE', 'kitchen', 'integratedLufs', PASSPHRASE]) expect(all).not.toContain(secret);
    const wav = Buffer.from(await (await musicFile(1, 1)).arrayBuffer());
    for (let at = 44; at < wav.length - 16; at += 997) expect(all).not.toContain(wav.subarray(at, at + 16).toString('latin1'));
  });

  test('is brought back on another device, byte for byte, with names, tags, measurements and the result in the studio', async () => {
    const server = fakeBackupServer(() => Date.now());
    const one = await filled(server);
    await one.until(allStored(3));
    const other = device(server);
    await other.until(({ vault }) => vault.status === 'locked');
    expect(await rejection(other.sync.remote())).toBe('vault/locked');
    expect(await rejection(other.sync.unlock('not the passphrase'))).toBe('vault/wrong-passphrase');
    await other.sync.unlock(PASSPHRASE);
    const entries = await other.sync.remote();
    expect(entries.map(({ kind, name, isHere, canPlay }) => [kind, name, isHere, canPlay]).sort()).toEqual([['recording', 'Compressed', false, false], ['recording', 'Grandmother sings', false, true], ['result', null, false, true]]);

    const pcm = await other.sync.remotePcm(one.resultId);
    const [left] = await pcm.read(1000, 100);
    const [wanted] = await (await one.service.pcm(one.resultId)).read(1000, 100);
    expect(left).toEqual(wanted);
    expect(await rejection(other.sync.remotePcm(entries.find(({ name }) => name === 'Compressed')!.id))).toBe('audio/unsupported');

    for (const { id } of entries) await other.sync.download(id);
    expect((await other.sync.remote()).every(({ isHere }) => isHere)).toBe(true);
    for (const [folder, id] of [['recordings', one.recordingId], ['results', one.resultId]] as const) expect(await bytesOf(other.storage, folder, id)).toBe(await bytesOf(one.storage, folder, id));
    for (const table of ['results', 'features', 'labels', 'jobs'] as const) expect(await other.storage.documents.list(table)).toEqual(await one.storage.documents.list(table));
    const [library] = await new Promise<{ name: string | null; tags: readonly string[] }[][]>((resolve) => other.service.library.watch((list) => resolve([list as never])));
    expect(library!.find(({ name }) => name === 'Grandmother sings')!.tags).toEqual(['kitchen']);
    // What came from there is there: nothing is sent again.
    const before = server.blobs.size;
    await other.sync.setSettings({ mode: 'all' });
    await other.until(allStored(3));
    expect(server.blobs.size).toBe(before);
  });

  test('sends a name that changed, and leaves no earlier one behind', async () => {
    const server = fakeBackupServer(() => Date.now());
    const one = await filled(server);
    await one.until(allStored(3));
    const before = new Set(server.blobs.keys());
    await one.service.library.rename({ id: one.recordingId, kind: 'recording' }, 'Second verse');
    await vi.waitFor(() => expect([...server.blobs.keys()].filter((id) => !before.has(id))).toHaveLength(1), 10_000);
    await vi.waitFor(() => expect(server.blobs.size).toBe(before.size), 10_000);
    expect((await one.sync.remote()).map(({ name }) => name)).toContain('Second verse');
  });

  test('keeps what is deleted here, and loses what is taken out of it', async () => {
    const server = fakeBackupServer(() => Date.now());
    const one = await filled(server);
    await one.until(allStored(3));
    await one.service.removeRecording(one.recordingId);
    expect((await one.sync.remote()).find(({ id }) => id === one.recordingId)).toMatchObject({ isHere: false });
    await one.sync.forget([one.resultId]);
    expect((await one.sync.remote()).map(({ kind }) => kind)).toEqual(['recording', 'recording']);
    expect(server.blobs.size).toBe(4);
    const state = await one.until(({ items }) => items.size === 1);
    expect(item(state, one.resultId)).toBeUndefined();
  });

  test('asks for one of what is stored already, whoever sent it', async () => {
    const server = fakeBackupServer(() => Date.now());
    const one = await filled(server);
    await one.until(allStored(3));
    const files = (): number => [...server.blobs.values()].filter(({ info }) => info.kind === 'recording').length;
    const before = files();
    const other = device(server);
    await other.until(({ vault }) => vault.status === 'locked');
    await other.sync.unlock(PASSPHRASE);
    await other.service.addRecording(await musicFile(1, 1, 'Another name.wav'));
    await other.sync.setSettings({ mode: 'all' });
    await other.until(allStored(1));
    expect(files()).toBe(before);
  });

  test('notices what another device took out, and puts it back', async () => {
    const server = fakeBackupServer(() => Date.now());
    const one = await filled(server);
    await one.until(allStored(3));
    server.blobs.clear();
    one.network.set({ online: false });
    await one.until(({ pause }) => pause === 'offline');
    one.network.set({ online: true });
    await vi.waitFor(() => expect(server.blobs.size).toBe(6), 10_000);
  });
});

describe('sending', () => {
  test('waits for a network, and for one that is not paid by size, unless told otherwise', async () => {
    const server = fakeBackupServer(() => Date.now());
    const one = device(server);
    const { id } = await one.service.addRecording(await musicFile(1, 1));
    await one.sync.createVault(PASSPHRASE);
    one.network.set({ online: false, metered: true });
    await one.sync.choose([id], true);
    expect(item(await one.until(({ pause, items }) => pause === 'offline' && items.size === 1), id)).toEqual({ status: 'queued' });
    one.network.set({ online: true });
    expect(item(await one.until(({ pause }) => pause === 'metered'), id)).toEqual({ status: 'queued' });
    expect(server.blobs.size).toBe(0);
    await one.sync.setSettings({ metered: true });
    await one.until(allStored(1));
  });

  test('goes on while the vault is locked', async () => {
    const server = fakeBackupServer(() => Date.now());
    const one = device(server);
    await one.sync.createVault(PASSPHRASE);
    one.sync.lock();
    await one.sync.setSettings({ mode: 'all' });
    await one.service.addRecording(await musicFile(1, 1));
    const state = await one.until(allStored(1));
    expect(state.vault.status).toBe('locked');
    expect(await rejection(one.sync.remote())).toBe('vault/locked');
  });

  test('says why something cannot be sent, and tries again when asked', async () => {
    const server = fakeBackupServer(() => Date.now());
    const one = device(server);
    const { id } = await one.service.addRecording(await musicFile(1, 1));
    await one.sync.createVault(PASSPHRASE);
    server.onRequest = (what) => {
      if (what === 'POST /uploads') throw new AppError('upload/quota', { used: 10, quota: 10 });
    };
    await one.sync.choose([id], true);
    expect(item(await one.until(({ items }) => items.get(id)?.status === 'failed'), id)).toMatchObject({ error: { code: 'upload/quota', args: { used: 10 } } });
    server.onRequest = () => undefined;
    await one.sync.retry(id);
    await one.until(allStored(1));
  });

  test('is stopped by whoever changes their mind', async () => {
    const server = fakeBackupServer(() => Date.now());
    const one = device(server);
    const { id } = await one.service.addRecording(await musicFile(2, 1));
    await one.sync.createVault(PASSPHRASE);
    let release: () => void = () => undefined;
    let pieces = 0;
    server.onDone = (what) => {
      if (what === 'PATCH /uploads' && (pieces += 1) === 2) void one.sync.choose([id], false).then(() => release());
    };
    const stopped = new Promise<void>((resolve) => (release = resolve));
    await one.sync.choose([id], true);
    await stopped;
    await one.until(({ items }) => items.size === 0);
    await vi.waitFor(async () => expect((await one.storage.documents.get('uploads', `file recordings/${id}`))?.state.status).toBe('waiting'), 5000);
    expect(server.blobs.size).toBe(0);
  });

  test('of another account on the same device begins anew', async () => {
    const server = fakeBackupServer(() => Date.now());
    const storage = memoryStorage();
    const ann = device(server, { storage });
    await ann.service.addRecording(await musicFile(1, 1));
    await ann.sync.createVault(PASSPHRASE);
    await ann.sync.setSettings({ mode: 'all' });
    await ann.until(allStored(1));
    await ann.service.stop();
    const others = fakeBackupServer(() => Date.now());
    const ben = device(others, { storage, accountId: 'ben' });
    const state = await ben.until(({ vault }) => vault.status === 'none');
    expect([state.pause, [...state.items.values()].map(({ status }) => status)]).toEqual(['no-vault', ['queued']]);
  });
});

/** Writes of a device that is killed at the n-th of its writes and requests: nothing of it happens from then on. */
function mortal(storage: Storage, count: () => void): Storage {
  const { documents, bytes } = storage;
  return {
    bytes,
    documents: {
      ...documents,
      async update(table, id, change) {
        count();
        return documents.update(table, id, change);
      },
      async put(table, document) {
        count();
        await documents.put(table, document);
      },
      async remove(table, id) {
        count();
        await documents.remove(table, id);
      },
    },
  };
}

/** All that is in one, in a new one. */
async function copyOf({ documents, bytes }: Storage): Promise<Storage> {
  const copy = memoryStorage();
  for (const table of TABLES) for (const document of await documents.list(table)) await copy.documents.put(table, document as never);
  for (const { folder, id } of await bytes.list()) {
    const writer = await copy.bytes.writer({ folder, id });
    await writer.write(new Uint8Array(await (await bytes.blob({ folder, id })).arrayBuffer()));
  }
  return copy;
}

test('a device killed before or after any write or request loses nothing, doubles nothing and uses no key twice', async () => {
  const file = pretendedFlac(Float32Array.from({ length: 20_000 }, (_, i) => Math.sin(i / 9) / 2), 'a.flac');
  const prepared = memoryStorage();
  const preparing = fakeBackupServer(() => Date.now());
  const maker = device(preparing, { storage: prepared });
  const { id } = await maker.service.addRecording(file);
  await vi.waitFor(async () => expect(await prepared.documents.ids('features')).toHaveLength(1), 10_000);
  await maker.sync.createVault(PASSPHRASE);
  await maker.service.stop();
  const { vault } = preparing;

  let deaths = 0;
  for (let dieAt = 1, finished = false; !finished; dieAt += 1) {
    const server = fakeBackupServer(() => Date.now());
    server.vault = vault;
    const storage = await copyOf(prepared);
    let steps = 0;
    let isDead = false;
    const step = (): void => {
      if (!isDead && (steps += 1) === dieAt) isDead = true;
      if (isDead) throw new AppError('storage/failed');
    };
    const doomed = device(server, { storage: mortal(storage, step) });
    // Half of them die after the server has done it and before they hear of it.
    server[dieAt % 2 === 0 ? 'onRequest' : 'onDone'] = step;
    await doomed.sync.setSettings({ mode: 'all' }).catch(() => undefined);
    const ended = doomed.until(allStored(1)).then(() => true, () => false);
    const died = vi.waitUntil(() => isDead, { timeout: 20_000, interval: 2 }).then(() => false, () => false);
    finished = (await Promise.race([ended, died])) && !isDead;
    deaths += finished ? 0 : 1;
    doomed.die();
    await doomed.service.stop();
    server.onRequest = () => undefined;
    server.onDone = () => undefined;

    const next = device(server, { storage });
    await next.sync.setSettings({ mode: 'all' });
    await next.until(allStored(1));
    await next.sync.unlock(PASSPHRASE);
    const kinds = [...server.blobs.values()].map(({ info }) => info.kind).sort();
    // A deletion that was lost may leave an earlier state of the facts; never a second copy of the file, never none.
    expect([dieAt, kinds.filter((kind) => kind === 'recording')]).toEqual([dieAt, ['recording']]);
    expect(kinds.filter((kind) => kind === 'features').length).toBeGreaterThan(0);
    await next.sync.remote();
    await next.service.stop();
    await storage.documents.remove('recordings', id);
    await storage.bytes.remove({ folder: 'recordings', id });
    const emptied = device(server, { storage });
    await emptied.until(({ vault: { status } }) => status === 'locked');
    await emptied.sync.unlock(PASSPHRASE);
    await emptied.sync.remote();
    await emptied.sync.download(id);
    expect(await bytesOf(storage, 'recordings', id)).toBe(Buffer.from(await file.arrayBuffer()).toString('base64'));
    await stopDevices();
  }
  expect(deaths).toBeGreaterThan(15);
}, 120_000);
