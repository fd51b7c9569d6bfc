/**
 * The compressor's static curve: what the screen draws and the inverter fits. The engine computes the same
 * (wasm/assembly/kernels/gain-computer.ts); a test compares the two.
 */
import type { CompressorBand } from './params/compressor.ts';

/** Detector levels under this count as this. */
export const DETECTOR_FLOOR_DB = -120;
/** The curve never lowers or lifts by more; make-up comes on top. */
export const LOWEST_CURVE_GAIN_DB = -120;
export const HIGHEST_CURVE_GAIN_DB = 40;

export type StaticCurve = Pick<CompressorBand, 'thresholdDb' | 'ratio' | 'lowThresholdDb' | 'lowRatio' | 'kneeDb' | 'makeupDb'>;

/** dB past a threshold, with the quadratic knee around it (Giannoulis, Massberg and Reiss 2012, equation 4). */
function pastKneeDb(distanceDb: number, kneeDb: number): number {
  if (distanceDb <= -kneeDb / 2) return 0;
  return distanceDb >= kneeDb / 2 ? distanceDb : (distanceDb + kneeDb / 2) ** 2 / (2 * kneeDb);
}

/**
 * Gain in dB, make-up included, that the band settles on while its detector reads `levelDb` (dB re full scale: of the
 * peak where `rmsMs` is 0, else of the mean square of the louder channel, so that a sine of amplitude 1 reads -3.01).
 */
export function staticGainDb(levelDb: number, band: StaticCurve): number {
  const level = Math.max(levelDb, DETECTOR_FLOOR_DB);
  const over = pastKneeDb(level - band.thresholdDb, band.kneeDb);
  const under = pastKneeDb(band.lowThresholdDb - level, band.kneeDb);
  const gainDb = (1 / band.ratio - 1) * over + (1 - 1 / band.lowRatio) * under;
  return Math.min(HIGHEST_CURVE_GAIN_DB, Math.max(LOWEST_CURVE_GAIN_DB, gainDb)) + band.makeupDb;
}
