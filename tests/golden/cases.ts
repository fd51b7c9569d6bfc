/**
 * Fixed input and fixed styles whose output is known to the last bit: the same in Node and in every browser.
 * No Node here, and no sine or power on the way to the input: engines of JavaScript may round those differently.
 */
import type { Style, StyleModules } from '../../shared/style.ts';
import type { EngineBinary } from '../../wasm/host/engine.ts';
import { renderArrays, styleWith } from '../support/rendering.ts';
import { randomNumbers } from '../support/signals.ts';

export const GOLDEN_RATE = 48_000;
const SECONDS = 3;

const REVERB = 'c'.repeat(64);
const FIR = 'd'.repeat(64);

/** Noise that decays by multiplication alone. */
function decay(frames: number, factor: number, seed: number): Float32Array<ArrayBuffer> {
  const random = randomNumbers(seed);
  let level = 0.05;
  return Float32Array.from({ length: frames }, () => (random() * 2 - 1) * (level *= factor));
}

/** Triangle tones that are struck and fade, and noise: loud enough to compress and limit, different left and right. */
export function goldenInput(): [Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>] {
  const frames = SECONDS * GOLDEN_RATE;
  const rows = [new Float32Array(frames), new Float32Array(frames)] as [Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>];
  const random = randomNumbers(2026);
  for (let start = 0; start < frames; start += 7919) {
    const period = 40 + Math.floor(random() * 400);
    const [left, right] = [random(), random()];
    let level = 0.6;
    for (let i = 0; i < Math.min(30_000, frames - start); i += 1) {
      const phase = (i % period) / period;
      const sample = (phase < 0.5 ? 4 * phase - 1 : 3 - 4 * phase) * level * Math.min(1, i / 48) + (random() - 0.5) * level * 0.1;
      rows[0][start + i]! += sample * left;
      rows[1][start + i]! += sample * right;
      level *= 0.99985;
    }
  }
  return rows;
}

type Values = { readonly [M in keyof StyleModules]?: StyleModules[M]['values'] };

const EQ: StyleModules['eq']['values'] = {
  bands: [
    { type: 'high_pass', fHz: 40, q: 0.7, gainDb: 0 },
    { type: 'low_shelf', fHz: 150, q: 0.7, gainDb: 3 },
    { type: 'peak', fHz: 2500, q: 1.2, gainDb: -5 },
    { type: 'high_shelf', fHz: 6000, q: 0.8, gainDb: 4 },
    { type: 'low_pass', fHz: 17_000, q: 0.7, gainDb: 0 },
  ],
};

const DYNAMICS: StyleModules['dynamics']['values'] = {
  crossover1Hz: 200,
  crossover2Hz: 3000,
  crossover3Hz: 9000,
  bands: [
    { thresholdDb: -30, ratio: 3, lowThresholdDb: -70, lowRatio: 1, kneeDb: 6, attackMs: 15, releaseMs: 120, rmsMs: 10, makeupDb: 2 },
    { thresholdDb: -34, ratio: 2, lowThresholdDb: -60, lowRatio: 0.5, kneeDb: 4, attackMs: 5, releaseMs: 80, rmsMs: 0, makeupDb: 1 },
    { thresholdDb: -40, ratio: 0.8, lowThresholdDb: -70, lowRatio: 1, kneeDb: 0, attackMs: 2, releaseMs: 60, rmsMs: 5, makeupDb: 0 },
  ],
};

const PARTS: { readonly [M in keyof Required<Values>]: Values } = {
  pitch: { pitch: { semitones: 1.5 } },
  eq: { eq: EQ },
  matchFir: { matchFir: { irKey: FIR, amount: 0.8 } },
  dynamics: { dynamics: DYNAMICS },
  exciter: { exciter: { fHz: 3500, driveDb: 15, even: 0.4, amount: 0.3 } },
  stereo: { stereo: { crossover1Hz: 250, crossover2Hz: 4000, widthLow: 0.6, widthMid: 1.2, widthHigh: 1.6 } },
  reverb: { reverb: { irKey: REVERB, mix: 0.4, preDelayMs: 12, ringOutSeconds: 30 } },
  lufs: { lufs: { targetDb: -23 } },
  limiter: { limiter: { tpDb: -9, lookaheadMs: 3, releaseMs: 90 } },
};

export interface GoldenCase {
  readonly name: string;
  readonly style: Style;
}

const fir = Float32Array.from({ length: 129 }, (_, i) => (i === 64 ? 0.9 : 0.02 * (1 - Math.abs(i - 64) / 65)));
const IRS: Style['irs'] = {
  [REVERB]: { sampleRate: GOLDEN_RATE, channels: [decay(24_000, 0.9997, 5), decay(24_000, 0.9997, 6)] },
  [FIR]: { sampleRate: GOLDEN_RATE, channels: [fir, fir.map((tap, i) => (i === 64 ? tap : -tap))] },
};

/** One per module, and all of them in a row. */
export const GOLDEN_CASES: readonly GoldenCase[] = [
  ...Object.entries(PARTS).map(([name, values]) => ({ name, style: styleWith(values, IRS) })),
  { name: 'whole-chain', style: styleWith(Object.assign({}, ...Object.values(PARTS), { lufs: { targetDb: -9 }, limiter: { tpDb: -1, lookaheadMs: 3, releaseMs: 90 } }) as Values, IRS) },
];

/** SHA-256 of the rendered float32 samples, left then right, little-endian, hexadecimal. */
export async function goldenHash(engine: EngineBinary, { style }: GoldenCase): Promise<string> {
  const { channels } = await renderArrays(goldenInput(), GOLDEN_RATE, style, { engine });
  const bytes = new Uint8Array(channels.reduce((sum, row) => sum + row.byteLength, 0));
  let at = 0;
  for (const row of channels) {
    bytes.set(new Uint8Array(row.buffer, row.byteOffset, row.byteLength), at);
    at += row.byteLength;
  }
  const digest = await crypto.subtle.digest('SHA-256', bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
