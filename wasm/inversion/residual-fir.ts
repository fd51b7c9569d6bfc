/**
 * What eight bands leave over, as a linear-phase filter for mid and side: the optional last step of a match.
 * Source: frequency-sampling design with a Hann window (Oppenheim and Schafer, Discrete-Time Signal Processing, section 7.5).
 */
import type { MatchFirValues } from '../../shared/params/match-fir.ts';
import type { ImpulseResponse, Module } from '../../shared/style.ts';
import { dbToGain } from '../../shared/units.ts';
import type { Engine } from '../host/engine.ts';
import { RealFft } from '../host/fft.ts';
import { irKey } from './ir-key.ts';
import { estimated, rounded, unchanged } from './paired/modules.ts';

/** A residual is small by nature; more than this is no residual but a wrong fit. */
const MOST_DB = 8;
const SAME_DB = 0.1;
/** Length: 43 ms, so that the filter follows 1/12 octave from 300 Hz up. */
const TAPS_PER_HZ = 1 / 23.4;

export interface ResidualCurves {
  readonly hz: readonly number[];
  /** dB, 0 where nothing is known. */
  readonly midDb: ArrayLike<number>;
  readonly sideDb: ArrayLike<number>;
}

export interface FoundFir {
  readonly module: Module<MatchFirValues>;
  readonly ir: { readonly key: string; readonly response: ImpulseResponse } | null;
}

export async function residualFir(engine: Engine, curves: ResidualCurves, sampleRate: number): Promise<FoundFir> {
  const rms = Math.sqrt(Array.from(curves.midDb).reduce((sum, db) => sum + Math.min(MOST_DB, Math.abs(db)) ** 2, 0) / curves.hz.length);
  if (rms < SAME_DB) return { module: unchanged({ irKey: null, amount: 1 }, 1), ir: null };
  const taps = 2 * Math.round((sampleRate * TAPS_PER_HZ) / 2) + 1;
  const fft = new RealFft(engine, 2 ** Math.ceil(Math.log2(4 * taps)));
  const response = { sampleRate, channels: [curves.midDb, curves.sideDb].map((db) => linearPhase(fft, curves.hz, db, taps, sampleRate)) };
  const key = await irKey(response);
  return {
    module: estimated({ irKey: key, amount: 1 }, 0.6, { code: 'matchFir/residual', args: { db: rounded(rms), taps } }),
    ir: { key, response },
  };
}

/** Symmetric taps whose magnitude follows the curve, straight between its points over log frequency, flat beyond its ends. */
function linearPhase(fft: RealFft, hz: readonly number[], db: ArrayLike<number>, taps: number, sampleRate: number): Float32Array {
  const bins = fft.size / 2 + 1;
  const re = new Float32Array(bins);
  let k = 0;
  for (let bin = 0; bin < bins; bin += 1) {
    const f = Math.max(hz[0]!, Math.min(hz.at(-1)!, (bin * sampleRate) / fft.size));
    while (k < hz.length - 2 && hz[k + 1]! < f) k += 1;
    const share = Math.max(0, Math.min(1, Math.log(f / hz[k]!) / Math.log(hz[k + 1]! / hz[k]!)));
    const level = db[k]! + share * (db[k + 1]! - db[k]!);
    re[bin] = dbToGain(Math.max(-MOST_DB, Math.min(MOST_DB, level)));
  }
  const around = new Float32Array(fft.size);
  fft.inverse(re, new Float32Array(bins), around);
  const middle = (taps - 1) / 2;
  return Float32Array.from({ length: taps }, (_, i) => {
    const window = 0.5 + 0.5 * Math.cos((Math.PI * (i - middle)) / (middle + 1));
    return window * around[(i - middle + fft.size) % fft.size]!;
  });
}
