import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serve } from '@hono/node-server';
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { Upload } from 'tus-js-client';
import { FOUND_BY_FAKE, startFakeClamd } from '../support/fake-clamd.ts';
import { noiseBytes } from '../support/noise-bytes.ts';
import { metadata, sealedMetadata, sha256, TUS } from '../support/tus.ts';
import { bearer, PASSWORD } from './support/api-caller.ts';
import { openUploadCaller, type UploadCaller } from './support/upload-caller.ts';

let api: UploadCaller;
beforeAll(async () => {
  api = await openUploadCaller();
}, 120_000);
afterAll(() => api.close());

const bytesOf = async (answer: Response): Promise<Buffer> => Buffer.from(await answer.arrayBuffer());

describe('a blob', () => {
  const bytes = noiseBytes(6_000_000, 1);

  test.each([
    ['bytes=0-0', 0, 0], ['bytes=100-', 100, 5_999_999], ['bytes=-5', 5_999_995, 5_999_999], ['bytes=5242879-5242881', 5_242_879, 5_242_881],
    ['bytes=5999999-7000000', 5_999_999, 5_999_999], ['bytes=-9000000', 0, 5_999_999],
  ])('answers %s with those bytes', async (range, from, to) => {
    const ann = await api.caller.somebody();
    const id = await api.store(ann, bytes);
    const answer = await api.send(ann, 'GET', `/blobs/${id}`, { range });
    expect([answer.status, answer.headers.get('content-range'), answer.headers.get('content-length')]).toEqual([206, `bytes ${from}-${to}/6000000`, String(to - from + 1)]);
    expect((await bytesOf(answer)).equals(bytes.subarray(from, to + 1))).toBe(true);
  });

  test.each(['bytes=6000000-', 'bytes=-0', 'bytes=9999999-10000000'])('has no bytes for %s, and says how many it has', async (range) => {
    const ann = await api.caller.somebody();
    const id = await api.store(ann, bytes);
    const answer = await api.send(ann, 'GET', `/blobs/${id}`, { range });
    expect([answer.status, answer.headers.get('content-range')]).toEqual([416, 'bytes */6000000']);
  });

  test.each(['bytes=5-2', 'lines=1-2', 'bytes=0-1,3-4', 'bytes=-', 'bytes=a-b', ''])('is answered whole where a range is none: %s', async (range) => {
    const ann = await api.caller.somebody();
    const id = await api.store(ann, noiseBytes(50, 1));
    const answer = await api.send(ann, 'GET', `/blobs/${id}`, { range });
    expect([answer.status, (await bytesOf(answer)).length]).toEqual([200, 50]);
  });

  test('is not sent to who has it, nor a range of what it is no more', async () => {
    const ann = await api.caller.somebody();
    const id = await api.store(ann, noiseBytes(50, 1));
    const etag = (await api.send(ann, 'HEAD', `/blobs/${id}`)).headers.get('etag')!;
    expect(etag).toBe(`"${sha256(noiseBytes(50, 1))}"`);
    expect((await api.send(ann, 'GET', `/blobs/${id}`, { 'if-none-match': etag })).status).toBe(304);
    expect((await api.send(ann, 'GET', `/blobs/${id}`, { range: 'bytes=0-1', 'if-range': etag })).status).toBe(206);
    expect((await api.send(ann, 'GET', `/blobs/${id}`, { range: 'bytes=0-1', 'if-range': '"other"' })).status).toBe(200);
    const head = await api.send(ann, 'HEAD', `/blobs/${id}`, { range: 'bytes=0-1' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '50']);
  });

  test('can be read by a signed address, for its time, by nobody else\'s signature', async () => {
    const ann = await api.caller.somebody();
    const [id, other] = [await api.store(ann, noiseBytes(60, 2)), await api.store(ann, noiseBytes(60, 3))];
    const { json } = await ann.call('POST', `/blobs/${id}/url`, { seconds: 60 });
    const path = (json['url'] as string).replace('/api', '');
    const answer = await api.send(null, 'GET', path, { range: 'bytes=10-19' });
    expect([answer.status, (await bytesOf(answer)).equals(noiseBytes(60, 2).subarray(10, 20))]).toEqual([206, true]);
    for (const wrong of [path.replace(id, other), path.replace(/expires=\d+/, 'expires=99999999999')]) expect((await api.send(null, 'GET', wrong)).status).toBe(403);
    // One for an upload is none for a download.
    const put = ((await ann.call('POST', '/uploads/sign', { content_type: 'audio/wav', ext: 'wav' })).json['put_url'] as string);
    expect((await api.send(null, 'GET', put.replace('/api/uploads', '/downloads'))).status).toBe(403);
    api.caller.nowMs += 61_000;
    expect((await api.send(null, 'GET', path)).status).toBe(403);
  });

  test('can be sealed anew, and deleted with its bytes', async () => {
    const ann = await api.caller.somebody();
    const id = await api.store(ann, noiseBytes(60, 2));
    expect((await ann.call('PATCH', `/blobs/${id}`, { sealed: 'bmV1' })).json).toMatchObject({ id, sealed: 'bmV1' });
    expect((await ann.call('DELETE', `/blobs/${id}`)).status).toBe(204);
    expect((await ann.call('GET', `/blobs/${id}/info`)).status).toBe(404);
    await api.settle();
    expect((await api.world.names()).filter((name) => name.startsWith(id))).toEqual([]);
  });

  test('of another is not there, on any route', async () => {
    const [ann, eve] = [await api.caller.somebody(), await api.caller.somebody()];
    const id = await api.store(ann, noiseBytes(60, 2));
    const routes = api.caller.api.contracts.filter(({ path, access }) => access === 'account' && /^\/(blobs|uploads)\/\{id\}/.test(path));
    expect(routes.length).toBeGreaterThanOrEqual(8);
    for (const { method, path } of routes) {
      const body = method === 'post' || method === 'patch' ? JSON.stringify(path.startsWith('/blobs') ? { sealed: 'eA==' } : {}) : undefined;
      const type = path.startsWith('/uploads') ? 'application/offset+octet-stream' : 'application/json';
      const headers = { ...TUS, 'content-type': type, 'upload-offset': '0', 'x-http-method-override': 'PATCH' };
      expect([method, path, (await api.send(eve, method.toUpperCase(), path.replace('{id}', id), headers, body)).status]).toEqual([method, path, 404]);
      expect([method, path, (await api.send(null, method.toUpperCase(), path.replace('{id}', id), headers, body)).status]).toEqual([method, path, 401]);
    }
    expect((await ann.call('GET', `/blobs/${id}/info`)).json).toMatchObject({ id, sealed: null });
  });
});

test('a list has what came last first, in pages without gap or repetition', async () => {
  const ann = await api.caller.somebody();
  const ids: string[] = [];
  for (let i = 0; i < 7; i += 1) {
    if (i % 2 === 0) api.caller.nowMs += 1000;
    ids.push(await api.store(ann, noiseBytes(40 + i, 1), metadata({ kind: i < 5 ? 'take' : 'result', encrypted: '1' })));
  }
  await api.begin(ann, 10, sealedMetadata());
  const found: string[] = [];
  let cursor: string | null = null;
  do {
    const { json } = await ann.call('GET', `/blobs?limit=2${cursor === null ? '' : `&cursor=${cursor}`}`);
    found.push(...(json['blobs'] as { id: string }[]).map(({ id }) => id));
    cursor = json['next_cursor'] as string | null;
  } while (cursor !== null);
  expect([found.toSorted(), found[0]]).toEqual([ids.toSorted(), ids[6]]);
  expect(((await ann.call('GET', '/blobs?kind=result')).json['blobs'] as unknown[]).length).toBe(2);
  expect((await ann.call('GET', '/blobs?cursor=x')).status).toBe(422);
});

test('what is kept for a week is gone after it, and what is not stays', async () => {
  const ann = await api.caller.somebody();
  const [week, good] = [await api.store(ann, noiseBytes(40, 1), metadata({ kind: 'intermediate', encrypted: '1' })), await api.store(ann, noiseBytes(40, 2))];
  const before = api.caller.nowMs;
  api.caller.nowMs += 7 * 24 * 3600 * 1000 + 1;
  await api.settle();
  api.caller.nowMs = before;
  expect([(await ann.call('GET', `/blobs/${week}/info`)).status, (await ann.call('GET', `/blobs/${good}/info`)).status]).toEqual([404, 200]);
  const names = await api.world.names();
  expect([names.includes(week), names.includes(good)]).toEqual([false, true]);
});

test('an account that is deleted takes its files along, rows and bytes, finished or not, and nobody else\'s', async () => {
  const [ann, ben] = [await api.caller.somebody(), await api.caller.somebody()];
  const [stored, other] = [await api.store(ann, noiseBytes(6_000_000, 1)), await api.store(ben, noiseBytes(40, 2))];
  const half = await api.begin(ann, 9_000_000, sealedMetadata());
  await api.append(ann, half, 0, noiseBytes(6_000_000, 3));
  expect((await ann.call('DELETE', '/auth/account', { password: PASSWORD })).status).toBe(204);
  await expect.poll(async () => (await api.world.names()).filter((name) => name.startsWith(stored) || name.startsWith(half)), { timeout: 20_000 }).toEqual([]);
  expect((await ben.call('GET', `/blobs/${other}/info`)).status).toBe(200);
  expect((await bytesOf(await api.send(ben, 'GET', `/blobs/${other}`))).equals(noiseBytes(40, 2))).toBe(true);
});

test('a client that speaks tus finishes an upload that it stopped in the middle (tus-js-client)', async () => {
  const server = serve({ fetch: api.caller.app.fetch, port: 0, hostname: '127.0.0.1' }) as Server;
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/uploads`;
  const ann = await api.caller.somebody();
  const bytes = noiseBytes(6_000_000, 9);
  const upload = (stopAt: number, uploadUrl: string | null) => new Promise<string>((resolve, reject) => {
    const made = new Upload(bytes, {
      endpoint, uploadUrl, chunkSize: 1_000_000, retryDelays: [0], headers: bearer(ann.access), metadata: { kind: 'recording', encrypted: '1', sha256: sha256(bytes) },
      onError: reject, onSuccess: () => resolve(made.url!),
      onChunkComplete: (_size, accepted) => {
        if (accepted >= stopAt) void made.abort().then(() => resolve(made.url!));
      },
    });
    made.start();
  });
  const url = await upload(3_000_000, null);
  expect((await ann.call('GET', '/blobs')).json['blobs']).toEqual([]);
  await upload(Infinity, url);
  const id = url.split('/').at(-1)!;
  expect((await bytesOf(await api.send(ann, 'GET', `/blobs/${id}`))).equals(bytes)).toBe(true);
  server.close();
}, 60_000);

describe('a scanner', () => {
  const sound = (more: string): Buffer<ArrayBuffer> => {
    const bytes = Buffer.alloc(100_000);
    bytes.write('fLaC', 0);
    bytes.write(more, 70_000);
    return bytes;
  };
  const plain = metadata({ kind: 'audio', encrypted: '0', content_type: 'audio/flac' });

  test('is shown what the server can read, and what it finds is refused', async () => {
    const clamd = await startFakeClamd();
    const scanned = await openUploadCaller({ clamdUrl: clamd.url });
    const ann = await scanned.caller.somebody();
    await scanned.store(ann, sound('music'), plain);
    await scanned.store(ann, sound(FOUND_BY_FAKE), sealedMetadata());
    expect(clamd.streams).toEqual([100_000]);
    const id = await scanned.begin(ann, 100_000, plain);
    const answer = await scanned.append(ann, id, 0, sound(FOUND_BY_FAKE));
    expect([answer.status, await answer.json()]).toMatchObject([451, { code: 'CONTENT_BLOCKED', detail: { reason: 'upload/infected', detail: 'Fake.Test-1' } }]);
    expect((await scanned.send(ann, 'HEAD', `/uploads/${id}`, TUS)).status).toBe(404);
    // While it is away nothing is taken, and nothing is lost: the next request tries again.
    clamd.stop();
    const later = await scanned.begin(ann, 100_000, plain);
    expect((await scanned.append(ann, later, 0, sound('music'))).status).toBe(503);
    expect((await ann.call('GET', `/blobs/${later}/info`)).status).toBe(404);
    await scanned.close();
  }, 120_000);
});
