import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eq } from 'drizzle-orm';
import { blobs, usage } from '../../server/database/schema.ts';
import { noiseBytes } from '../support/noise-bytes.ts';
import { CHUNK, metadata, sealedMetadata, sha256, TUS } from '../support/tus.ts';
import { PASSWORD } from './support/api-caller.ts';
import { openUploadCaller, type UploadCaller } from './support/upload-caller.ts';

let api: UploadCaller;
beforeAll(async () => {
  api = await openUploadCaller();
}, 120_000);
afterAll(() => api.close());

const reasonOf = async (answer: Response): Promise<string> => ((await answer.json()) as { detail: { reason: string } }).detail.reason;
const offsetOf = (answer: Response): number => Number(answer.headers.get('upload-offset'));

/** A second of a quiet WAV file. */
function wav(): Buffer<ArrayBuffer> {
  const bytes = Buffer.alloc(44 + 8000);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(36 + 8000, 4);
  bytes.write('WAVEfmt ', 8);
  return bytes;
}

describe('an upload', () => {
  test('in pieces becomes a blob of the same bytes under the same id', async () => {
    const ann = await api.caller.somebody();
    const bytes = noiseBytes(6_000_000, 1);
    const id = await api.begin(ann, bytes.length, sealedMetadata(bytes, { sealed: 'bmFtZQ==' }));
    for (const [from, to] of [[0, 1000], [1000, 5_500_000]] as const) {
      const answer = await api.append(ann, id, from, bytes.subarray(from, to));
      expect([answer.status, offsetOf(answer), answer.headers.get('tonetwin-blob')]).toEqual([204, to, null]);
    }
    expect((await api.send(ann, 'GET', `/blobs/${id}`)).status).toBe(404);
    const last = await api.append(ann, id, 5_500_000, bytes.subarray(5_500_000));
    expect([last.status, offsetOf(last), last.headers.get('tonetwin-blob'), last.headers.get('tus-resumable')]).toEqual([204, bytes.length, id, '1.0.0']);
    const read = await api.send(ann, 'GET', `/blobs/${id}`);
    expect(Buffer.from(await read.arrayBuffer()).equals(bytes)).toBe(true);
    expect((await ann.call('GET', `/blobs/${id}/info`)).json).toMatchObject({ id, kind: 'recording', encrypted: true, content_type: 'application/octet-stream', size_bytes: bytes.length, sha256: sha256(bytes), sealed: 'bmFtZQ==', expires_at: null });
  });

  test('says with HEAD how far it is, and when it would be given up', async () => {
    const ann = await api.caller.somebody();
    const id = await api.begin(ann, 3000, sealedMetadata());
    await api.append(ann, id, 0, noiseBytes(1234, 1));
    const state = await api.send(ann, 'HEAD', `/uploads/${id}`, TUS);
    expect([state.status, offsetOf(state), state.headers.get('upload-length'), state.headers.get('cache-control')]).toEqual([200, 1234, '3000', 'no-store']);
    expect(Date.parse(state.headers.get('upload-expires')!) - api.caller.nowMs).toBe(7 * 24 * 3600 * 1000);
  });

  test('may bring its first bytes, and all of them, with the creation', async () => {
    const ann = await api.caller.somebody();
    const bytes = noiseBytes(3000, 2);
    for (const part of [1000, 3000]) {
      const answer = await api.send(ann, 'POST', '/uploads', { ...CHUNK, 'upload-length': '3000', 'upload-metadata': sealedMetadata(bytes) }, bytes.subarray(0, part));
      expect([answer.status, offsetOf(answer), answer.headers.has('tonetwin-blob')]).toEqual([201, part, part === 3000]);
    }
  });

  test('whose length is said last, as of a recording that is still made, becomes a blob', async () => {
    const ann = await api.caller.somebody();
    const bytes = noiseBytes(7_000_000, 3);
    const id = await api.begin(ann, null, sealedMetadata());
    await api.append(ann, id, 0, bytes.subarray(0, 6_000_000));
    expect((await api.send(ann, 'HEAD', `/uploads/${id}`, TUS)).headers.get('upload-defer-length')).toBe('1');
    await api.append(ann, id, 6_000_000, bytes.subarray(6_000_000));
    const end = await api.append(ann, id, bytes.length, Buffer.alloc(0), { 'upload-length': String(bytes.length) });
    expect([end.status, end.headers.get('tonetwin-blob')]).toEqual([204, id]);
    expect((await ann.call('GET', `/blobs/${id}/info`)).json['sha256']).toBe(sha256(bytes));
  });

  test('of nothing is a blob of nothing', async () => {
    const ann = await api.caller.somebody();
    const id = await api.store(ann, Buffer.alloc(0));
    const read = await api.send(ann, 'GET', `/blobs/${id}`);
    expect([read.status, read.headers.get('content-length'), (await read.arrayBuffer()).byteLength]).toEqual([200, '0', 0]);
  });

  test('of a client that knows no more than tus is audio; HEAD says what was said of it', async () => {
    const ann = await api.caller.somebody();
    const made = await api.send(ann, 'POST', '/uploads', { ...TUS, 'upload-length': '8044', 'upload-metadata': metadata({ filename: 'take.wav', content_type: 'audio/wav' }) });
    expect(made.status).toBe(201);
    const id = made.headers.get('location')!.split('/').at(-1)!;
    expect((await api.send(ann, 'HEAD', `/uploads/${id}`, TUS)).headers.get('upload-metadata')).toBe(metadata({ kind: 'audio', encrypted: '0', content_type: 'audio/wav' }));
    expect((await api.append(ann, id, 0, wav())).status).toBe(204);
    expect((await ann.call('GET', `/blobs/${id}/info`)).json).toMatchObject({ kind: 'audio', encrypted: false, content_type: 'audio/wav' });
    const sealed = await api.begin(ann, 10, sealedMetadata(noiseBytes(10, 1), { dedupe_tag: 'ab'.repeat(32), sealed: 'AAAA' }));
    expect((await api.send(ann, 'HEAD', `/uploads/${sealed}`, TUS)).headers.get('upload-metadata')).toBe(sealedMetadata(noiseBytes(10, 1), { dedupe_tag: 'ab'.repeat(32) }));
  });

  test('that does not go on where it was is refused, and nothing of it is taken', async () => {
    const ann = await api.caller.somebody();
    const id = await api.begin(ann, 3000, sealedMetadata());
    await api.append(ann, id, 0, noiseBytes(1000, 1));
    for (const offset of [0, 999, 1001, 3000]) {
      const answer = await api.append(ann, id, offset, noiseBytes(10, 1));
      expect([answer.status, await reasonOf(answer), answer.headers.get('tus-resumable')]).toEqual([409, 'upload/offset', '1.0.0']);
    }
    expect(offsetOf(await api.send(ann, 'HEAD', `/uploads/${id}`, TUS))).toBe(1000);
  });

  test('that sends more than it said is refused', async () => {
    const ann = await api.caller.somebody();
    const id = await api.begin(ann, 1000, sealedMetadata());
    expect((await api.append(ann, id, 0, noiseBytes(1001, 1))).status).toBe(422);
  });

  test('whose bytes are not those that were promised is thrown away', async () => {
    const ann = await api.caller.somebody();
    const bytes = noiseBytes(2000, 4);
    const id = await api.begin(ann, 2000, sealedMetadata(bytes));
    bytes[1500]! ^= 1;
    const answer = await api.append(ann, id, 0, bytes);
    expect([answer.status, await reasonOf(answer)]).toEqual([460, 'upload/checksum']);
    expect((await api.send(ann, 'HEAD', `/uploads/${id}`, TUS)).status).toBe(404);
    await api.settle();
    expect((await api.world.names()).filter((name) => name.startsWith(id))).toEqual([]);
  });

  test('that ended without being told is finished when it is asked for', async () => {
    const ann = await api.caller.somebody();
    const bytes = noiseBytes(3000, 5);
    const id = await api.begin(ann, 3000, sealedMetadata(bytes));
    await api.append(ann, id, 0, bytes.subarray(0, 2000));
    // As a kill leaves it: the bytes are recorded, the end is not.
    const { queries } = api.caller.database;
    const [row] = await queries.select().from(blobs).where(eq(blobs.id, id));
    const progress = await api.world.another().append(id, row!, (async function* () { yield bytes.subarray(2000); })(), 3000, async () => undefined);
    await queries.update(blobs).set(progress).where(eq(blobs.id, id));
    const state = await api.send(ann, 'HEAD', `/uploads/${id}`, TUS);
    expect([offsetOf(state), state.headers.get('tonetwin-blob')]).toEqual([3000, id]);
    expect((await ann.call('GET', `/blobs/${id}/info`)).status).toBe(200);
  });

  test('that is given up is gone, and its bytes', async () => {
    const ann = await api.caller.somebody();
    const id = await api.begin(ann, 9_000_000, sealedMetadata());
    await api.append(ann, id, 0, noiseBytes(6_000_000, 1));
    expect((await api.send(ann, 'DELETE', `/uploads/${id}`, TUS)).status).toBe(204);
    expect((await api.send(ann, 'HEAD', `/uploads/${id}`, TUS)).status).toBe(404);
    await api.settle();
    expect((await api.world.names()).filter((name) => name.startsWith(id))).toEqual([]);
  });

  test('that nobody goes on with for a week is over, first by word, then by deed', async () => {
    const ann = await api.caller.somebody();
    const id = await api.begin(ann, 3000, sealedMetadata());
    await api.append(ann, id, 0, noiseBytes(1000, 1));
    const before = api.caller.nowMs;
    api.caller.nowMs += 8 * 24 * 3600 * 1000;
    const somebody = { ...ann, access: ((await api.caller.call('POST', '/auth/login', { email: ann.email, password: PASSWORD, device: 'x' })).json['access_token']) as string };
    const answer = await api.append(somebody, id, 1000, noiseBytes(1000, 1));
    expect([answer.status, await reasonOf(answer)]).toEqual([410, 'upload/expired']);
    await api.settle();
    expect((await api.send(somebody, 'HEAD', `/uploads/${id}`, TUS)).status).toBe(404);
    expect((await api.world.names()).filter((name) => name.startsWith(id))).toEqual([]);
    api.caller.nowMs = before;
  });

  test.each([
    ['without a version', { 'tus-resumable': '' }, 412], ['of another version', { 'tus-resumable': '0.2.2' }, 412],
    ['of another type', { 'content-type': 'application/octet-stream' }, 415], ['without an offset', { 'upload-offset': '' }, 422], ['at a place that is none', { 'upload-offset': '-1' }, 422],
  ])('%s is refused', async (_what, headers, status) => {
    const ann = await api.caller.somebody();
    const id = await api.begin(ann, 3000, sealedMetadata());
    const answer = await api.send(ann, 'PATCH', `/uploads/${id}`, { ...CHUNK, 'upload-offset': '0', ...headers }, noiseBytes(10, 1));
    expect(answer.status).toBe(status);
    if (status === 412) expect(answer.headers.get('tus-version')).toBe('1.0.0');
  });

  test.each([
    ['a kind that is none', metadata({ kind: 'film', encrypted: '1' })], ['a secrecy that is none', metadata({ kind: 'take', encrypted: 'yes' })],
    ['a hash that is none', metadata({ kind: 'take', encrypted: '1', sha256: '../x' })], ['what is not base64', 'kind &&&'], ['a key twice', 'kind YQ==,kind YQ=='],
  ])('with %s in its metadata is refused', async (_what, given) => {
    const ann = await api.caller.somebody();
    expect((await api.send(ann, 'POST', '/uploads', { ...TUS, 'upload-length': '10', 'upload-metadata': given })).status).toBe(422);
  });

  test('can be sent by who can only POST; what the server knows is told to anybody', async () => {
    const ann = await api.caller.somebody();
    const bytes = noiseBytes(100, 1);
    const id = await api.begin(ann, 100, sealedMetadata(bytes));
    expect((await api.send(ann, 'POST', `/uploads/${id}`, { ...CHUNK, 'upload-offset': '0', 'x-http-method-override': 'PATCH' }, bytes)).status).toBe(204);
    expect((await api.send(null, 'OPTIONS', '/uploads')).headers.get('tus-extension')).toBe('creation,creation-with-upload,creation-defer-length,expiration,termination');
  });
});

describe('what is stored already', () => {
  const tag = sha256(Buffer.from('a tag'));

  test('is not sent again by the same person, and by another it is', async () => {
    const [ann, ben] = [await api.caller.somebody(), await api.caller.somebody()];
    const bytes = noiseBytes(500, 6);
    const id = await api.store(ann, bytes, sealedMetadata(bytes, { dedupe_tag: tag }));
    const again = await api.send(ann, 'POST', '/uploads', { ...TUS, 'upload-length': '500', 'upload-metadata': sealedMetadata(bytes, { dedupe_tag: tag }) });
    expect([again.status, again.headers.get('tonetwin-blob'), again.headers.get('location'), offsetOf(again)]).toEqual([200, id, `/api/uploads/${id}`, 500]);
    expect((await ann.call('GET', `/blobs?dedupe_tag=${tag}`)).json['blobs']).toMatchObject([{ id }]);
    expect((await ben.call('GET', `/blobs?dedupe_tag=${tag}`)).json['blobs']).toEqual([]);
    await api.store(ben, bytes, sealedMetadata(bytes, { dedupe_tag: tag }));
  });

  test('by another upload at the same time is kept once', async () => {
    const ann = await api.caller.somebody();
    const bytes = noiseBytes(500, 7);
    const [first, second] = [await api.begin(ann, 500, sealedMetadata(bytes, { dedupe_tag: tag })), await api.begin(ann, 500, sealedMetadata(bytes, { dedupe_tag: tag }))];
    await api.append(ann, first, 0, bytes);
    const answer = await api.append(ann, second, 0, bytes);
    expect([answer.status, answer.headers.get('tonetwin-blob')]).toEqual([204, first]);
    expect((await ann.call('GET', '/blobs')).json['blobs']).toMatchObject([{ id: first }]);
  });

  test('for a week only is kept for good when it comes again as something that is', async () => {
    const ann = await api.caller.somebody();
    const bytes = noiseBytes(500, 8);
    const as = (kind: string) => metadata({ kind, encrypted: '1', dedupe_tag: tag });
    const id = await api.store(ann, bytes, as('intermediate'));
    expect(Date.parse((await ann.call('GET', `/blobs/${id}/info`)).json['expires_at'] as string) - api.caller.nowMs).toBe(7 * 24 * 3600 * 1000);
    await api.send(ann, 'POST', '/uploads', { ...TUS, 'upload-length': '500', 'upload-metadata': as('result') });
    expect((await ann.call('GET', `/blobs/${id}/info`)).json).toMatchObject({ kind: 'result', expires_at: null });
  });
});

describe('what the server can read', () => {
  test('is taken when it is audio, under its own type', async () => {
    const ann = await api.caller.somebody();
    const id = await api.store(ann, wav(), metadata({ kind: 'audio', encrypted: '0', content_type: 'audio/wav' }));
    const read = await api.send(ann, 'GET', `/blobs/${id}`);
    expect([read.headers.get('content-type'), read.headers.get('x-content-type-options'), read.headers.get('content-disposition')]).toEqual(['audio/wav', 'nosniff', `attachment; filename="${id}"`]);
  });

  test('is refused when it is not, whatever it says it is', async () => {
    const ann = await api.caller.somebody();
    const page = Buffer.from('<!doctype html><script>alert(1)</script>'.padEnd(200));
    const id = await api.begin(ann, page.length, metadata({ kind: 'audio', encrypted: '0', content_type: 'audio/wav' }));
    const answer = await api.append(ann, id, 0, page);
    expect([answer.status, await reasonOf(answer)]).toEqual([415, 'audio/not-audio']);
    expect((await api.send(ann, 'HEAD', `/uploads/${id}`, TUS)).status).toBe(404);
  });

  test('is not begun under the name of something else', async () => {
    const ann = await api.caller.somebody();
    const answer = await api.send(ann, 'POST', '/uploads', { ...TUS, 'upload-length': '100', 'upload-metadata': metadata({ kind: 'audio', encrypted: '0', content_type: 'text/html' }) });
    expect([answer.status, await reasonOf(answer)]).toEqual([415, 'audio/not-audio']);
    expect(await ann.call('POST', '/uploads/sign', { content_type: 'audio/wav', ext: 'html' })).toMatchObject({ status: 415, json: { detail: { reason: 'audio/not-audio' } } });
  });
});

describe('room', () => {
  test('is counted with what is promised, and given back', async () => {
    const ann = await api.caller.somebody();
    const id = await api.begin(ann, 40_000_000, sealedMetadata());
    const bytes = noiseBytes(3_000_000, 9);
    await api.store(ann, bytes);
    expect((await ann.call('GET', '/storage')).json).toEqual({ blobs: 1, used_bytes: 43_000_000, uploading_bytes: 40_000_000, quota_bytes: 60_000_000 });
    const answer = await api.send(ann, 'POST', '/uploads', { ...TUS, 'upload-length': '20000000', 'upload-metadata': sealedMetadata() });
    expect([answer.status, await reasonOf(answer)]).toEqual([507, 'upload/quota']);
    await api.send(ann, 'DELETE', `/uploads/${id}`, TUS);
    await api.begin(ann, 20_000_000, sealedMetadata());
    const day = new Date(api.caller.nowMs).toISOString().slice(0, 10);
    expect(await api.caller.database.queries.select().from(usage).where(eq(usage.userId, ann.id))).toMatchObject([{ day, bytes: 3_000_000 }]);
  });

  test('is not had twice by two that come at once', async () => {
    const ann = await api.caller.somebody();
    const both = await Promise.all([1, 2, 3].map(() => api.send(ann, 'POST', '/uploads', { ...TUS, 'upload-length': '25000000', 'upload-metadata': sealedMetadata() })));
    expect(both.map(({ status }) => status).sort()).toEqual([201, 201, 507]);
  });

  test('ends for who does not say how much will come', async () => {
    const ann = await api.caller.somebody();
    await api.begin(ann, 40_000_000, sealedMetadata());
    await api.begin(ann, 19_000_000, sealedMetadata());
    const id = await api.begin(ann, null, sealedMetadata());
    const answer = await api.append(ann, id, 0, noiseBytes(1_500_000, 1));
    expect([answer.status, await reasonOf(answer)]).toEqual([507, 'upload/quota']);
  });

  test('for uploads that are begun and not ended has an end, too', async () => {
    const ann = await api.caller.somebody();
    const id = await api.begin(ann, null, sealedMetadata());
    const { queries } = api.caller.database;
    const [row] = await queries.select().from(blobs).where(eq(blobs.id, id));
    await queries.insert(blobs).values(Array.from({ length: 999 }, () => ({ ...row!, id: crypto.randomUUID() })));
    const answer = await api.send(ann, 'POST', '/uploads', { ...TUS, 'upload-defer-length': '1', 'upload-metadata': sealedMetadata() });
    expect([answer.status, await reasonOf(answer), answer.headers.get('retry-after')]).toEqual([429, 'account/too-many-tries', '3600']);
    await api.send(ann, 'DELETE', `/uploads/${id}`, TUS);
    await api.begin(ann, null, sealedMetadata());
  });

  test('for one file has an end', async () => {
    const ann = await api.caller.somebody();
    expect((await api.send(ann, 'POST', '/uploads', { ...TUS, 'upload-length': '40000001', 'upload-metadata': sealedMetadata() })).status).toBe(413);
  });
});

describe('a signed address', () => {
  test('takes something small once, from whoever has it', async () => {
    const ann = await api.caller.somebody();
    const { json, status } = await ann.call('POST', '/uploads/sign', { content_type: 'audio/wav', ext: 'wav' });
    expect([status, Object.keys(json).sort()]).toEqual([201, ['expires', 'is_stored', 'key', 'put_url']]);
    const path = (json['put_url'] as string).replace('/api', '');
    const key = json['key'] as string;
    for (const wrong of [path.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')), path.replace(/expires=\d+/, 'expires=99999999999'), path.replace(key, ann.id)]) {
      expect((await api.send(null, 'PUT', wrong, { 'content-length': '8044' }, wav())).status).toBeGreaterThanOrEqual(403);
    }
    const put = await api.send(null, 'PUT', path, { 'content-length': '8044' }, wav());
    expect([put.status, put.headers.get('tonetwin-blob')]).toEqual([204, key]);
    expect((await api.send(null, 'PUT', path, { 'content-length': '8044' }, wav())).status).toBe(403);
    expect((await api.send(ann, 'GET', `/blobs/${key}`)).headers.get('content-disposition')).toBe(`attachment; filename="${key}.wav"`);
  });

  test('takes nothing after its time, and nothing large', async () => {
    const ann = await api.caller.somebody();
    const { json } = await ann.call('POST', '/uploads/sign', { content_type: 'audio/wav', ext: 'wav' });
    const path = (json['put_url'] as string).replace('/api', '');
    expect((await api.send(null, 'PUT', path, { 'content-length': '33554433' }, wav())).status).toBe(413);
    api.caller.nowMs += 3601_000;
    expect((await api.send(null, 'PUT', path, { 'content-length': '8044' }, wav())).status).toBe(403);
  });
});

test('whoever is not signed in, and another, finds no upload', async () => {
  const [ann, eve] = [await api.caller.somebody(), await api.caller.somebody()];
  const id = await api.begin(ann, 3000, sealedMetadata());
  for (const [method, headers] of [['HEAD', TUS], ['PATCH', { ...CHUNK, 'upload-offset': '0' }], ['DELETE', TUS]] as const) {
    const body = method === 'PATCH' ? noiseBytes(10, 1) : undefined;
    expect((await api.send(null, method, `/uploads/${id}`, headers, body)).status).toBe(401);
    expect((await api.send(eve, method, `/uploads/${id}`, headers, body)).status).toBe(404);
  }
  expect(offsetOf(await api.send(ann, 'HEAD', `/uploads/${id}`, TUS))).toBe(0);
});

test('an id that is a path is none', async () => {
  const ann = await api.caller.somebody();
  for (const id of ['..%2f..%2fetc%2fpasswd', '%2e%2e', 'a%00b', "'; DROP TABLE blobs; --"]) {
    const { status } = await api.send(ann, 'HEAD', `/uploads/${id}`, TUS);
    expect([404, 422]).toContain(status);
  }
});
