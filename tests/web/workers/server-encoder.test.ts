/** A speaker encoder from a manifest: fetched over a network that breaks, checked, run by the real runtime. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { pcmFromArrays } from '../../../shared/pcm.ts';
import { readSpeakerEncoderManifest, versionOf } from '../../../shared/speaker-encoder-manifest.ts';
import { similarity, voiceSamples, normalised, type SpeakerEmbedding } from '../../../wasm/analysis/speaker-embedding.ts';
import { filterBank } from '../../../wasm/models/speaker/filter-bank.ts';
import { memoryStorage } from '../../../web/storage/memory/memory-storage.ts';
import type { WorkerTask } from '../../../web/workers/rpc.ts';
import { storedModel } from '../../../web/workers/voice-sample/model-store.ts';
import { embedByServer, type EncoderParts } from '../../../web/workers/voice-sample/server-encoder.ts';
import { freshEngine } from '../../support/engine.ts';
import { formantSpeech } from '../../support/formant-speech.ts';
import { noiseBytes } from '../../support/noise-bytes.ts';
import { meanModel, weightAt } from '../../support/onnx-model.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const BANDS = 80;
const model = meanModel(BANDS, 256);
const own: SpeakerEmbedding = { version: 'own-1', vector: new Float32Array(256).fill(1 / 16), hash: 'own' };
const speech = pcmFromArrays([formantSpeech({ f0Hz: 120, tract: 1 }, 6, 22_050, 1)], 22_050);

const manifest = (change: Record<string, unknown> = {}, bytes = model) => ({
  format: 1, kind: 'speaker-encoder', name: 'mean-80', licence: 'CC0-1.0', model: { url: 'encoder.onnx', bytes: bytes.length, sha256: sha256(bytes) },
  input: { name: 'feats', rate_hz: 16_000, features: { kind: 'log-mel', bands: BANDS, mean: 'none' } }, output: { name: 'embs', dimensions: 256 }, ...change,
});

/** Answers what `serve` says; every test sets its own. */
let serve: (request: IncomingMessage, response: ServerResponse) => void;
let server: Server;
let origin: string;
let asked: string[] = [];
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.range ?? ''}`.trim());
    serve(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void (server.closeAllConnections(), server.close()));
beforeEach(() => void (asked = []));

function task() {
  const [controller, shares] = [new AbortController(), [] as number[]];
  return { controller, shares, given: { signal: controller.signal, onProgress: (share: number) => void shares.push(share) } satisfies WorkerTask };
}

/** With ranges, or without; the connection is cut where it is told. */
const sending = (bytes: () => Uint8Array, { hasRanges = true, cutAfter = () => Infinity }: { hasRanges?: boolean; cutAfter?: () => number } = {}) => (request: IncomingMessage, response: ServerResponse): void => {
  const whole = bytes();
  const from = hasRanges ? Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0) : 0;
  if (from >= whole.length) return void response.writeHead(416, { 'content-range': `bytes */${whole.length}` }).end();
  response.writeHead(from > 0 ? 206 : 200, { 'content-length': whole.length - from, ...(from > 0 ? { 'content-range': `bytes ${from}-${whole.length - 1}/${whole.length}` } : {}) });
  const cut = cutAfter();
  if (cut >= whole.length - from) return void response.end(whole.subarray(from));
  response.write(whole.subarray(from, from + cut), () => setTimeout(() => response.destroy(), 5));
};

describe('a model', () => {
  const bytes = noiseBytes(300_000, 3);
  const wanted = () => ({ url: `${origin}/m`, bytes: bytes.length, sha256: sha256(bytes) });
  const parts = (storage = memoryStorage()) => ({ bytes: storage.bytes, fetch, wait: () => Promise.resolve() });

  test('comes whole over a connection that is cut again and again, asked for from where it ended', async () => {
    const cuts = [1, 40_000, 65_536, 0, 100_000];
    serve = sending(() => bytes, { cutAfter: () => cuts.shift() ?? Infinity });
    const { given, shares } = task();
    expect(Buffer.compare(await storedModel(parts(), wanted(), given), bytes)).toBe(0);
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.slice(2).every((one) => /^\/m bytes=\d+-$/.test(one))).toBe(true);
    expect(shares.at(-1)).toBe(1);
    expect(shares.every((share, i) => i === 0 || share >= shares[i - 1]!)).toBe(true);
  });

  test('is fetched once: what is there is used, without the network', async () => {
    const storage = memoryStorage();
    serve = sending(() => bytes);
    await storedModel(parts(storage), wanted(), task().given);
    await storedModel(parts(storage), wanted(), task().given);
    expect(asked).toEqual(['/m']);
  });

  test('goes on after the page was closed; begins anew where the server knows no ranges', async () => {
    const storage = memoryStorage();
    const cuts = [120_000, 0, 0, 0, 0];
    serve = sending(() => bytes, { cutAfter: () => cuts.shift() ?? Infinity });
    await expect(storedModel(parts(storage), wanted(), task().given)).rejects.toMatchObject({ code: 'network/unavailable' });
    serve = sending(() => bytes);
    expect(Buffer.compare(await storedModel(parts(storage), wanted(), task().given), bytes)).toBe(0);
    expect(asked.at(-1)).toMatch(/bytes=[1-9]\d*-/);

    const other = memoryStorage();
    const more = [90_000];
    serve = sending(() => bytes, { hasRanges: false, cutAfter: () => more.shift() ?? Infinity });
    expect(Buffer.compare(await storedModel(parts(other), wanted(), task().given), bytes)).toBe(0);
  });

  test('that was changed while it came is fetched anew; that is another file than was promised is thrown away', async () => {
    const storage = memoryStorage();
    const old = noiseBytes(300_000, 4);
    const cuts = [120_000, 0, 0, 0, 0];
    serve = sending(() => old, { cutAfter: () => cuts.shift() ?? Infinity });
    await expect(storedModel(parts(storage), wanted(), task().given)).rejects.toMatchObject({ code: 'network/unavailable' });
    serve = sending(() => bytes);
    expect(Buffer.compare(await storedModel(parts(storage), wanted(), task().given), bytes)).toBe(0);

    for (const wrong of [noiseBytes(300_000, 5), noiseBytes(300_100, 5)]) {
      const empty = memoryStorage();
      serve = sending(() => wrong);
      await expect(storedModel(parts(empty), wanted(), task().given)).rejects.toMatchObject({ code: 'encoder/damaged' });
      expect((await empty.bytes.list()).filter(({ folder }) => folder === 'models')).toEqual([]);
    }
  });

  test('goes on from another origin too, whose answers do not show from where they are', async () => {
    let first: ServerResponse | null = null;
    serve = (request, response) => {
      const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
      response.writeHead(from > 0 ? 206 : 200, { 'content-length': bytes.length - from });
      if (first) return void response.end(bytes.subarray(from));
      first = response;
      response.write(bytes.subarray(0, 120_000));
    };
    // The line is cut once all of that has come.
    const onProgress = (share: number): void => void (share >= 0.4 && first?.destroy());
    expect(Buffer.compare(await storedModel(parts(), wanted(), { ...task().given, onProgress }), bytes)).toBe(0);
    expect(asked).toEqual(['/m', '/m bytes=120000-']);
  });

  test('is asked for again where the line says nothing any more', async () => {
    let answers = 0;
    serve = (request, response) => {
      answers += 1;
      if (answers > 1) return sending(() => bytes)(request, response);
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, 50_000));
    };
    expect(Buffer.compare(await storedModel({ ...parts(), silenceMs: 300 }, wanted(), task().given), bytes)).toBe(0);
    expect(asked.length).toBeGreaterThan(1);
  });

  test('for which there is no room is not begun; where room runs out nothing of it stays', async () => {
    serve = sending(() => bytes);
    await expect(storedModel({ ...parts(), room: () => Promise.resolve(299_999) }, wanted(), task().given)).rejects.toMatchObject({ code: 'storage/full' });
    expect(asked).toEqual([]);
    const small = memoryStorage({ quotaBytes: 100_000 });
    await expect(storedModel(parts(small), wanted(), task().given)).rejects.toMatchObject({ code: 'storage/full' });
    expect(await small.bytes.list()).toEqual([]);
  });

  test('that is not wanted any more is not fetched on; what came is kept', async () => {
    const storage = memoryStorage();
    const { controller, given } = task();
    serve = (_, response) => {
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, 50_000));
    };
    const onProgress = (): void => controller.abort();
    await expect(storedModel(parts(storage), wanted(), { ...given, onProgress })).rejects.toMatchObject({ code: 'job/cancelled' });
    expect((await storage.bytes.list())[0]!.bytes).toBeGreaterThan(0);
  });
});

describe('an encoder', () => {
  const storage = memoryStorage();
  const parts = (): EncoderParts => ({ manifestUrl: `${origin}/models/encoder.json`, bytes: storage.bytes, fetch, openEngine: freshEngine, runtimeUrl: () => Promise.resolve(null) });
  const offering = (json: unknown, bytes: Uint8Array = model) => (request: IncomingMessage, response: ServerResponse): void => {
    if (request.url === '/models/encoder.json') response.end(typeof json === 'string' ? json : JSON.stringify(json));
    else if (request.url === '/models/encoder.onnx') sending(() => bytes)(request, response);
    else response.writeHead(404).end();
  };
  const embedded = () => embedByServer(speech, parts(), task().given, () => Promise.resolve(own));

  test('is run by the runtime on what its manifest says it takes; its vector has length one, and a version of its own', async () => {
    serve = offering(manifest());
    const { embedding, encoderError } = await embedded();
    expect(encoderError).toBeNull();
    expect(embedding.version).toBe(versionOf(readSpeakerEncoderManifest(manifest())));
    expect(embedding.version).toMatch(new RegExp(`^onnx:mean-80:${sha256(model).slice(0, 12)}:[0-9a-f]{8}$`));
    expect(similarity(embedding.vector, embedding.vector)).toBeCloseTo(1, 3);
    // The same, worked out here.
    const engine = await freshEngine();
    const { rows, count } = filterBank(engine, await voiceSamples(speech, engine), 16_000, { kind: 'log-mel', bands: BANDS, window_ms: 25, hop_ms: 10, window: 'hamming', low_hz: 20, high_hz: 0, pre_emphasis: 0.97, full_scale: 32_768, mean: 'none' });
    const means = Array.from({ length: BANDS }, (_, band) => Array.from({ length: count }, (_r, row) => rows[row * BANDS + band]!).reduce((sum, value) => sum + value, 0) / count);
    const expected = normalised(Array.from({ length: 256 }, (_, column) => means.reduce((sum, mean, row) => sum + mean * weightAt(row, column), 0)));
    expected.forEach((value, i) => expect(embedding.vector[i]).toBeCloseTo(value, 3));
    expect((await embedded()).embedding.hash).toBe(embedding.hash);
  });

  test('that cannot be had is replaced by the engine\'s own, and why is said', async () => {
    const damaged = Uint8Array.from(model, (value, i) => (i > 40 && i < 90 ? 255 : value));
    const narrow = meanModel(BANDS, 192);
    const cases: readonly (readonly [offer: ReturnType<typeof offering>, code: string, detail: RegExp])[] = [
      [offering('<html>'), 'encoder/manifest', /not JSON/],
      [offering({ ...manifest(), output: { name: 'embs', dimensions: 192 } }), 'encoder/manifest', /output\.dimensions: only encoders of 256/],
      [offering(manifest({ model: { ...manifest().model, url: 'https://elsewhere.example/encoder.onnx' } })), 'encoder/manifest', /another origin/],
      [offering(manifest({ model: { ...manifest().model, sha256: 'x' } })), 'encoder/manifest', /model\.sha256/],
      [offering(manifest({}, damaged), damaged), 'encoder/failed', /./],
      [offering(manifest({}, model.slice(0, 500)), model.slice(0, 500)), 'encoder/failed', /./],
      [offering(manifest({}, narrow), narrow), 'encoder/failed', /192 values, not 256/],
      [offering(manifest({ input: { ...manifest().input, name: 'wave' } })), 'encoder/failed', /no input wave, but feats/],
      [offering(manifest({ output: { name: 'out', dimensions: 256 } })), 'encoder/failed', /no output out, but embs/],
      [offering(manifest({ input: { ...manifest().input, features: { kind: 'waveform' } } })), 'encoder/failed', /./],
      [offering(manifest({}, noiseBytes(10, 1)), model.slice(0, 10)), 'encoder/damaged', /^$/],
    ];
    for (const [offer, code, detail] of cases) {
      serve = offer;
      const { embedding, encoderError } = await embedded();
      expect(embedding).toBe(own);
      expect(encoderError?.code).toBe(code);
      expect(String(encoderError?.args['detail'] ?? '')).toMatch(detail);
    }
  });

  test('is not asked where the sample itself is at fault', async () => {
    serve = offering(manifest());
    const silent = pcmFromArrays([new Float32Array(5 * 16_000)], 16_000);
    await expect(embedByServer(silent, parts(), task().given, () => Promise.resolve(own))).rejects.toMatchObject({ code: 'audio/too-short' });
  });

  test('that takes another\'s place leaves nothing of it', async () => {
    serve = offering(manifest());
    await embedded();
    expect((await storage.bytes.list()).filter(({ folder }) => folder === 'models').map(({ id }) => id).sort().reverse()).toEqual(['manifest.json', sha256(model)]);
  });

  test('that is on the device makes prints without a network too, and no other does', async () => {
    serve = offering(manifest());
    const { hash } = (await embedded()).embedding;
    const away = { ...parts(), fetch: () => Promise.reject(new TypeError('fetch failed')) };
    const printed = async (parts: EncoderParts) => embedByServer(speech, parts, task().given, () => Promise.resolve(own));
    expect(await printed(away)).toMatchObject({ embedding: { hash }, encoderError: null });
    expect(await printed({ ...away, manifestUrl: `${origin}/models/other.json` })).toMatchObject({ embedding: own, encoderError: { code: 'network/unavailable' } });
    // A server that has a bad moment is as good as none; one that has no such manifest any more has none.
    serve = (_, response) => void response.writeHead(503).end();
    expect((await embedded()).embedding.hash).toBe(hash);
    serve = (_, response) => void response.writeHead(404).end();
    expect(await embedded()).toMatchObject({ embedding: own, encoderError: { code: 'encoder/manifest' } });
  });
});
