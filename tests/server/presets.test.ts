import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { neutralStyle } from '../../shared/style.ts';
import { styleFromDocument, styleToDocument } from '../../shared/style-document.ts';
import { styleWith } from '../support/rendering.ts';
import { type ApiCaller, openApiCaller, type Somebody } from './support/api-caller.ts';

let caller: ApiCaller;
beforeAll(async () => {
  caller = await openApiCaller();
}, 120_000);
afterAll(() => caller.close());

/** As it travels: through JSON. */
const documentOf = (gainDb: number) => JSON.parse(JSON.stringify(styleToDocument(styleWith({ eq: { bands: [{ type: 'peak', fHz: 1000, q: 1, gainDb }] } })))) as Record<string, unknown>;

async function aPreset(somebody: Somebody, name: string, gainDb = 3): Promise<{ id: string; version: number }> {
  const { status, json } = await somebody.call('POST', '/presets', { name, style_params: documentOf(gainDb) });
  expect(status).toBe(201);
  return json as { id: string; version: number };
}

describe('a preset', () => {
  test('comes back as it was stored', async () => {
    const ann = await caller.somebody();
    const { id } = await aPreset(ann, 'Warm');
    const { json } = await ann.call('GET', `/presets/${id}`);
    expect(json).toMatchObject({ id, name: 'Warm', public: false, version: 1, copied_from: null });
    expect(styleFromDocument(json['style_params'])).toEqual(styleFromDocument(documentOf(3)));
  });

  test('has a name of its own in its workspace, whatever the case', async () => {
    const [ann, ben] = [await caller.somebody(), await caller.somebody()];
    await aPreset(ann, 'Bright');
    expect(await ann.call('POST', '/presets', { name: 'bright', style_params: documentOf(1) })).toMatchObject({ status: 409, json: { detail: { reason: 'preset/name-taken' } } });
    await aPreset(ben, 'Bright');
  });

  test.each([
    ['no style', {}, 'request/invalid'],
    ['a gain out of range', { ...documentOf(3), eq: { bands: [{ type: 'peak', f_hz: 1000, q: 1, gain_db: 900 }] } }, 'request/invalid'],
    ['a style of a version to come', { ...documentOf(3), version: 99 }, undefined],
  ])('is refused with %s', async (_what, style_params, code) => {
    const ann = await caller.somebody();
    const { status, json } = await ann.call('POST', '/presets', { name: 'Wrong', style_params });
    expect(status).toBe(422);
    if (code) expect(json['detail'].reason).toBe(code);
    expect((await ann.call('GET', '/presets')).json['presets']).toEqual([]);
  });

  test('keeps what it was before each change', async () => {
    const ann = await caller.somebody();
    const { id } = await aPreset(ann, 'First', 1);
    caller.nowMs += 1000;
    expect(await ann.call('PUT', `/presets/${id}`, { name: 'Second', style_params: documentOf(2) })).toMatchObject({ status: 200, json: { name: 'Second', version: 2 } });
    expect((await ann.call('PUT', `/presets/${id}`, { public: true })).json).toMatchObject({ public: true, version: 3, name: 'Second' });
    const { json } = await ann.call('GET', `/presets/${id}/versions`);
    expect((json['versions'] as { version: number; name: string }[]).map(({ version, name }) => [version, name])).toEqual([[3, 'Second'], [2, 'Second'], [1, 'First']]);
    const first = (await ann.call('GET', `/presets/${id}/versions/1`)).json;
    expect([first['name'], styleFromDocument(first['style_params'])]).toEqual(['First', styleFromDocument(documentOf(1))]);
    expect((await ann.call('GET', `/presets/${id}/versions/4`)).status).toBe(404);
    const page = (await ann.call('GET', `/presets/${id}/versions?limit=2`)).json;
    expect([page['versions'].length, (await ann.call('GET', `/presets/${id}/versions?limit=2&cursor=${page['next_cursor'] as string}`)).json]).toMatchObject([2, { versions: [{ version: 1 }], next_cursor: null }]);
  });

  test('that somebody changed meanwhile is not changed over it', async () => {
    const ann = await caller.somebody();
    const { id } = await aPreset(ann, 'Both');
    const both = await Promise.all([1, 2].map((n) => ann.call('PUT', `/presets/${id}`, { name: `Both ${n}`, version: 1 })));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  test('is gone when it is deleted, links included', async () => {
    const ann = await caller.somebody();
    const { id } = await aPreset(ann, 'Gone');
    const { json: { slug } } = await ann.call('POST', `/presets/${id}/share`);
    expect((await ann.call('DELETE', `/presets/${id}`)).status).toBe(204);
    expect((await ann.call('GET', `/presets/${id}`)).status).toBe(404);
    expect((await ann.call('POST', `/shares/${slug as string}/import`)).status).toBe(404);
  });
});

describe('a list of presets', () => {
  test('has the one changed last first, in pages without gap or repetition', async () => {
    const ann = await caller.somebody();
    const names = Array.from({ length: 7 }, (_, i) => `Preset ${i}`);
    for (const [i, name] of names.entries()) {
      // Some at the same moment.
      if (i % 2 === 0) caller.nowMs += 1000;
      await aPreset(ann, name);
    }
    const found: string[] = [];
    let cursor: string | null = null;
    do {
      const { json } = await ann.call('GET', `/presets?limit=2${cursor === null ? '' : `&cursor=${cursor}`}`);
      found.push(...(json['presets'] as { name: string }[]).map(({ name }) => name));
      cursor = json['next_cursor'] as string | null;
    } while (cursor !== null);
    expect(found.toSorted()).toEqual(names.toSorted());
    expect(found[0]).toBe('Preset 6');
  });

  test('is searched for what is written, not for a pattern', async () => {
    const ann = await caller.somebody();
    for (const name of ['100 % warm', '100 dB', 'under_score', "O'Neil \\ Söhne"]) await aPreset(ann, name);
    const search = async (text: string) => ((await ann.call('GET', `/presets?search=${encodeURIComponent(text)}`)).json['presets'] as { name: string }[]).map(({ name }) => name);
    expect([await search('0 %'), await search('_'), await search("o'neil \\"), await search("'; DROP TABLE presets; --")]).toEqual([['100 % warm'], ['under_score'], ["O'Neil \\ Söhne"], []]);
  });

  test('refuses a cursor that is none', async () => {
    const ann = await caller.somebody();
    for (const cursor of ['x', Buffer.from('2026 1; DROP').toString('base64url')]) expect((await ann.call('GET', `/presets?cursor=${cursor}`)).status).toBe(422);
  });
});

describe('a link', () => {
  test('gives a copy of what was shared, whatever the preset became', async () => {
    const [ann, ben] = [await caller.somebody(), await caller.somebody()];
    const { id } = await aPreset(ann, 'Shared', 4);
    const { json: { slug, url } } = await ann.call('POST', `/presets/${id}/share`);
    expect(url).toBe(`/p/${slug as string}`);
    await ann.call('PUT', `/presets/${id}`, { style_params: documentOf(-4) });
    for (const name of ['Shared', 'Shared 2']) {
      const { status, json } = await ben.call('POST', `/shares/${slug as string}/import`);
      expect([status, json['name'], json['copied_from']]).toEqual([201, name, slug]);
      expect(styleFromDocument(json['style_params'])).toEqual(styleFromDocument(documentOf(4)));
    }
  });

  test('of a name that is as long as one may be is copied under names that can be written again', async () => {
    const ann = await caller.somebody();
    const long = `${'n'.repeat(117)}\u{1F3B8}n`;
    const { id } = await aPreset(ann, long);
    const { json: { slug } } = await ann.call('POST', `/presets/${id}/share`);
    const copies = await Promise.all([1, 2, 3].map(() => ann.call('POST', `/shares/${slug as string}/import`)));
    expect(copies.map(({ status, json }) => [status, json['name'] as string]).toSorted()).toEqual([2, 3, 4].map((n) => [201, `${'n'.repeat(117)} ${n}`]));
    for (const { json } of copies) expect((await ann.call('PUT', `/presets/${json['id'] as string}`, { name: json['name'] })).status).toBe(200);
  });

  test('shows nothing any more when it is revoked', async () => {
    const [ann, ben] = [await caller.somebody(), await caller.somebody()];
    const { id } = await aPreset(ann, 'Revoked');
    const { json: { slug } } = await ann.call('POST', `/presets/${id}/share`);
    expect((await ben.call('DELETE', `/shares/${slug as string}`)).status).toBe(404);
    expect((await ann.call('DELETE', `/shares/${slug as string}`)).status).toBe(204);
    expect((await ben.call('POST', `/shares/${slug as string}/import`)).status).toBe(410);
    expect((await ann.call('GET', `/presets/${id}/shares`)).json['shares']).toMatchObject([{ slug, revoked: true, views: 0 }]);
    const { json: { slug: next } } = await ann.call('POST', `/presets/${id}/share`);
    const page = (await ann.call('GET', `/presets/${id}/shares?limit=1`)).json;
    const rest = (await ann.call('GET', `/presets/${id}/shares?limit=1&cursor=${page['next_cursor'] as string}`)).json;
    expect([page['shares'][0].slug, rest['shares'][0].slug].toSorted()).toEqual([slug as string, next as string].toSorted());
    expect(rest['next_cursor']).toBeNull();
  });
});

test('nobody reads or changes what belongs to another, on any route', async () => {
  const [ann, eve] = [await caller.somebody(), await caller.somebody()];
  const { id } = await aPreset(ann, 'Private');
  const before = (await ann.call('GET', `/presets/${id}`)).json;
  const { json: { slug } } = await ann.call('POST', `/presets/${id}/share`);
  const workspace = before['workspace_id'] as string;
  const body = { name: 'Stolen', style_params: documentOf(9) };
  for (const { method, path } of caller.api.contracts.filter(({ path: p }) => p.includes('{id}') && p.startsWith('/presets'))) {
    const { status } = await eve.call(method.toUpperCase(), path.replace('{id}', id).replace('{version}', '1'), method === 'put' ? body : undefined);
    expect([method, path, status]).toEqual([method, path, 404]);
  }
  expect((await eve.call('GET', `/presets?workspace_id=${workspace}`)).status).toBe(404);
  expect((await eve.call('POST', `/presets?workspace_id=${workspace}`, body)).status).toBe(404);
  expect((await eve.call('POST', `/shares/${slug as string}/import?workspace_id=${workspace}`)).status).toBe(404);
  expect((await ann.call('GET', `/presets/${id}`)).json).toEqual(before);
});

test('a viewer of a workspace reads and changes nothing; an editor changes', async () => {
  const { memberships } = await import('../../server/database/schema.ts');
  const [ann, ben] = [await caller.somebody(), await caller.somebody()];
  const { id } = await aPreset(ann, 'Team');
  const workspaceId = (await ann.call('GET', `/presets/${id}`)).json['workspace_id'] as string;
  const { queries } = caller.database;
  await queries.insert(memberships).values({ workspaceId, userId: ben.id, role: 'viewer', createdAt: new Date(caller.nowMs) });
  expect((await ben.call('GET', `/presets/${id}`)).status).toBe(200);
  expect(await ben.call('PUT', `/presets/${id}`, { name: 'Mine' })).toMatchObject({ status: 403, json: { detail: { reason: 'account/not-allowed' } } });
  await queries.update(memberships).set({ role: 'editor' });
  expect((await ben.call('PUT', `/presets/${id}`, { name: 'Ours' })).status).toBe(200);
});

test('a neutral style is a preset like any other', async () => {
  const ann = await caller.somebody();
  const style_params = JSON.parse(JSON.stringify(styleToDocument(neutralStyle('0'.repeat(64), 'B')))) as unknown;
  expect((await ann.call('POST', '/presets', { name: 'Nothing', style_params })).status).toBe(201);
});

test('a style with a long room in it is stored: megabytes of an impulse response', async () => {
  const ann = await caller.somebody();
  const long = { sampleRate: 48_000, channels: [Float32Array.from({ length: 300_000 }, (_, i) => Math.sin(i) * Math.exp(-i / 60_000))] };
  const style = neutralStyle('0'.repeat(64), 'B');
  style.irs = { ['d'.repeat(64)]: long };
  style.modules.reverb = { ...style.modules.reverb, enabled: true, values: { ...style.modules.reverb.values, irKey: 'd'.repeat(64), mix: 0.2 } };
  const { status, json } = await ann.call('POST', '/presets', { name: 'Hall', style_params: JSON.parse(JSON.stringify(styleToDocument(style))) });
  expect([status, styleFromDocument(json['style_params']).irs['d'.repeat(64)]!.channels[0]!.length]).toEqual([201, 300_000]);
});
