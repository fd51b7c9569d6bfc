/** Equalizer bands from the mid channel's transfer function: width moves only the side, so that mid shows the equalizer. */
import type { EqualizerValues } from '../../../shared/params/equalizer.ts';
import { equalizerResponseDb } from '../../../shared/equalizer-response.ts';
import type { Module, StyleModules } from '../../../shared/style.ts';
import { gainToDb } from '../../../shared/units.ts';
import { fitBands } from '../band-fit.ts';
import type { ResidualCurves } from '../residual-fir.ts';
import type { LinearPart } from './linear-part.ts';
import { estimated, notIdentifiable, rounded, unchanged } from './modules.ts';

/** A curve flatter than this is the noise of the estimate, or a codec. */
const FLAT_DB = 0.1;
/** A point never counts more than one known within this, so that the loud octaves do not decide alone. */
const FINEST_DB = 0.2;
/** Nobody turns a band further; a fit that wants to is fighting another band. */
const MOST_DB = 18;
/** Between 30 Hz and 16 kHz an equalizer is heard; outside a point counts a quarter. */
const HEARD_HZ = [30, 16_000] as const;

/** @param flatDb RMS of a curve that counts as flat */
export function equalizerModule({ mid: curve }: Pick<LinearPart, 'mid'>, sampleRate: number, flatDb = FLAT_DB): Module<EqualizerValues> {
  const weights = curve.weight.map((w, k) => {
    const f = curve.hz[k]!;
    return Math.min(w, 1 / FINEST_DB ** 2) * (f < HEARD_HZ[0] || f > HEARD_HZ[1] ? 0.25 : 1);
  });
  const total = weights.reduce((a, b) => a + b, 0);
  if (total <= 0) return notIdentifiable({ bands: [] });
  const mean = weights.reduce((sum, w, k) => sum + w * curve.db[k]!, 0) / total;
  const spread = Math.sqrt(weights.reduce((sum, w, k) => sum + w * (curve.db[k]! - mean) ** 2, 0) / total);
  if (spread < flatDb) return unchanged({ bands: [] }, 1);
  const fit = fitBands(curve.hz, curve.db, weights, sampleRate, { maxBands: 8, freeOffset: true, enoughDb: flatDb / 3, leastGain: 0.06, mostGainDb: MOST_DB });
  if (fit.bands.length === 0) return unchanged({ bands: [] }, 0.8);
  const explained = 1 - (fit.errorDb / spread) ** 2;
  const reason = { code: 'eq/transfer-function', args: { bands: fit.bands.length, errorDb: rounded(fit.errorDb, 2) } } as const;
  return estimated({ bands: fit.bands }, explained, reason, fit.intervals);
}

/** What bands and width leave of the transfer function, for mid and side, counted from the mid's mean. */
export function residualOf(linear: Pick<LinearPart, 'mid' | 'side'>, modules: Pick<StyleModules, 'eq' | 'stereo'>, sampleRate: number): ResidualCurves {
  const { mid, side } = linear;
  const bands = equalizerResponseDb(modules.eq.enabled ? modules.eq.values.bands : [], mid.hz, sampleRate);
  const rest = Array.from(mid.db, (db, k) => db - bands[k]!);
  const weight = mid.weight.reduce((sum, w) => sum + w, 0);
  const mean = rest.reduce((sum, db, k) => sum + db * mid.weight[k]!, 0) / Math.max(1e-9, weight);
  const { enabled, values } = modules.stereo;
  const widthDb = (hz: number) =>
    enabled ? gainToDb(Math.max(1e-3, hz < values.crossover1Hz ? values.widthLow : hz < values.crossover2Hz ? values.widthMid : values.widthHigh)) : 0;
  return {
    hz: mid.hz,
    midDb: rest.map((db, k) => (mid.weight[k]! > 0 ? db - mean : 0)),
    sideDb: rest.map((_, k) => (side && side.weight[k]! > 0 ? side.db[k]! - bands[k]! - widthDb(mid.hz[k]!) - mean : 0)),
  };
}
