import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { sql } from 'drizzle-orm';
import { isEnveloped } from '../../../server/failure.ts';
import { bytesOf } from '../../../server/speech/prints.ts';
import { monoOf, readWav } from '../../../server/speech/wav.ts';
import { speechEvent } from '../../../shared/api/tts.ts';
import { type EmulatedProvider, openEmulatedProvider, vowel } from '../../support/speech.ts';
import { type ApiCaller, bearer, openApiCaller } from '../support/api-caller.ts';

let caller: ApiCaller;
let emulated: EmulatedProvider;
beforeAll(async () => {
  emulated = await openEmulatedProvider({ timeoutMs: 5000 });
  caller = await openApiCaller({ speech: { provider: emulated.provider, allowances: { account: { characters: 500, voices: 3 }, guest: { characters: 60, voices: 1 } } } });
}, 120_000);
afterAll(async () => {
  await caller.close();
  await emulated.close();
});
afterEach(() => {
  emulated.disturbances.clear();
  // Another hour: no test counts against the next.
  caller.nowMs += 3_600_000;
  emulated.nowMs = caller.nowMs;
});

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  // What an answer holds is what the tests ask for.
  readonly data: Record<string, any>;
  readonly reason: string | null;
}

/** A browser: with a guest's cookie once it was given one, or somebody signed in. */
function browser(token?: string) {
  let cookie = '';
  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> => {
    const isBytes = body instanceof Uint8Array;
    const answer = await caller.app.request(`/api${path}`, {
      method, headers: { ...(token ? bearer(token) : {}), ...(cookie ? { cookie } : {}), ...(body === undefined ? {} : { 'content-type': isBytes ? 'audio/wav' : 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: isBytes ? new Uint8Array(body) : JSON.stringify(body) }),
    });
    const set = answer.headers.get('set-cookie');
    if (set) cookie = set.split(';')[0]!;
    const bytes = Buffer.from(await answer.arrayBuffer());
    const isJson = (answer.headers.get('content-type') ?? '').startsWith('application/json');
    const json = isJson ? (JSON.parse(bytes.toString()) as Record<string, any>) : {};
    if (isJson) expect(json).toMatchObject(answer.ok ? { success: true, error: null, message: '' } : { success: false, data: null, error: { message: json['message'] } });
    return { status: answer.status, headers: answer.headers, bytes, data: json['data'] ?? {}, reason: json['error']?.detail.reason ?? null };
  };
  return { call, get cookie() { return cookie; }, upload: async (hz: number, seconds = 6) => (await call('POST', '/files/upload?name=me.wav', vowel(hz, seconds))).data };
}
type Browser = ReturnType<typeof browser>;

const somebody = async (): Promise<Browser> => browser((await caller.somebody()).access);
const wish = (file: string, rest: Record<string, unknown> = {}) => ({ file_id: file, model: 'stepaudio-2.5-tts', name: 'Mine', consent: true, ...rest });
async function aVoice(who: Browser, hz: number, rest: Record<string, unknown> = {}): Promise<Record<string, any>> {
  const { status, data } = await who.call('POST', '/voices', wish((await who.upload(hz))['id'] as string, rest));
  expect(status).toBe(201);
  return data['voice'] as Record<string, any>;
}
const clones = () => emulated.calls.filter(({ method, path }) => method === 'POST' && path === '/audio/voices').length;
const speeches = () => emulated.calls.filter(({ path }) => path === '/audio/speech').length;

describe('a sample', () => {
  test('is uploaded as bytes or in a form, and the same bytes are the same file', async () => {
    const ann = await somebody();
    const first = await ann.upload(101);
    expect(first).toMatchObject({ name: 'me.wav', content_type: 'audio/wav', seconds: 6, bytes: vowel(101, 6).length, sha256: createHash('sha256').update(vowel(101, 6)).digest('hex') });
    const form = new FormData();
    form.set('file', new Blob([new Uint8Array(vowel(101, 6))]), 'again.wav');
    const answer = await caller.app.request('/api/files/upload', { method: 'POST', headers: bearer((await caller.somebody()).access), body: form });
    expect(((await answer.json()) as { data: { name: string } }).data.name).toBe('again.wav');
    expect((await ann.upload(101))['id']).toBe(first['id']);
  });

  test('is on the disk of nobody in the clear, and gone when it is deleted', async () => {
    const ann = await somebody();
    const { id } = await ann.upload(102);
    const [{ sealed }] = [...(await caller.database.queries.execute<{ sealed: Uint8Array }>(sql`SELECT sealed FROM files WHERE id = ${id}`))] as [{ sealed: Uint8Array }];
    expect(Buffer.from(sealed).includes(Buffer.from('RIFF'))).toBe(false);
    expect(Buffer.from(sealed).includes(vowel(102, 6).subarray(1000, 1016))).toBe(false);
    expect((await ann.call('DELETE', `/files/${id as string}`)).data).toEqual({ id, deleted: true });
    expect((await ann.call('GET', `/files/${id as string}`)).status).toBe(404);
  });

  test.each<[string, Uint8Array, number, string]>([
    ['too short', vowel(100, 4), 422, 'speech/sample-length'],
    ['no sound', Buffer.from('hello hello hello'), 415, 'speech/sample-type'],
    ['too large', Buffer.alloc(10 * 1024 * 1024 + 1), 413, 'request/too-large'],
    ['empty', new Uint8Array(0), 422, 'audio/empty'],
  ])('that is %s is refused', async (_what, bytes, status, reason) => {
    expect(await (await somebody()).call('POST', '/files/upload', bytes)).toMatchObject({ status, reason });
  });
});

describe('a voice print', () => {
  const print = (seed: number, near = 0) => {
    const raw = Array.from({ length: 256 }, (_, i) => Math.fround(Math.sin(seed * 12.9898 + i * 78.233) + near * Math.sin(i)));
    const norm = Math.hypot(...raw);
    const vector = raw.map((value) => Math.fround(value / norm));
    return { vector, version: 'test-1', hash: createHash('sha256').update(bytesOf(vector)).digest('hex') };
  };

  test('of a sample goes to the voice that is made of it, and voices are near by it', async () => {
    const ann = await somebody();
    const ids: string[] = [];
    for (const [hz, seed, near] of [[103, 1, 0], [104, 1, 0.1], [105, 7, 0]] as const) {
      const { id } = await ann.upload(hz);
      expect((await ann.call('POST', '/embeddings/generate', { file_id: id, ...print(seed, near) })).status).toBe(201);
      ids.push((await ann.call('POST', '/voices', wish(id as string))).data['voice'].id);
    }
    expect((await ann.call('GET', `/voices/${ids[0]}`)).data['embedding']).toEqual({ version: 'test-1', hash: print(1).hash });
    const near = (await ann.call('GET', `/voices/${ids[0]}/nearest`)).data['voices'] as { voice: { id: string }; similarity: number }[];
    expect(near.map(({ voice }) => voice.id)).toEqual([ids[1], ids[2]]);
    expect(near[0]!.similarity).toBeGreaterThan(0.95);
    expect(near[1]!.similarity).toBeLessThan(0.5);
  });

  test('that does not hold what it says is refused', async () => {
    const ann = await somebody();
    const { id } = await ann.upload(106);
    const good = print(3);
    const send = async (body: Record<string, unknown>) => (await ann.call('POST', '/embeddings/generate', { file_id: id, ...good, ...body })).reason;
    expect(await send({ vector: good.vector.map((value) => value * 1.01) })).toBe('speech/embedding');
    expect(await send({ hash: '0'.repeat(64) })).toBe('speech/embedding');
    expect(await send({ vector: good.vector.slice(1) })).toBe('request/invalid');
    expect(await send({ file_id: undefined })).toBe('speech/embedding');
    expect(await send({})).toBeNull();
  });
});

describe('a voice', () => {
  test('is made once of a sample and a model: asked again it is the same, and nothing is paid', async () => {
    const ann = await somebody();
    const { id } = await ann.upload(110);
    emulated.calls.length = 0;
    const first = await ann.call('POST', '/voices', wish(id as string, { description: 'At home', language: 'en', tags: ['Calm', 'calm'], transcript: 'words' }));
    expect(first).toMatchObject({ status: 201, data: { duplicated: false, voice: { kind: 'cloned', name: 'Mine', description: 'At home', language: 'en', tags: ['calm'], public: false, is_own: true, is_emulated: true, can_speak: true } } });
    const second = await ann.call('POST', '/voices', wish(id as string, { name: 'Another name' }));
    expect([second.data['duplicated'], second.data['voice'].id, clones()]).toEqual([true, first.data['voice'].id, 1]);
  });

  test('asked for twice at the same time is made once', async () => {
    const ann = await somebody();
    const { id } = await ann.upload(111);
    emulated.calls.length = 0;
    const both = await Promise.all([1, 2].map(() => ann.call('POST', '/voices', wish(id as string))));
    expect(clones()).toBe(1);
    expect(both.map(({ status, reason }) => [status, reason])).toContainEqual([201, null]);
  });

  test('needs the consent of the speaker, which is kept with the time', async () => {
    const ann = await somebody();
    const { id } = await ann.upload(112);
    expect(await ann.call('POST', '/voices', wish(id as string, { consent: false }))).toMatchObject({ status: 422, reason: 'speech/consent' });
    const { data } = await ann.call('POST', '/voices', wish(id as string));
    const rows = await caller.database.queries.execute<{ consented_at: string | Date }>(sql`SELECT consented_at FROM voices WHERE id = ${data['voice'].id}`);
    expect(new Date([...rows][0]!.consented_at).getTime()).toBe(caller.nowMs);
  });

  test('leaves no sample behind, here or at the provider', async () => {
    const ann = await somebody();
    const { id } = await ann.upload(113);
    await ann.call('POST', '/voices/preview', { file_id: id, model: 'step-tts-2', sample_text: 'Hello' });
    expect(emulated.store.files().length).toBe(1);
    await ann.call('POST', '/voices', wish(id as string));
    const rows = await caller.database.queries.execute(sql`SELECT sealed, provider_file FROM files WHERE id = ${id}`);
    expect([[...rows], emulated.store.files()]).toEqual([[{ sealed: null, provider_file: null }], []]);
    expect(await ann.call('POST', '/voices', wish(id as string, { model: 'step-tts-2' }))).toMatchObject({ status: 404, reason: 'speech/sample-gone' });
  });

  test('whose making ended without an answer is looked up by its sample when it is asked for again', async () => {
    const ann = await somebody();
    const { id } = await ann.upload(114);
    emulated.calls.length = 0;
    // It is made; the answer and the first search are lost.
    emulated.disturbances.set('POST /v1/audio/voices', [{ kind: 'work-then-silence' }]);
    emulated.disturbances.set('GET /v1/audio/voices', Array.from({ length: 3 }, () => ({ status: 500 })));
    expect(await ann.call('POST', '/voices', wish(id as string))).toMatchObject({ status: 502, reason: 'upstream/timeout' });
    expect((await ann.call('GET', '/voices?scope=mine')).data['voices']).toEqual([]);
    const again = await ann.call('POST', '/voices', wish(id as string));
    expect([again.status, clones()]).toEqual([201, 1]);
    expect((await ann.call('GET', '/speech/usage')).data['today']).toMatchObject({ voices: 1 });
  });

  test('is made of a copy that the provider has thrown away meanwhile', async () => {
    const ann = await somebody();
    const { id } = await ann.upload(115);
    await ann.call('POST', '/voices/preview', { file_id: id, model: 'step-tts-2', sample_text: 'Hello' });
    for (const file of emulated.store.files()) emulated.store.removeFile(file.id);
    expect((await ann.call('POST', '/voices', wish(id as string))).status).toBe(201);
  });

  test('that the provider refuses is none, and costs nothing of the day', async () => {
    const ann = await somebody();
    const { id } = await ann.upload(116);
    emulated.disturbances.set('POST /v1/audio/voices', [{ status: 451 }]);
    expect(await ann.call('POST', '/voices', wish(id as string))).toMatchObject({ status: 451, reason: 'content/blocked' });
    expect((await ann.call('GET', '/speech/usage')).data['today']).toMatchObject({ voices: 0 });
    expect(await ann.call('POST', '/voices', wish(id as string, { model: 'stepaudio-3-tts' }))).toMatchObject({ status: 422, reason: 'speech/model' });
    expect((await ann.call('POST', '/voices', wish(id as string))).status).toBe(201);
  });

  test('is changed and deleted by its owner; what it said goes with it', async () => {
    const ann = await somebody();
    const { id } = await aVoice(ann, 117);
    expect((await ann.call('PUT', `/voices/${id}`, { name: 'New', tags: ['warm'], public: true })).data).toMatchObject({ name: 'New', tags: ['warm'], public: true, description: '' });
    const said = (await ann.call('POST', '/tts/generate', { voice_id: id, text: 'Hello' })).data;
    await ann.call('DELETE', `/voices/${id}`);
    for (const path of [`/voices/${id}`, `/tts/${said['id']}`, `/tts/${said['id']}/audio`]) expect([path, (await ann.call('GET', path)).status]).toEqual([path, 404]);
  });

  test('has a sample: spoken when it is first asked for, then kept; in parts for players', async () => {
    const ann = await somebody();
    const { id } = await aVoice(ann, 118, { sample_text: 'This is me', name: 'Ann’s (own)' });
    emulated.calls.length = 0;
    const [first, second] = await Promise.all([ann.call('GET', `/voices/${id}/sample`), ann.call('GET', `/voices/${id}/sample?download=1`)]);
    expect([first.headers.get('content-type'), readWav(first.bytes)!.sampleRate, second.bytes.equals(first.bytes)]).toEqual(['audio/wav', 24_000, true]);
    expect(second.headers.get('content-disposition')).toBe(`attachment; filename="speech"; filename*=UTF-8''Ann%E2%80%99s%20%28own%29.wav`);
    const part = await ann.call('GET', `/voices/${id}/sample`, undefined, { range: 'bytes=4-11' });
    expect([part.status, part.headers.get('content-range'), part.bytes.equals(first.bytes.subarray(4, 12))]).toEqual([206, `bytes 4-11/${first.bytes.length}`, true]);
    expect((await ann.call('GET', `/voices/${id}/sample`, undefined, { range: `bytes=${first.bytes.length}-` })).status).toBe(416);
    expect(speeches()).toBe(1);
  });
});

describe('a list of voices', () => {
  test('has the provider’s own among the public ones, by page, search and filter', async () => {
    const nobody = browser();
    const all: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { data } = await nobody.call('GET', `/voices?kind=system&sort=name&limit=16${cursor ? `&cursor=${cursor}` : ''}`);
      all.push(...(data['voices'] as { name: string }[]).map(({ name }) => name));
      expect(data['total']).toBe(39);
      cursor = data['next_cursor'] as string | null;
    }
    expect([all.length, new Set(all).size]).toEqual([39, 39]);
    const count = async (query: string) => (await nobody.call('GET', `/voices?kind=system&${query}`)).data['total'] as number;
    expect([await count('language=en'), await count('model=step-tts-mini'), await count('tag=audiobook'), await count(`search=${encodeURIComponent('邻家')}`), await count('search=100%25')]).toEqual([7, 27, 12, 3, 0]);
    expect((await nobody.call('GET', '/voices')).data['filters']).toMatchObject({ languages: expect.arrayContaining(['en', 'zh-CN']), models: expect.arrayContaining(['step-tts-2']), tags: expect.arrayContaining(['audiobook', 'female']) });
    expect(nobody.cookie).toBe('');
  });

  test('has the one used most first, where that is asked for; public ones of others, private ones of nobody else', async () => {
    const [ann, ben] = [await somebody(), await somebody()];
    const [open, closed] = [await aVoice(ann, 120, { public: true, name: 'Open to all' }), await aVoice(ann, 121, { name: 'Closed' })];
    for (const text of ['One', 'Two']) expect((await ben.call('POST', '/tts/generate', { voice_id: open['id'], text })).status).toBe(201);
    const { data } = await ben.call('GET', '/voices?scope=public&sort=most_used');
    expect(data['voices'][0]).toMatchObject({ id: open['id'], is_own: false, usage: { calls: 2 } });
    expect(JSON.stringify((await ben.call('GET', '/voices?limit=100')).data)).not.toContain(closed['id']);
    expect((await ann.call('GET', '/voices?scope=mine&sort=name')).data['voices'].map(({ name }: { name: string }) => name)).toEqual(['Closed', 'Open to all']);
  });

  test.each(['x', Buffer.from('["name",1,"2"]').toString('base64url'), Buffer.from('["newest","never","0190a000-0000-7000-8000-000000000000"]').toString('base64url')])('a cursor that is none of ours (%s) is refused', async (cursor) => {
    expect(await browser().call('GET', `/voices?cursor=${cursor}`)).toMatchObject({ status: 422, reason: 'request/invalid' });
  });
});

describe('speech', () => {
  test('is a file to get, and the same again is not spoken anew', async () => {
    const ann = await somebody();
    const { id } = await aVoice(ann, 130);
    emulated.calls.length = 0;
    const request = { voice_id: id, text: 'Good morning to you.', sample_rate: 16_000, speed: 1.2 };
    const first = await ann.call('POST', '/tts/generate', request);
    expect(first).toMatchObject({ status: 201, data: { voice_id: id, voice_name: 'Mine', model: 'stepaudio-2.5-tts', format: 'wav', content_type: 'audio/wav', cached: false, is_emulated: true } });
    const audio = await ann.call('GET', (first.data['audio_url'] as string).slice(4));
    const wav = readWav(audio.bytes)!;
    expect([wav.sampleRate, audio.bytes.length, Math.abs(wav.frames / 16_000 - first.data['seconds']) < 1e-9]).toEqual([16_000, first.data['bytes'], true]);
    expect((await ann.call('POST', '/tts/generate', request)).data).toMatchObject({ id: first.data['id'], cached: true });
    expect(speeches()).toBe(1);
    for (const change of [{ text: 'Good evening.' }, { speed: 1 }, { volume: 0.5 }, { sample_rate: 8000 }, { format: 'pcm' }, { instruction: 'softly' }]) await ann.call('POST', '/tts/generate', { ...request, ...change });
    expect(speeches()).toBe(7);
    expect((await ann.call('GET', `/tts?voice_id=${id}&limit=2`)).data).toMatchObject({ results: [{}, {}], next_cursor: expect.any(String) });
  });

  test('asked for twice at the same time is spoken once', async () => {
    const ann = await somebody();
    const { id } = await aVoice(ann, 131);
    emulated.calls.length = 0;
    const both = await Promise.all([1, 2].map(() => ann.call('POST', '/tts/generate', { voice_id: id, text: 'At once' })));
    expect([both.map(({ status }) => status), speeches(), both[0]!.data['id'] === both[1]!.data['id']]).toEqual([[201, 201], 1, true]);
  });

  test('streams: a start, frames as they come, and what is kept; from the cache in the same form', async () => {
    const ann = await somebody();
    const { id } = await aVoice(ann, 132);
    const frames: Buffer[] = [];
    for (const cached of [false, true]) {
      const answer = await ann.call('POST', '/tts/generate', { voice_id: id, text: 'First sentence. Second sentence.', stream: true });
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
      const events = answer.bytes.toString().split('\n\n').filter((line) => line.startsWith('data: ')).map((line) => speechEvent.parse(JSON.parse(line.slice(6))));
      expect(events[0]).toMatchObject({ type: 'start', encoding: 'pcm_s16le', sample_rate: 24_000, cached, is_emulated: true });
      const sound = Buffer.concat(events.flatMap((event) => (event.type === 'audio' ? [Buffer.from(event.audio, 'base64')] : [])));
      const last = events.at(-1)!;
      expect(last).toMatchObject({ type: 'done', result: { format: 'wav', cached } });
      const kept = readWav((await ann.call('GET', `/tts/${(last as { result: { id: string } }).result.id}/audio`)).bytes)!;
      expect(sound.equals(Buffer.from(kept.data))).toBe(true);
      frames.push(sound);
    }
    expect(frames[0]!.equals(frames[1]!)).toBe(true);
  });

  test('that fails on its way says so in the stream; before it, as any failure', async () => {
    const ann = await somebody();
    const { id } = await aVoice(ann, 133);
    emulated.disturbances.set('POST /v1/audio/speech', [{ status: 200, body: 'data: {"type":"speech.audio.delta","audio":"AAAA"}' }]);
    const answer = await ann.call('POST', '/tts/generate', { voice_id: id, text: 'Broken', stream: true });
    expect(answer.bytes.toString()).toContain('"reason":"upstream/failed"');
    emulated.disturbances.set('POST /v1/audio/speech', [{ status: 402 }]);
    expect(await ann.call('POST', '/tts/generate', { voice_id: id, text: 'Broken', stream: true })).toMatchObject({ status: 503, reason: 'upstream/quota' });
    expect((await ann.call('GET', '/tts')).data['results']).toEqual([]);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['1001 characters', { text: 'x'.repeat(1001) }, 'request/invalid'],
    ['nothing', { text: '  ' }, 'request/invalid'],
    ['only an instruction', { text: '(laughs)' }, 'speech/nothing-to-say'],
    ['a label for a model that takes none', { voice_label: { emotion: '高兴' } }, 'speech/option'],
    ['two labels', { voice_label: { emotion: '高兴', style: '慢速' } }, 'request/invalid'],
    ['a model that is not the voice’s', { model: 'step-tts-2' }, 'speech/model'],
    ['a model that is none', { model: 'gpt' }, 'speech/model'],
    ['a format that nobody can give here', { format: 'mp3' }, 'speech/option'],
    ['a speed of 3', { speed: 3 }, 'request/invalid'],
  ])('of %s is refused before it is paid', async (_what, rest, reason) => {
    const ann = await somebody();
    const { id } = await aVoice(ann, 134);
    emulated.calls.length = 0;
    expect(await ann.call('POST', '/tts/generate', { voice_id: id, text: 'Hello', ...rest })).toMatchObject({ status: 422, reason });
    expect(emulated.calls).toEqual([]);
  });

  test('of a day is limited, by characters as they are billed; what failed is given back', async () => {
    const ann = await somebody();
    const { id } = await aVoice(ann, 135);
    emulated.disturbances.set('POST /v1/audio/speech', [{ status: 500 }]);
    expect((await ann.call('POST', '/tts/generate', { voice_id: id, text: '字'.repeat(450) })).reason).toBe('upstream/failed');
    expect((await ann.call('POST', '/tts/generate', { voice_id: id, text: '字'.repeat(450) })).status).toBe(201);
    const refused = await ann.call('POST', '/tts/generate', { voice_id: id, text: 'x'.repeat(102) });
    expect(refused).toMatchObject({ status: 429, reason: 'speech/quota' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    const { data } = await ann.call('GET', '/speech/usage');
    expect(data).toMatchObject({ owner: 'account', today: { calls: 2, characters: 450, voices: 1 }, allowed: { characters: 500, voices: 3 } });
    caller.nowMs = Date.parse(data['resets_at'] as string);
    expect((await browser((await caller.somebody()).access).call('GET', '/speech/usage')).data['today']).toEqual({ calls: 0, seconds: 0, characters: 0, voices: 0 });
  });
});

describe('a guest', () => {
  test('owns what they make, by a cookie that scripts cannot read', async () => {
    const guest = browser();
    const { status, headers, data } = await guest.call('POST', '/files/upload', vowel(140, 6));
    expect([status, headers.get('set-cookie')]).toEqual([201, expect.stringMatching(/^__Secure-tonetwin-guest=[\w-]{43}; Path=\/api; Expires=.*; HttpOnly; Secure; SameSite=Strict$/)]);
    expect((await guest.call('GET', `/files/${data['id']}`)).status).toBe(200);
    expect((await browser().call('GET', `/files/${data['id']}`)).status).toBe(404);
    expect((await guest.call('GET', '/speech/usage')).data).toMatchObject({ owner: 'guest', guest_until: expect.any(String), allowed: { voices: 1 } });
    await aVoice(guest, 141);
    expect(await guest.call('POST', '/voices', wish((await guest.upload(142))['id'] as string))).toMatchObject({ status: 429, reason: 'speech/quota' });
  });

  test('is not spoken for by another site’s page', async () => {
    const guest = browser();
    const { id } = await guest.upload(143);
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }]) expect(await guest.call('DELETE', `/files/${id}`, undefined, headers)).toMatchObject({ status: 403, reason: 'account/origin' });
    expect((await guest.call('DELETE', `/files/${id}`, undefined, { 'sec-fetch-site': 'same-origin' })).status).toBe(200);
  });

  test('becomes somebody: what they made moves to the account, what they used too', async () => {
    const guest = browser();
    const voice = await aVoice(guest, 144);
    await guest.call('POST', '/tts/generate', { voice_id: voice['id'], text: 'Remember me' });
    const { access } = await caller.somebody();
    const moved = await guest.call('POST', '/speech/adopt', undefined, bearer(access));
    expect(moved.data).toEqual({ files: 1, voices: 1, results: 1 });
    const ann = browser(access);
    expect((await ann.call('GET', '/voices?scope=mine')).data['voices']).toMatchObject([{ id: voice['id'], is_own: true }]);
    expect((await ann.call('GET', '/speech/usage')).data['today']).toMatchObject({ voices: 1, characters: 5 });
    expect((await ann.call('POST', '/speech/adopt')).data).toEqual({ files: 0, voices: 0, results: 0 });
  });

  test('that does not come back is forgotten, with all that they made', async () => {
    const guest = browser();
    const { id } = await aVoice(guest, 145);
    caller.nowMs += 8 * 24 * 3600 * 1000;
    await caller.api.studio.clean();
    expect([...(await caller.database.queries.execute(sql`SELECT 1 FROM voices WHERE id = ${id}`))]).toEqual([]);
    expect((await guest.call('GET', '/speech/usage')).data['owner']).toBe('nobody');
  });

  test('is one of so many from an address', async () => {
    const statuses = new Set<number>();
    caller.address = '203.0.113.7';
    for (let i = 0; i < 31; i += 1) statuses.add((await browser().call('POST', '/files/upload', new Uint8Array(0))).status);
    expect([...statuses]).toEqual([422, 429]);
  });
});

test('nobody reads or changes what is another’s, on any route', async () => {
  const [ann, eve] = [await somebody(), await somebody()];
  const { id: file } = await ann.upload(150);
  const voice = await aVoice(ann, 151);
  const said = (await ann.call('POST', '/tts/generate', { voice_id: voice['id'], text: 'Private words' })).data;
  const things = { '/files': file, '/voices': voice['id'], '/tts': said['id'] } as Record<string, string>;
  const routes = caller.api.contracts.filter(({ path }) => /^\/(files|voices|tts)\/\{id\}/.test(path));
  expect(routes.length).toBe(10);
  for (const eavesdropper of [eve, browser()]) {
    for (const { method, path } of routes) {
      const { status } = await eavesdropper.call(method.toUpperCase(), path.replace('{id}', things[`/${path.split('/')[1]!}`]!), method === 'put' ? { name: 'Stolen' } : undefined);
      expect([method, path, status]).toEqual([method, path, 404]);
    }
  }
  expect((await eve.call('POST', '/tts/generate', { voice_id: voice['id'], text: 'Say this' })).status).toBe(404);
  expect((await eve.call('POST', '/voices', wish(file as string))).status).toBe(404);
  expect((await eve.call('POST', '/voices/preview', { file_id: file, model: 'step-tts-2', sample_text: 'Hi' })).status).toBe(404);
  expect((await eve.call('GET', `/tts?voice_id=${voice['id']}`)).data['results']).toEqual([]);
  expect((await ann.call('GET', `/voices/${voice['id']}`)).data).toMatchObject({ name: 'Mine' });
});

test('a public voice of another is heard and spoken with, and not changed', async () => {
  const [ann, eve] = [await somebody(), await somebody()];
  const { id } = await aVoice(ann, 152, { public: true });
  const vector = Array.from({ length: 256 }, (_, i) => (i === 0 ? 1 : 0));
  expect((await browser().call('GET', `/voices/${id}/sample`)).status).toBe(200);
  for (const [method, body] of [['PUT', { name: 'Stolen' }], ['DELETE', undefined]] as const) expect((await eve.call(method, `/voices/${id}`, body)).status).toBe(404);
  expect((await eve.call('POST', '/embeddings/generate', { voice_id: id, vector, version: '1', hash: createHash('sha256').update(bytesOf(vector)).digest('hex') })).status).toBe(404);
});

test('a preview is heard before a voice is made, once for the same words', async () => {
  const ann = await somebody();
  const { id } = await ann.upload(153);
  const preview = { file_id: id, model: 'step-tts-2', sample_text: 'Try this' };
  const { data } = await ann.call('POST', '/voices/preview', preview);
  expect(data).toMatchObject({ voice_id: null, voice_name: null, text: 'Try this', format: 'wav', cached: false });
  expect(monoOf(readWav((await ann.call('GET', `/tts/${data['id']}/audio`)).bytes)!).length).toBeGreaterThan(1000);
  expect((await ann.call('POST', '/voices/preview', preview)).data).toMatchObject({ id: data['id'], cached: true });
  expect((await ann.call('GET', '/tts')).data['results']).toEqual([]);
});

test('what is over is thrown out: samples after a day, results after a month', async () => {
  const ann = await somebody();
  const { id } = await ann.upload(154);
  await ann.call('POST', '/voices/preview', { file_id: id, model: 'step-tts-2', sample_text: 'Soon gone' });
  caller.nowMs += 24 * 3600 * 1000 + 1;
  await caller.api.studio.clean();
  expect([...(await caller.database.queries.execute(sql`SELECT sealed, provider_file FROM files WHERE id = ${id}`))]).toEqual([{ sealed: null, provider_file: null }]);
  caller.nowMs += 31 * 24 * 3600 * 1000;
  await caller.api.studio.clean();
  expect([...(await caller.database.queries.execute(sql`SELECT 1 FROM tts_requests`))]).toEqual([]);
});

test('an account is exported with what it has in the studio', async () => {
  const ann = await caller.somebody();
  const { id } = await aVoice(browser(ann.access), 159);
  await browser(ann.access).call('POST', '/tts/generate', { voice_id: id, text: 'My words' });
  const { json } = await ann.call('GET', '/auth/export');
  expect(json).toMatchObject({ studio: { samples: [{ name: 'me.wav' }], voices: [{ id, consentedAt: new Date(caller.nowMs).toISOString() }], speech: [{ voice: id, text: 'My words' }], speechUsage: [{ calls: 2, voices: 1 }] } });
  expect(JSON.stringify(json)).not.toContain('sealed');
});

test('an account that is deleted leaves nothing in the studio', async () => {
  const { access } = await caller.somebody();
  const voice = await aVoice(browser(access), 155);
  const { PASSWORD } = await import('../support/api-caller.ts');
  expect((await caller.call('DELETE', '/auth/account', { password: PASSWORD }, bearer(access))).status).toBe(204);
  expect([...(await caller.database.queries.execute(sql`SELECT 1 FROM voices WHERE id = ${voice['id']}`))]).toEqual([]);
  // Its token is good for minutes yet; nothing is made with it.
  expect(await browser(access).call('POST', '/files/upload', vowel(156, 6))).toMatchObject({ status: 401, reason: 'account/sign-in' });
});

test('a sound that was put into another row is not opened', async () => {
  const ann = await somebody();
  const [one, two] = [(await aVoice(ann, 157))['id'], (await aVoice(ann, 158))['id']];
  for (const id of [one, two]) await ann.call('GET', `/voices/${id}/sample`);
  await caller.database.queries.execute(sql`UPDATE voices SET sample_sealed = (SELECT sample_sealed FROM voices WHERE id = ${one}) WHERE id = ${two}`);
  expect(await ann.call('GET', `/voices/${two}/sample`)).toMatchObject({ status: 500, reason: 'storage/failed' });
});

test('models, prices and limits are said to anybody; an emulator costs nothing, and says in every answer that it is one', async () => {
  const { data, headers } = await browser().call('GET', '/speech/models');
  expect(headers.get('x-speech-provider')).toBe('emulator');
  expect((await browser().call('GET', '/voices/nothing')).headers.get('x-speech-provider')).toBe('emulator');
  expect(data).toMatchObject({ provider: { name: 'emulator', synthesiser: 'buzzer', is_emulator: true, status: 'ready', reason: null }, default_model: 'stepaudio-2.5-tts', formats: ['wav', 'pcm'], limits: { text_characters: 1000, sample_seconds: { least: 5, most: 10 } } });
  expect((data['models'] as { id: string; clone_price: unknown; manner: { kind: string } }[]).map(({ id, clone_price, manner }) => [id, clone_price, manner.kind])).toEqual([['stepaudio-2.5-tts', null, 'instruction'], ['stepaudio-3-tts', null, 'instruction'], ['step-tts-2', null, 'label'], ['step-tts-mini', null, 'label']]);
});

test('answers come in the frame exactly where the contracts say so', () => {
  for (const contract of caller.api.contracts) expect([contract.path, isEnveloped(`/api${contract.path}`)]).toEqual([contract.path, 'isEnveloped' in contract && contract.isEnveloped]);
});
