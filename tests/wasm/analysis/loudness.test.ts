import { expect, test } from 'vitest';
import { dbToGain } from '../../../shared/units.ts';
import { measure } from '../../support/analyze.ts';
import { sine } from '../../support/signals.ts';

const RATE = 48_000;

/** A stereo sine in steps of level: dBFS and seconds each. */
function steps(hz: number, levels: readonly (readonly [dbfs: number, seconds: number])[], sampleRate = RATE): Float32Array {
  const total = levels.reduce((sum, [, seconds]) => sum + Math.round(seconds * sampleRate), 0);
  const wave = sine(total, hz, sampleRate, 1);
  let at = 0;
  for (const [dbfs, seconds] of levels) {
    const end = at + Math.round(seconds * sampleRate);
    for (; at < end; at += 1) wave[at]! *= dbToGain(dbfs);
  }
  return wave;
}

const integrated = async (wave: Float32Array, sampleRate = RATE) => (await measure([wave, wave.slice()], sampleRate)).loudness.integratedLufs;

// EBU Tech 3341, minimum requirements test signals; 1 kHz stereo sines.
test.each([
  ['1', [[-23, 20]], -23],
  ['2', [[-33, 20]], -33],
  ['3', [[-36, 10], [-23, 60], [-36, 10]], -23],
  ['4', [[-72, 10], [-36, 10], [-23, 60], [-36, 10], [-72, 10]], -23],
  ['5', [[-26, 20], [-20, 20.1], [-26, 20]], -23],
] as const)('EBU Tech 3341 case %s reads its integrated loudness within 0.1 LU', async (_, levels, lufs) => {
  expect(Math.abs((await integrated(steps(1000, levels)))! - lufs)).toBeLessThan(0.1);
});

test.each([8000, 22_050, 44_100, 96_000, 192_000])('a 997 Hz sine at -20 dBFS reads the same loudness at %i Hz', async (sampleRate) => {
  expect(await integrated(steps(997, [[-20, 3]], sampleRate), sampleRate)).toBeCloseTo(-20, 1);
});

// EBU Tech 3342, minimum requirements test signals.
test.each([
  ['1', [[-20, 20], [-30, 20]], 10],
  ['2', [[-20, 20], [-15, 20]], 5],
  ['3', [[-40, 20], [-20, 20]], 20],
  ['4', [[-50, 20], [-35, 20], [-20, 20], [-35, 20], [-50, 20]], 15],
] as const)('EBU Tech 3342 case %s reads its loudness range within 1 LU', async (_, levels, lra) => {
  const wave = steps(1000, levels);
  expect(Math.abs((await measure([wave, wave.slice()], RATE)).loudness.lraLu! - lra)).toBeLessThan(1);
});

// EBU Tech 3341, cases 15 to 19: sines at a quarter, a sixth and an eighth of the rate with awkward phases.
test.each([
  [4, 0, -6],
  [4, 45, -6],
  [6, 60, -6],
  [8, 67.5, -6],
  [4, 45, 3],
] as const)('a sine at 1/%i of the rate and %f degrees reads its true peak within +0.2 / -0.4 dB', async (part, degrees, dbtp) => {
  const wave = sine(RATE, RATE / part, RATE, dbToGain(dbtp), (degrees * Math.PI) / 180);
  const fade = 2400;
  for (let i = 0; i < fade; i += 1) {
    wave[i]! *= i / fade;
    wave[wave.length - 1 - i]! *= i / fade;
  }
  const { truePeakDbtp } = await measure([wave, wave.slice()], RATE);
  expect(truePeakDbtp! - dbtp).toBeLessThan(0.2);
  expect(truePeakDbtp! - dbtp).toBeGreaterThan(-0.4);
});

test('mono reads as loud as the same sound on both channels', async () => {
  const wave = steps(1000, [[-18, 4]]);
  const mono = await measure([wave.slice()], RATE);
  expect(mono.loudness.integratedLufs).toBeCloseTo((await integrated(wave))!, 6);
});
