import { beforeAll, expect, test } from 'vitest';
import { pcmFromArrays } from '../../../shared/pcm.ts';
import { analyzeFeatures } from '../../../wasm/analysis/analyze.ts';
import { ltasErrorDb, type MeasuredAudio, measureResult } from '../../../wasm/rendering/measure-result.ts';
import { pairedDistance } from '../../../wasm/rendering/spectral-distance.ts';
import { engineBinary, freshEngine } from '../../support/engine.ts';
import { musicLike, pinkNoise } from '../../support/signals.ts';

const RATE = 44_100;
const [left, right] = musicLike(6, RATE, 21);
const other = musicLike(6, RATE, 22);

async function measured(rows: readonly Float32Array[], sampleRate = RATE): Promise<MeasuredAudio> {
  const pcm = pcmFromArrays(rows, sampleRate);
  return { pcm, features: await analyzeFeatures(pcm, { engine: await engineBinary(), contentHash: '' }) };
}

const louder = (rows: readonly Float32Array[], db: number) => rows.map((row) => row.map((x) => x * 10 ** (db / 20)));
/** A gentle tilt towards the treble. */
const tilted = (rows: readonly Float32Array[]) => rows.map((row) => row.map((x, i) => x - 0.5 * (row[i - 1] ?? 0)));

let [plain, stranger]: MeasuredAudio[] = [];
beforeAll(async () => {
  [plain, stranger] = [await measured([left, right]), await measured(other)];
});

test.each(['A', 'B'] as const)('mode %s: a recording is at no distance from itself', async (mode) => {
  const metrics = await measureResult({ engine: await engineBinary(), mode, result: plain!, target: plain!, reference: plain! });
  expect(metrics).toMatchObject({ stftDist: 0, melDist: 0, lufsErr: 0, artifactsRate: 0, ltasErrorDb: 0, ltasErrorBeforeDb: 0 });
  expect(metrics.tpDb).toBe(plain!.features.truePeakDbtp);
});

test('mode A: 6 dB more is a mel distance of 6 dB and a log-magnitude distance of 0.69 nats, plus a convergence of 1', async () => {
  const noise = [pinkNoise(2 * RATE, 1), pinkNoise(2 * RATE, 2)];
  const distance = await pairedDistance(await freshEngine(), pcmFromArrays(louder(noise, 6.0206), RATE), pcmFromArrays(noise, RATE), 0, () => undefined);
  expect(distance!.stftDist).toBeCloseTo(1 + Math.LN2, 3);
  expect(distance!.melDist).toBeCloseTo(6.0206, 3);
});

test('mode A: a delay that is known does not count', async () => {
  const late = [left, right].map((row) => Float32Array.from({ length: row.length }, (_, i) => row[i - 100] ?? 0));
  const [aligned, ignored] = [
    await pairedDistance(await freshEngine(), plain!.pcm, pcmFromArrays(late, RATE), 100, () => undefined),
    await pairedDistance(await freshEngine(), plain!.pcm, pcmFromArrays(late, RATE), 0, () => undefined),
  ];
  expect(aligned!.stftDist).toBeLessThan(1e-6);
  expect(ignored!.stftDist).toBeGreaterThan(0.1);
});

test('mode A: what cannot be laid over each other has no distance', async () => {
  expect(await pairedDistance(await freshEngine(), plain!.pcm, pcmFromArrays([left], 48_000), 0, () => undefined)).toBeNull();
});

test('mode B: the same sound in another order is nearer than another sound', async () => {
  const half = left.length / 2;
  const turned = [left, right].map((row) => Float32Array.from([...row.subarray(half), ...row.subarray(0, half)]));
  const distance = async (result: MeasuredAudio) =>
    (await measureResult({ engine: await engineBinary(), mode: 'B', result, target: plain!, reference: plain! })).stftDist!;
  const [reordered, changed] = [await distance(await measured(turned)), await distance(await measured(tilted([left, right])))];
  expect(reordered).toBeLessThan(0.25 * changed);
});

test('LTAS error does not hear loudness, and hears a tilt', async () => {
  expect(ltasErrorDb((await measured(louder([left, right], -6))).features, plain!.features)).toBeLessThan(0.02);
  expect(ltasErrorDb((await measured(tilted([left, right]))).features, plain!.features)).toBeGreaterThan(1);
});

test('without a reference the loudness error is to what the style asked for', async () => {
  const metrics = await measureResult({ engine: await engineBinary(), mode: 'B', result: stranger!, target: plain!, reference: null, targetLufs: -16 });
  expect(metrics.lufsErr).toBeCloseTo(stranger!.features.loudness.integratedLufs! + 16, 6);
  expect(metrics).toMatchObject({ stftDist: null, melDist: null, ltasErrorDb: null });
});
