/** Which measurements the table shows, and how each is read from what was measured. */
import type { Features } from '../../shared/features.ts';
import { powerToDb, dbToPower } from '../../shared/units.ts';
import type { ResultMetrics } from '../../shared/metrics.ts';
import type { TrackName } from '../state/comparison.ts';

export interface MeasuredRow {
  readonly key: 'integratedLufs' | 'truePeakDbtp' | 'lraLu' | 'plrDb' | 'ltasErrorDb' | 'width' | 'rt60Seconds' | 'bandwidthHz';
  readonly unit: 'LUFS' | 'dBTP' | 'LU' | 'dB' | 's' | 'Hz';
  readonly digits: number;
  /** null: not measurable. */
  readonly read: (features: Features, metrics: ResultMetrics, track: TrackName) => number | null;
}

/** Side over mid power of the whole spectrum, dB; null for mono. */
export function sideToMidDb(features: Features): number | null {
  if (features.channels === 1) return null;
  const power = (levels: readonly number[]) => levels.reduce((sum, db) => sum + dbToPower(db), 0);
  const [side, mid] = [power(features.ltas.sideDb), power(features.ltas.midDb)];
  if (!(side > 0) || !(mid > 0)) return null;
  const db = powerToDb(side / mid);
  return db < -80 ? null : db;
}

export const MEASURED_ROWS: readonly MeasuredRow[] = [
  { key: 'integratedLufs', unit: 'LUFS', digits: 1, read: (features) => features.loudness.integratedLufs },
  { key: 'truePeakDbtp', unit: 'dBTP', digits: 1, read: (features) => features.truePeakDbtp },
  { key: 'lraLu', unit: 'LU', digits: 1, read: (features) => features.loudness.lraLu },
  { key: 'plrDb', unit: 'dB', digits: 1, read: (features) => features.plrDb },
  {
    key: 'ltasErrorDb',
    unit: 'dB',
    digits: 2,
    read: (_, metrics, track) => (track === 'target' ? metrics.ltasErrorBeforeDb : track === 'result' ? metrics.ltasErrorDb : metrics.ltasErrorDb === null ? null : 0),
  },
  { key: 'width', unit: 'dB', digits: 1, read: sideToMidDb },
  { key: 'rt60Seconds', unit: 's', digits: 2, read: (features) => features.reverb.rt60Seconds },
  { key: 'bandwidthHz', unit: 'Hz', digits: 0, read: (features) => features.bandwidthHz },
];
