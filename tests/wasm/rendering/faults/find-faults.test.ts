import { describe, expect, test } from 'vitest';
import { pcmFromArrays } from '../../../../shared/pcm.ts';
import { findFaults } from '../../../../wasm/rendering/faults/find-faults.ts';
import type { Fault } from '../../../../wasm/rendering/faults/finding.ts';
import { alarmsIn, ALL_FAULTS, type Hit, hitsIn } from '../../../bench/artefacts/rates.ts';
import { composedPiece } from '../../../bench/identify/material.ts';
import { engineBinary } from '../../../support/engine.ts';
import { pinkNoise, sine } from '../../../support/signals.ts';

const RATE = 44_100;

const find = async (result: readonly Float32Array[], clean: readonly Float32Array[] | null, kinds: readonly Fault[], sampleRate = RATE) =>
  findFaults({ engine: await engineBinary(), result: pcmFromArrays(result, sampleRate), clean: clean && pcmFromArrays(clean, sampleRate), kinds });

const PIECES = [1, 2].map((seed) => ({ seed, piece: composedPiece(seed) }));

/** Of faults of the sizes that tests/bench/artefacts/faults.ts states. `npm run bench -- artefacts` prints the rates on more music. */
const LEAST_SHARE: Record<Fault, number> = { click: 0.75, gap: 0.95, over: 0.9, pump: 0.85, 'pre-echo': 0.7, zipper: 0.6 };

test.each(ALL_FAULTS)('%s: of faults of audible size in composed music, as many are found as are stated', async (kind) => {
  const hits: Hit[] = [];
  for (const { seed, piece } of PIECES) hits.push(...(await hitsIn(await engineBinary(), piece, kind, seed, 'music')));
  expect(hits.length).toBeGreaterThan(5);
  expect(hits.filter(({ isFound }) => isFound).length / hits.length).toBeGreaterThanOrEqual(LEAST_SHARE[kind]);
});

test('nothing is found in composed music, nor in what ordinary settings make of it', async () => {
  for (const { seed, piece } of PIECES) {
    for (const { what, findings } of await alarmsIn(await engineBinary(), piece, seed)) {
      // Overs are measured, not guessed: the pieces have some.
      expect(findings.filter(({ kind }) => kind !== 'over'), `seed ${seed}, ${what}`).toEqual([]);
    }
  }
});

test('beside itself no recording has a fault, whatever is in it', async () => {
  const broken = PIECES[0]!.piece.channels.map((row) => row.slice());
  for (const row of broken) row[5 * RATE]! += 0.5;
  expect(await find(broken, broken, ALL_FAULTS.filter((kind) => kind !== 'over'))).toEqual([]);
});

test('noise has no artefacts', async () => {
  const noise = pinkNoise(10 * RATE, 3);
  expect(await find([noise], null, ALL_FAULTS)).toEqual([]);
});

test('a wrong sample is one click, at its frame, at any sample rate', async () => {
  for (const sampleRate of [RATE, 96_000]) {
    const broken = pinkNoise(6 * sampleRate, 4).map((x) => 0.3 * x);
    const frame = Math.round(3.1 * sampleRate);
    broken[frame]! += 0.8;
    const found = await find([broken], null, ['click'], sampleRate);
    expect(found.length).toBe(1);
    expect(Math.abs(found[0]!.frame - frame)).toBeLessThanOrEqual(1);
  }
});

describe('a click alone', () => {
  const at = 3 * RATE;
  const found = async (tone: Float32Array, click: readonly number[]) => {
    const noise = pinkNoise(6 * RATE, 7, 1e-5);
    const broken = tone.map((x, i) => x + noise[i]! + (click[i - at] ?? 0));
    return (await find([broken], null, ['click'])).filter(({ frame }) => Math.abs(frame - at) < 0.001 * RATE).length;
  };

  test('is found from the threshold in quiet on, and not under it, however well the music is told', async () => {
    const tone = sine(6 * RATE, 220, RATE, 0.1);
    expect(await found(tone, [])).toBe(0);
    expect(await found(tone, [0.0008])).toBe(0);
    expect(await found(tone, [0.003])).toBe(1);
  });

  test('is found under a tone whose differences are loud', async () => {
    expect(await found(sine(6 * RATE, 15_000, RATE, 0.3), [0.02])).toBe(1);
  });

  test('is found where it is a burst in a tone that is told well: what it leaves goes on for as long as the predictor', async () => {
    const burst = Array.from({ length: 20 }, (_, k) => 0.02 * Math.cos(2.2 * k * k) * (k === 0 ? 2 : 1));
    const tone = new Float32Array(6 * RATE);
    for (let partial = 1; partial <= 8; partial += 1) sine(6 * RATE, 220 * partial, RATE, 0.1 / partial).forEach((x, i) => (tone[i]! += x));
    expect(await found(tone, burst)).toBe(1);
  });
});

describe('clicks that come again, alone', () => {
  const piece = composedPiece(4);
  const rate = piece.sampleRate;
  const noise = pinkNoise(rate, 12, 0.02);
  /** Half a second apart: each begins with a wrong sample; what follows it is added. */
  const every = (after: (seconds: number, i: number) => number): Float32Array[] =>
    piece.channels.map((row) => {
      const beaten = row.slice();
      for (let from = rate; from + rate < row.length; from += rate / 2) {
        beaten[from]! += 0.6;
        for (let i = 1; i < 0.1 * rate; i += 1) beaten[from + i]! += after(i / rate, i);
      }
      return beaten;
    });
  const framesOf = async (rows: readonly Float32Array[]) => (await find(rows, null, ['click'], rate)).map(({ frame }) => frame);

  test('are music where each begins the same stroke; one more is still found among them', async () => {
    const drum = every((t, i) => (0.2 * Math.sin(2 * Math.PI * 60 * t) + noise[i]!) * Math.exp(-t / 0.03));
    expect(await framesOf(drum)).toEqual([]);
    const at = Math.round(4.2 * rate);
    for (const row of drum) row[at]! += 0.6;
    expect(await framesOf(drum)).toEqual([at]);
  });

  test('are faults where nothing follows them but the music, however regular they are', async () => {
    const beats = Math.ceil((piece.channels[0].length - 2 * rate) / (rate / 2));
    expect((await framesOf(every(() => 0))).length).toBeGreaterThanOrEqual(0.9 * beats);
  });
});

test('where a result jumps there is a click, compared, though little stands out at the seam', async () => {
  const piece = composedPiece(22);
  const frame = 2 * piece.sampleRate;
  for (const second of [3.1, 5.6, 8.3]) {
    const from = Math.round(second * piece.sampleRate) - frame;
    const clean = piece.channels.map((row) => row.slice(from, from + 2 * frame));
    const jumped = clean.map((row, c) => row.map((x, i) => (i < frame ? x : piece.channels[c]![from + i + 900]!)));
    const found = await find(jumped, clean, ['click'], piece.sampleRate);
    expect(found.filter((f) => Math.abs(f.frame - frame) < 0.01 * piece.sampleRate).length, `at ${second} s`).toBe(1);
  }
});

test('dropouts are gaps, each once, with their length; silence at both ends is none', async () => {
  const noise = pinkNoise(10 * RATE, 4);
  for (const second of [2, 5.5]) noise.fill(0, Math.round(second * RATE), Math.round((second + 0.01) * RATE));
  noise.fill(0, 0, RATE);
  noise.fill(0, 9 * RATE);
  const found = await find([noise, noise], null, ['gap']);
  expect(found.map(({ frame }) => Math.round((10 * frame) / RATE) / 10)).toEqual([2, 5.5]);
  for (const { size } of found) expect(size).toBeCloseTo(10, 0);
});

test('a gain that dips by 14 dB twice a second pumps; a fader move and a constant gain do not', async () => {
  const noise = pinkNoise(20 * RATE, 5);
  const count = async (gainDb: (seconds: number) => number): Promise<number> => {
    const moved = noise.map((sample, i) => sample * 10 ** (gainDb(i / RATE) / 20));
    return (await find([moved], [noise], ['pump'])).length;
  };
  const pumping = await count((t) => -14 * Math.max(0, 1 - (t % 0.5) / 0.3));
  expect(pumping).toBeGreaterThan(35);
  expect(pumping).toBeLessThan(42);
  expect(await count((t) => -12 + t)).toBe(0);
  expect(await count(() => 6)).toBe(0);
});

test('noise before a stroke is a pre-echo; a grace note of the counterpart is none, though it comes out driven', async () => {
  const strokes = [1, 2, 3, 4, 5];
  const ring = (row: Float32Array, second: number, amplitude: number): void => {
    const from = Math.round(second * RATE);
    for (let i = from; i < row.length; i += 1) {
      const t = (i - from) / RATE;
      row[i]! += amplitude * Math.min(1, t / 0.001) * Math.exp(-t / 0.03) * Math.sin(2 * Math.PI * 700 * t);
    }
  };
  const plain = sine(6 * RATE, 220, RATE, 0.02);
  for (const second of strokes) ring(plain, second, 0.4);
  const graced = plain.slice();
  for (const second of strokes) ring(graced, second - 0.016, 0.07);
  const smeared = plain.slice();
  for (const second of strokes) pinkNoise(Math.round(0.012 * RATE), second, 0.02).forEach((x, i) => (smeared[Math.round((second - 0.016) * RATE) + i]! += x));
  const driven = (row: Float32Array) => row.map((x) => Math.tanh(4 * x) / 4);
  const count = async (result: Float32Array, clean: Float32Array) => (await find([driven(result)], [clean], ['pre-echo'])).length;
  expect(await count(plain, plain)).toBe(0);
  expect(await count(graced, graced)).toBe(0);
  expect(await count(smeared, plain)).toBe(strokes.length);
});

test('a peak between the samples is an over, by as much as it passes the ceiling', async () => {
  const tone = Float32Array.from({ length: RATE }, (_, i) => 1.2 * Math.sin((Math.PI / 2) * i + Math.PI / 4) * Math.min(1, i / 4000, (RATE - i) / 4000));
  const found = await find([tone], null, ['over']);
  expect(found.length).toBe(1);
  expect(found[0]!.size).toBeCloseTo(20 * Math.log10(1.2), 1);
});

test('what is found does not depend on what lies before', async () => {
  // 8192 frames are the grid: the same music one step later is found the same.
  const broken = pinkNoise(8 * RATE, 6).map((x) => 0.3 * x);
  for (const second of [2.3, 5.1]) broken[Math.round(second * RATE)]! += 0.8;
  const later = new Float32Array(broken.length + 8192);
  later.set(broken, 8192);
  const [here, there] = [await find([broken], null, ['click']), await find([later], null, ['click'])];
  expect(here.length).toBe(2);
  expect(there.map(({ frame }) => frame - 8192)).toEqual(here.map(({ frame }) => frame));
});
