import { expect, test } from 'vitest';
import { energyDecays, middleRt60 } from '../../../../wasm/inversion/paired/energy-decay.ts';
import { filtered } from '../../../../wasm/inversion/paired/linear-part.ts';
import { shapedTail } from '../../../../wasm/inversion/paired/tail-shape.ts';
import { freshEngine } from '../../../support/engine.ts';
import { musicLike, whiteNoise } from '../../../support/signals.ts';

const RATE = 11_025;
const OCTAVES_HZ = [250, 500, 1000, 2000];
const engine = await freshEngine();
const dry = musicLike(12, RATE, 5);

/** Polack's room (1988): decaying noise, from 20 ms on. */
const room = (rt60Seconds: number, seconds: number, seed: number): Float32Array =>
  whiteNoise(Math.round(seconds * RATE), seed).map((x, n) => (n < 0.02 * RATE ? 0 : 0.02 * x * 10 ** ((-3 * n) / (rt60Seconds * RATE))));

const fallOf = (left: readonly Float32Array[]) => energyDecays(engine, [dry], [left], RATE, OCTAVES_HZ);

test('the decay of a room of 0.9 s is read within 20 % from what music makes of it', () => {
  const wet = dry.map((x, c) => filtered(engine, x, room(0.9, 1, 11 + c), 0));
  expect(Math.abs(middleRt60(fallOf(wet))! / 0.9 - 1)).toBeLessThan(0.2);
});

test('what a bent wave leaves shows less than a fifth of the decay that a room shows', () => {
  const gain = (left: readonly Float32Array[]) => fallOf(left).map((d) => d.gain).sort((a, b) => a - b)[OCTAVES_HZ.length >> 1]!;
  const bent = dry.map((x) => x.map((v) => 0.1 * v * Math.abs(v)));
  expect(gain(bent)).toBeLessThan(0.2 * gain(dry.map((x, c) => filtered(engine, x, room(0.9, 1, 11 + c), 0))));
});

test('a response that was cut, and is too strong late, falls as the decay says and goes on along it', () => {
  const lead = 441;
  const made = [0, 1].map((c) => {
    const row = new Float32Array(lead + 0.4 * RATE);
    row.set(room(3, 0.4, 3 + c), lead);
    return row;
  });
  const power = (rows: readonly Float32Array[], from: number, to: number) =>
    rows.reduce((sum, row) => sum + row.subarray(from * RATE, to * RATE).reduce((s, x) => s + x * x, 0), 0) / ((to - from) * RATE);
  // Both channels carry 2 p a second between them.
  const startPower = (power(made.map((row) => row.subarray(lead)), 0.04, 0.06) * RATE) / 2;
  const decays = OCTAVES_HZ.map((hz) => ({ hz, rt60Seconds: 1, startPower, startSeconds: 0.05, energy: startPower / 13.8, gain: 1, cells: 1 }));
  const shaped = shapedTail(engine, made, lead, decays, RATE);
  const fallDb = (later: number) => 10 * Math.log10(power(shaped, 0.05, 0.1) / power(shaped, later, later + 0.05));
  expect(fallDb(0.25)).toBeGreaterThan(9);
  expect(fallDb(0.25)).toBeLessThan(15);
  expect(fallDb(0.6)).toBeGreaterThan(29);
  expect(fallDb(0.6)).toBeLessThan(37);
});

test('what stands out of the noise before the direct sound is kept where echoes are asked for, and noise falls as the decay says', () => {
  const lead = Math.round(0.2 * RATE);
  const made = [0, 1].map((c) => whiteNoise(lead + Math.round(0.8 * RATE), 7 + c).map((x) => 0.001 * x));
  const echo = { from: lead + Math.round(0.3 * RATE), frames: Math.round(0.05 * RATE) };
  made.forEach((row, c) => row.set(whiteNoise(echo.frames, 17 + c).map((x) => 0.02 * x), echo.from));
  const decays = OCTAVES_HZ.map((hz) => ({ hz, rt60Seconds: 0.4, startPower: 1e-3, startSeconds: 0.05, energy: 1e-4, gain: 1, cells: 1 }));
  const fallDb = (rows: readonly Float32Array[], shaped: readonly Float32Array[], from: number, frames: number): number => {
    const power = (row: Float32Array, at: number) => row.subarray(at, at + frames).reduce((s, x) => s + x * x, 0);
    return 10 * Math.log10(rows.reduce((s, row) => s + power(row, from), 0) / shaped.reduce((s, row) => s + power(row, from - lead), 0));
  };
  const echoes = shapedTail(engine, made, lead, decays, RATE, true);
  const decay = shapedTail(engine, made, lead, decays, RATE);
  expect(fallDb(made, echoes, echo.from, echo.frames)).toBeLessThan(0.5);
  expect(fallDb(made, decay, echo.from, echo.frames)).toBeGreaterThan(20);
  const late = [lead + Math.round(0.6 * RATE), Math.round(0.1 * RATE)] as const;
  expect(fallDb(made, echoes, ...late)).toBeGreaterThan(10);
});
