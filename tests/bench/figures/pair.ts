/** What the figures of mode A start from: a pair without its files, and the values that their chains have. */
import { neutralStyle, type Style } from '../../../shared/style.ts';
import type { Pair } from '../../../wasm/inversion/paired/stages.ts';
import { measure } from '../../support/analyze.ts';
import { engineBinary } from '../../support/engine.ts';
import { type Filter, RATE, type Stereo } from './sound.ts';

/** A pair as the stages are given it, aligned and whole. */
export async function pairOf(target: Stereo, reference: Stereo): Promise<Pair> {
  return {
    engine: await engineBinary(),
    sampleRate: RATE,
    targets: [target],
    references: [reference],
    heard: [reference],
    ceilingDbtp: -1,
    referencePeakDbtp: (await measure(reference, RATE)).truePeakDbtp,
    ringOutSeconds: 30,
    trials: null,
  };
}

export const neutral = (): Style => neutralStyle('', 'A');

/** An equalizer that is to be found. */
export const TONE: readonly Filter[] = [
  { type: 'low_shelf', hz: 140, q: 0.7, db: 4 },
  { type: 'peak', hz: 700, q: 1.2, db: -5 },
  { type: 'peak', hz: 3200, q: 1.8, db: 4 },
];
/** A compressor that is to be found. */
export const SQUASHED = { thresholdDb: -32, ratio: 4, attackMs: 8, releaseMs: 140, makeupDb: 8 } as const;

/** Gain of the side that is to be found. */
export const WIDTH = 1.6;
/** Of a gain over time. */
export const SHOWN_SECONDS = [6, 10] as const;
