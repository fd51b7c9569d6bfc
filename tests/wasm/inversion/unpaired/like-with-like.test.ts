import { expect, test } from 'vitest';
import { pcmFromArrays } from '../../../../shared/pcm.ts';
import { openEngine } from '../../../../wasm/host/engine.ts';
import { likeWithLike, readMomentSpectra } from '../../../../wasm/inversion/unpaired/like-with-like.ts';
import { spectralDifference } from '../../../../wasm/inversion/unpaired/material.ts';
import { measure } from '../../../support/analyze.ts';
import { engineBinary } from '../../../support/engine.ts';
import { pinkNoise, whiteNoise } from '../../../support/signals.ts';

const RATE = 44_100;
const SECTION = RATE;

/** Ten sections of a second: those named are bright (white noise), the others dark (pink noise). */
function piece(seed: number, bright: readonly number[]): Float32Array {
  const [dark, light] = [pinkNoise(10 * SECTION, seed), whiteNoise(10 * SECTION, seed + 1, 0.1)];
  return dark.map((x, i) => (bright.includes(Math.floor(i / SECTION)) ? light[i]! : x));
}

/** A lift of the top: y[n] = x[n] + 0.8 (x[n] - x[n - 1]). */
const LIFT = 0.8;
const lifted = (row: Float32Array): Float32Array => row.map((x, i) => x + LIFT * (x - (row[i - 1] ?? 0)));
const liftDb = (hz: number): number => {
  const w = (2 * Math.PI * hz) / RATE;
  return 20 * Math.log10(Math.hypot(1 + LIFT * (1 - Math.cos(w)), LIFT * Math.sin(w)));
};

async function compared(target: readonly Float32Array[], reference: readonly Float32Array[], rates = { target: RATE, reference: RATE }) {
  const engine = await openEngine(await engineBinary());
  const measured = async (rows: readonly Float32Array[], rate: number) => ({ pcm: pcmFromArrays(rows, rate), features: await measure(rows, rate) });
  const [own, theirs] = [await measured(target, rates.target), await measured(reference, rates.reference)];
  const difference = spectralDifference(theirs.features, own.features, () => 0);
  const spectra = { reference: await readMomentSpectra(engine, theirs), target: await readMomentSpectra(engine, own) };
  return { difference, found: likeWithLike(spectra, difference, () => 0) };
}

/** Mean distance from the lift over the known frequencies, constants left out, dB. */
function errorDb(hz: readonly number[], db: ArrayLike<number>): number {
  const rest = hz.flatMap((f, k) => (f > 60 && f < 15_000 ? [db[k]! - liftDb(f)] : []));
  const mean = rest.reduce((a, b) => a + b, 0) / rest.length;
  return rest.reduce((sum, value) => sum + Math.abs(value - mean), 0) / rest.length;
}

test('what the arrangement does is left out: sections are compared with their like', async () => {
  const { difference, found } = await compared([piece(1, [4])], [lifted(piece(11, [1, 2, 3, 5, 6, 8, 9]))]);
  const misled = errorDb(difference.hz, difference.db);
  expect(misled).toBeGreaterThan(1.5);
  expect(errorDb(difference.hz, found!.db)).toBeLessThan(0.35 * misled);
});

test('mono is compared as two like channels are, and two sample rates can be compared', async () => {
  const reference = lifted(piece(11, [1, 2, 3, 5, 6, 8, 9]));
  const mono = await compared([piece(1, [4])], [reference]);
  const stereo = await compared([piece(1, [4])], [reference, reference]);
  expect(errorDb(mono.difference.hz, stereo.found!.db)).toBeCloseTo(errorDb(mono.difference.hz, mono.found!.db), 1);
  const otherRate = await compared([piece(1, [4])], [reference], { target: RATE, reference: 48_000 });
  expect(otherRate.found!.db.every((db) => Number.isFinite(db))).toBe(true);
});

test('recordings that are too short for moments say nothing', async () => {
  const short = pinkNoise(0.5 * RATE, 3);
  expect((await compared([short], [lifted(pinkNoise(0.5 * RATE, 4))])).found).toBeNull();
});
