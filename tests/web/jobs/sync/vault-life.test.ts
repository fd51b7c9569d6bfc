import { afterEach, expect, test, vi } from 'vitest';
import { AppError } from '../../../../shared/errors.ts';
import { memoryStorage } from '../../../../web/storage/memory/memory-storage.ts';
import { generationOf } from '../../../../web/vault/item-seal.ts';
import { newCode } from '../../../../web/vault/recovery-code.ts';
import { type FakeBackupServer, fakeBackupServer } from '../../support/fake-backup-server.ts';
import { musicFile, rejection } from '../workplace.ts';
import { allStored, type Device, device, stopDevices } from './device.ts';

const PASSPHRASE = 'seven small boats in fog';
const never = new AbortController().signal;
afterEach(stopDevices);

async function backedUp(server: FakeBackupServer): Promise<Device & { readonly code: string; readonly id: string }> {
  const one = device(server);
  const { id } = await one.service.addRecording(await musicFile(1, 1, 'Choir.wav'));
  const code = await one.sync.createVault(PASSPHRASE);
  await one.sync.setSettings({ mode: 'all' });
  await one.until(allStored(1));
  return Object.assign(one, { code, id });
}

async function another(server: FakeBackupServer): Promise<Device> {
  const other = device(server);
  await other.until(({ vault }) => vault.status === 'locked');
  return other;
}
const names = async ({ sync }: Device): Promise<(string | null)[]> => (await sync.remote()).map(({ name }) => name);

test('a forgotten passphrase is replaced by the recovery code, which is replaced too', async () => {
  const server = fakeBackupServer(() => Date.now());
  const { code } = await backedUp(server);
  const other = await another(server);
  expect(await rejection(other.sync.recover(newCode('recovery'), 'a new one entirely'))).toBe('vault/wrong-code');
  expect(await rejection(other.sync.recover(code.slice(0, -1), 'a new one entirely'))).toBe('vault/code-typo');
  const next = await other.sync.recover(code, 'a new one entirely');
  expect(await names(other)).toEqual(['Choir']);
  const third = await another(server);
  expect(await rejection(third.sync.unlock(PASSPHRASE))).toBe('vault/wrong-passphrase');
  expect(await rejection(third.sync.recover(code, 'and another one'))).toBe('vault/wrong-code');
  await third.sync.unlock('a new one entirely');
  expect(next).not.toBe(code);
});

test('a passphrase is changed by whoever knows it, and nothing is encrypted again', async () => {
  const server = fakeBackupServer(() => Date.now());
  const one = await backedUp(server);
  const before = JSON.stringify([...server.blobs.values()].map(({ info }) => info));
  expect(await rejection(one.sync.changePassphrase('not it', 'the next one'))).toBe('vault/wrong-passphrase');
  await one.sync.changePassphrase(PASSPHRASE, 'the next one');
  expect(JSON.stringify([...server.blobs.values()].map(({ info }) => info))).toBe(before);
  const other = await another(server);
  await other.sync.unlock('the next one');
  expect(await names(other)).toEqual(['Choir']);
});

test('a vault key is exchanged: file keys are sealed anew, other devices ask again, a cut-off exchange is finished', async () => {
  const server = fakeBackupServer(() => Date.now());
  const one = await backedUp(server);
  const other = await another(server);
  await other.sync.unlock(PASSPHRASE);
  let changes = 0;
  server.onRequest = (what) => {
    if (what === 'patch /blobs/{id}' && (changes += 1) > 1) throw new AppError('network/unavailable');
  };
  const bytes = [...server.blobs.values()].map((blob) => blob.bytes);
  const code = await one.sync.rotate(PASSPHRASE);
  expect(code).not.toBe(one.code);
  expect([...server.blobs.values()].map(({ info }) => generationOf(info.sealed!)).sort()).toEqual([1, 2]);
  server.onRequest = () => undefined;
  // Both are read all the while.
  expect(await names(one)).toEqual(['Choir']);
  // What the other device still has open is the key of before; it may go on sending nothing until it is unlocked.
  await other.sync.setSettings({ mode: 'all' });
  expect(await rejection(other.sync.unlock('wrong'))).toBe('vault/wrong-passphrase');
  expect((await other.until(({ vault }) => vault.status === 'locked')).pause).toBe('locked');
  await other.sync.unlock(PASSPHRASE);
  await vi.waitFor(() => expect([...server.blobs.values()].map(({ info }) => generationOf(info.sealed!))).toEqual([2, 2]), 5000);
  expect([...server.blobs.values()].map((blob) => blob.bytes)).toEqual(bytes);
  expect(await names(other)).toEqual(['Choir']);
  const third = await another(server);
  expect(await rejection(third.sync.recover(one.code, 'whatever it is'))).toBe('vault/wrong-code');
});

test('a new device gets the key by a code that is shown on another, once the person has agreed', async () => {
  const server = fakeBackupServer(() => Date.now());
  const one = await backedUp(server);
  const other = await another(server);
  const pairing = await one.sync.startPairing();
  const joining = other.sync.joinByCode(pairing.code.toLowerCase(), never);
  expect(await pairing.answered(never)).toBe('Test');
  expect((await other.until(() => true)).vault.status).toBe('locked');
  await pairing.confirm();
  await joining;
  expect(await names(other)).toEqual(['Choir']);
  expect(await rejection(other.sync.joinByCode(newCode('pairing'), never))).toBe('server/not-found');
  one.sync.lock();
  expect(await rejection(one.sync.startPairing())).toBe('vault/locked');
});

test('a vault that is destroyed takes its backup with it, also when the device dies in between, and leaves what is here', async () => {
  const server = fakeBackupServer(() => Date.now());
  const storage = memoryStorage();
  const one = device(server, { storage });
  const { id } = await one.service.addRecording(await musicFile(1, 1));
  await one.sync.createVault(PASSPHRASE);
  await one.sync.setSettings({ mode: 'all' });
  await one.until(allStored(1));
  server.onRequest = (what) => {
    if (what === 'delete /blobs/{id}') throw new AppError('network/unavailable');
  };
  expect(await rejection(one.sync.destroyVault())).toBe('network/unavailable');
  expect([server.vault, server.blobs.size]).toEqual([null, 2]);
  await one.service.stop();
  server.onRequest = () => undefined;
  const next = device(server, { storage });
  const state = await next.until(({ vault }) => vault.status === 'none');
  expect(server.blobs.size).toBe(0);
  expect(state.items.get(id)).toEqual({ status: 'queued' });
  expect(await next.storage.documents.get('recordings', id)).toBeDefined();
});

test('a vault destroyed on another device is known to be gone', async () => {
  const server = fakeBackupServer(() => Date.now());
  const one = await backedUp(server);
  const other = await another(server);
  await other.sync.unlock(PASSPHRASE);
  await other.sync.destroyVault();
  expect(await rejection(one.sync.unlock(PASSPHRASE))).toBe('server/not-found');
  expect((await one.until(({ vault }) => vault.status === 'none')).items.get(one.id)).toEqual({ status: 'queued' });
});
