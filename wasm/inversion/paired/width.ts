/** Stereo width: how much more the side was raised than the mid, per band. */
import { stereoWidth, type StereoWidthValues } from '../../../shared/params/stereo-width.ts';
import { type Interval, type Module, neutralStyle } from '../../../shared/style.ts';
import type { LinearPart } from './linear-part.ts';
import { estimated, NINETY_PERCENT, notIdentifiable, rounded, unchanged } from './modules.ts';

/** Side gains closer to 0 dB than this are not worth a module. */
const SAME_DB = 0.12;
const BANDS = ['widthLow', 'widthMid', 'widthHigh'] as const;

/**
 * @param sameDb side gains closer to 0 dB than this leave the width alone
 * @param isBroad one width for all bands, whatever they show: bands turn the phase of the side, which a deconvolution minds
 */
export function widthModule(linear: Pick<LinearPart, 'mid' | 'side'>, sameDb = SAME_DB, isBroad = false): Module<StereoWidthValues> {
  const idle = neutralStyle('', 'A').modules.stereo.values;
  const { mid, side } = linear;
  if (!side) return unchanged(idle, 1);
  const edges = [30, idle.crossover1Hz, idle.crossover2Hz, 16_000];
  const measured = BANDS.map((_, b) => {
    let [w, wd, wdd] = [0, 0, 0];
    mid.hz.forEach((f, k) => {
      if (f < edges[b]! || f >= edges[b + 1]! || mid.weight[k] === 0 || side.weight[k] === 0) return;
      const weight = Math.min(400, 1 / (1 / mid.weight[k]! + 1 / side.weight[k]!));
      const difference = side.db[k]! - mid.db[k]!;
      w += weight;
      wd += weight * difference;
      wdd += weight * difference ** 2;
    });
    if (w <= 0) return null;
    const db = wd / w;
    // Neighbouring points are not independent: about an octave is.
    const scatter = Math.sqrt(Math.max(0, wdd / w - db * db));
    return { db, deviationDb: Math.sqrt(1 / w + scatter ** 2 / Math.max(1, Math.log2(edges[b + 1]! / edges[b]!))), weight: w };
  });
  const known = measured.filter((m) => m !== null);
  if (known.length === 0) return notIdentifiable(idle);
  const total = known.reduce((sum, m) => sum + m.weight, 0);
  const meanDb = known.reduce((sum, m) => sum + m.weight * m.db, 0) / total;
  // One width for all bands unless the bands differ: a knob that was turned once is found as one.
  const isOne = isBroad || known.every((m) => Math.abs(m.db - meanDb) < Math.max(0.25, 2 * m.deviationDb));
  const dbs = measured.map((m) => (isOne || !m ? meanDb : m.db));
  if (dbs.every((db) => Math.abs(db) < sameDb)) return unchanged(idle, 1);
  const { min, max } = stereoWidth.parameters.widthMid;
  const bounded = (db: number) => Math.min(max, Math.max(min, 10 ** (db / 20)));
  const intervals: Record<string, Interval> = {};
  BANDS.forEach((name, b) => {
    const reach = NINETY_PERCENT * (measured[b]?.deviationDb ?? 6) + 0.02;
    intervals[name] = [bounded(dbs[b]! - reach), bounded(dbs[b]! + reach)];
  });
  const values = { ...idle, widthLow: bounded(dbs[0]!), widthMid: bounded(dbs[1]!), widthHigh: bounded(dbs[2]!) };
  const worst = Math.max(...known.map((m) => m.deviationDb));
  return estimated(values, 1 - worst / (worst + 2), { code: 'stereo/side-over-mid', args: { db: rounded(meanDb) } }, intervals);
}
