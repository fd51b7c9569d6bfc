/** Styles that several tests share. */
import type { Style } from '../../shared/style.ts';
import { randomNumbers } from './signals.ts';
import { styleWith } from './rendering.ts';

/** A decaying noise response, 60 dB in `seconds`. */
export function decayingNoise(seconds: number, sampleRate: number, seed: number): Float32Array<ArrayBuffer> {
  const random = randomNumbers(seed);
  return Float32Array.from({ length: Math.round(seconds * sampleRate) }, (_, i) => (random() * 2 - 1) * 0.05 * Math.exp((-6.9 * i) / (seconds * sampleRate)));
}

export const REVERB_KEY = 'a'.repeat(64);
export const FIR_KEY = 'b'.repeat(64);

function residualFir(tilt: number): Float32Array<ArrayBuffer> {
  const taps = new Float32Array(65);
  taps[32] = 1;
  taps[31] = tilt;
  taps[33] = tilt;
  return taps;
}

/** Every module on, at values that can be heard. */
export const STYLE_WITH_EVERYTHING: Style = styleWith(
  {
    pitch: { semitones: 0.5 },
    eq: {
      bands: [
        { type: 'low_shelf', fHz: 120, q: 0.7, gainDb: 3 },
        { type: 'peak', fHz: 2500, q: 1, gainDb: -4 },
        { type: 'high_shelf', fHz: 5000, q: 0.8, gainDb: 2.5 },
        { type: 'high_pass', fHz: 35, q: 0.7, gainDb: 0 },
      ],
    },
    matchFir: { irKey: FIR_KEY, amount: 1 },
    dynamics: {
      crossover1Hz: 120,
      crossover2Hz: 1000,
      crossover3Hz: 5000,
      bands: [
        { thresholdDb: -34, ratio: 2.5, lowThresholdDb: -80, lowRatio: 1, kneeDb: 6, attackMs: 20, releaseMs: 150, rmsMs: 10, makeupDb: 3 },
        { thresholdDb: -30, ratio: 1.8, lowThresholdDb: -80, lowRatio: 1, kneeDb: 4, attackMs: 8, releaseMs: 90, rmsMs: 0, makeupDb: 1 },
      ],
    },
    exciter: { fHz: 4000, driveDb: 12, even: 0.3, amount: 0.2 },
    stereo: { crossover1Hz: 250, crossover2Hz: 4000, widthLow: 0.8, widthMid: 1.2, widthHigh: 1.4 },
    reverb: { irKey: REVERB_KEY, mix: 0.3, preDelayMs: 10, ringOutSeconds: 30 },
    lufs: { targetDb: -12 },
    limiter: { tpDb: -1, lookaheadMs: 3, releaseMs: 100 },
  },
  {
    [REVERB_KEY]: { sampleRate: 48_000, channels: [decayingNoise(0.8, 48_000, 2), decayingNoise(0.8, 48_000, 3)] },
    [FIR_KEY]: { sampleRate: 48_000, channels: [residualFir(0.1), residualFir(-0.05)] },
  },
);
