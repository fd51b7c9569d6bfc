/** Presets of two devices and the server between them. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import * as auth from '../../shared/api/auth.ts';
import * as presets from '../../shared/api/presets.ts';
import { neutralStyle, type Style } from '../../shared/style.ts';
import { styleFromDocument, styleToDocument } from '../../shared/style-document.ts';
import { createPresetSync, type PresetShelf } from '../../web/jobs/library/preset-sync.ts';
import { sha256 } from '../../web/jobs/sha256.ts';
import { STYLE_WITH_EVERYTHING } from '../support/styles.ts';
import { type ApiCaller, openApiCaller, PASSWORD } from './support/api-caller.ts';
import { openBrowser, turns } from './support/page-client.ts';

let caller: ApiCaller;
beforeAll(async () => {
  caller = await openApiCaller();
}, 120_000);
afterAll(() => caller.close());
beforeEach(() => {
  caller.nowMs += 60_000;
});

/** A library's presets in memory, with the rules of web/jobs/library/presets.ts: a sound is kept once, by what it holds. */
function aShelf() {
  const kept = new Map<string, { name: string; style: Style }>();
  const inBin = new Set<string>();
  const shelf: PresetShelf = {
    watchPresets(listener) {
      listener([...kept].filter(([id]) => !inBin.has(id)).map(([id, { name }]) => ({ id, name })));
      return () => undefined;
    },
    watchBin(listener) {
      listener([...inBin].map((id) => ({ id, name: kept.get(id)!.name, untilMs: Infinity })));
      return () => undefined;
    },
    preset: async (id) => kept.get(id)!,
    async savePreset({ name, style }) {
      const document = JSON.stringify(styleToDocument(style));
      const id = `preset-${await sha256(document)}`;
      kept.set(id, { name, style: styleFromDocument(JSON.parse(document)) });
      return id;
    },
    async rename({ id }, name) {
      kept.get(id)!.name = name;
    },
    async bin(entries) {
      for (const { id } of entries) inBin.add(id);
    },
  };
  return { shelf, kept, inBin, names: () => [...kept].filter(([id]) => !inBin.has(id)).map(([, { name }]) => name).sort() };
}

let people = 0;
async function twoDevices() {
  people += 1;
  const email = `sync-${people}@example.org`;
  caller.address = `203.0.113.${people}`;
  const device = async (isNew: boolean) => {
    const client = openBrowser(caller).tab();
    const { id } = await client.signIn(isNew ? auth.register : auth.login, { email, password: PASSWORD });
    const memory = new Map<string, string>();
    const here = aShelf();
    const sync = createPresetSync({
      client, shelf: here.shelf, userId: id, alone: turns(), nowMs: () => caller.nowMs, earlierName: (name) => `${name} (earlier)`,
      memory: { getItem: (name) => memory.get(name) ?? null, setItem: (name, value) => void memory.set(name, value) },
    });
    return { client, sync, memory, ...here };
  };
  return { laptop: await device(true), phone: await device(false) };
}

const sound = (gainDb: number): Style => {
  const style = neutralStyle('0'.repeat(64), 'B');
  style.modules.eq = { ...style.modules.eq, enabled: true, values: { bands: [{ type: 'peak', fHz: 1000, q: 1, gainDb }] }, intervals: { 'bands.0.gainDb': [gainDb - 1, gainDb + 1], 'bands.0.fHz': [900, 1100] } };
  return style;
};
const onServer = async ({ client }: { client: Awaited<ReturnType<typeof twoDevices>>['phone']['client'] }) => (await client.call(presets.listPresets)).presets;

test('what is on one device comes to the other, sound for sound', async () => {
  const { laptop, phone } = await twoDevices();
  await laptop.shelf.savePreset({ name: 'Everything', style: STYLE_WITH_EVERYTHING, from: null });
  await phone.shelf.savePreset({ name: 'Peak', style: sound(3), from: null });
  await laptop.sync.run();
  await phone.sync.run();
  await laptop.sync.run();
  expect([laptop.names(), phone.names()]).toEqual([['Everything', 'Peak'], ['Everything', 'Peak']]);
  const [there] = [...phone.kept.values()].filter(({ name }) => name === 'Everything');
  expect(there!.style).toEqual(styleFromDocument(JSON.parse(JSON.stringify(styleToDocument(STYLE_WITH_EVERYTHING)))));
});

test('bringing together again changes nothing', async () => {
  const { laptop, phone } = await twoDevices();
  await laptop.shelf.savePreset({ name: 'Once', style: sound(1), from: null });
  for (const device of [laptop, phone, laptop, phone]) await device.sync.run();
  expect((await onServer(phone)).map(({ version }) => version)).toEqual([1]);
  expect([laptop.kept.size, phone.kept.size]).toEqual([1, 1]);
});

test('the same sound on both devices is one preset', async () => {
  const { laptop, phone } = await twoDevices();
  await laptop.shelf.savePreset({ name: 'Mine', style: sound(2), from: null });
  await phone.shelf.savePreset({ name: 'Also mine', style: sound(2), from: null });
  await laptop.sync.run();
  await phone.sync.run();
  expect(await onServer(phone)).toHaveLength(1);
  expect(phone.names()).toEqual(['Mine']);
});

test('two sounds of one name are both kept, one with a number', async () => {
  const { laptop, phone } = await twoDevices();
  await laptop.shelf.savePreset({ name: 'Warm', style: sound(1), from: null });
  await phone.shelf.savePreset({ name: 'warm', style: sound(2), from: null });
  for (const device of [laptop, phone, laptop]) await device.sync.run();
  expect(laptop.names()).toEqual(['Warm', 'warm 2']);
  expect(phone.names()).toEqual(['Warm', 'warm 2']);
});

test('a new name travels, and of two new names the later one wins', async () => {
  const { laptop, phone } = await twoDevices();
  const id = await laptop.shelf.savePreset({ name: 'First', style: sound(1), from: null });
  for (const device of [laptop, phone]) await device.sync.run();
  await laptop.shelf.rename({ id, kind: 'preset' }, 'Of the laptop');
  await laptop.sync.noteChanges();
  caller.nowMs += 1000;
  await phone.shelf.rename({ id: [...phone.kept.keys()][0]!, kind: 'preset' }, 'Of the phone, later');
  await phone.sync.noteChanges();
  caller.nowMs += 1000;
  await phone.sync.run();
  await laptop.sync.run();
  expect(laptop.names()).toEqual(['Of the phone, later']);

  await phone.shelf.rename({ id: [...phone.kept.keys()][0]!, kind: 'preset' }, 'Of the phone, earlier');
  await phone.sync.noteChanges();
  caller.nowMs += 1000;
  await laptop.shelf.rename({ id, kind: 'preset' }, 'Of the laptop, later');
  await laptop.sync.noteChanges();
  await laptop.sync.run();
  await phone.sync.run();
  expect(phone.names()).toEqual(['Of the laptop, later']);
  expect((await onServer(phone)).map(({ name }) => name)).toEqual(['Of the laptop, later']);
});

test('a sound that was changed elsewhere comes, and what it was here stays under a name of its own', async () => {
  const { laptop, phone } = await twoDevices();
  await laptop.shelf.savePreset({ name: 'Bright', style: sound(1), from: null });
  await laptop.sync.run();
  const { id } = (await onServer(phone))[0]!;
  caller.nowMs += 1000;
  await phone.client.call(presets.updatePreset, { params: { id }, body: { style_params: JSON.parse(JSON.stringify(styleToDocument(sound(5)))) as never } });
  await laptop.sync.run();
  expect(laptop.names()).toEqual(['Bright', 'Bright (earlier)']);
  expect([...laptop.kept.values()].find(({ name }) => name === 'Bright')!.style.modules.eq.values.bands[0]!.gainDb).toBe(5);
});

test('a deletion travels, but not over a change that was made meanwhile', async () => {
  const { laptop, phone } = await twoDevices();
  const [gone, changed] = [await laptop.shelf.savePreset({ name: 'Gone', style: sound(1), from: null }), await laptop.shelf.savePreset({ name: 'Changed', style: sound(2), from: null })];
  for (const device of [laptop, phone]) await device.sync.run();
  const there = [...phone.kept].find(([, { name }]) => name === 'Changed')![0];
  await phone.shelf.rename({ id: there, kind: 'preset' }, 'Changed on the phone');
  await phone.sync.run();
  laptop.kept.delete(gone);
  laptop.kept.delete(changed);
  await laptop.sync.run();
  await phone.sync.run();
  expect([laptop.names(), phone.names()]).toEqual([['Changed on the phone'], ['Changed on the phone']]);
});

test('what lies in the bin waits', async () => {
  const { laptop } = await twoDevices();
  const id = await laptop.shelf.savePreset({ name: 'Perhaps', style: sound(1), from: null });
  await laptop.sync.run();
  laptop.inBin.add(id);
  await laptop.sync.run();
  expect(await onServer(laptop)).toHaveLength(1);
  laptop.inBin.delete(id);
  await laptop.sync.run();
  expect((await onServer(laptop)).map(({ version }) => version)).toEqual([1]);
});

test('a ledger that is lost doubles nothing', async () => {
  const { laptop } = await twoDevices();
  await laptop.shelf.savePreset({ name: 'Everything', style: STYLE_WITH_EVERYTHING, from: null });
  await laptop.shelf.savePreset({ name: 'Peak', style: sound(3), from: null });
  await laptop.sync.run();
  laptop.memory.clear();
  await laptop.sync.run();
  expect([await onServer(laptop), laptop.names()]).toMatchObject([{ length: 2 }, ['Everything', 'Peak']]);
});

test('a preset that is to be shared is stored on the server first', async () => {
  const { laptop } = await twoDevices();
  const local = await laptop.shelf.savePreset({ name: 'To share', style: sound(4), from: null });
  const id = await laptop.sync.remoteId(local);
  expect((await laptop.client.call(presets.getPreset, { params: { id } })).name).toBe('To share');
  await expect(laptop.sync.remoteId('preset-none')).rejects.toMatchObject({ code: 'storage/missing' });
});
