/** Width per band from how much side each recording has. */
import type { Features } from '../../../shared/features.ts';
import { clampTo } from '../../../shared/params/effect.ts';
import { stereoWidth, type StereoWidthValues } from '../../../shared/params/stereo-width.ts';
import { type Interval, type Module, neutralStyle } from '../../../shared/style.ts';
import { dbToGain, dbToPower, powerToDb } from '../../../shared/units.ts';
import { estimated, notIdentifiable, rounded, unchanged } from '../paired/modules.ts';

const NAMES = ['widthLow', 'widthMid', 'widthHigh'] as const;
/** Under this a recording is mono in the band: there is nothing to widen, and nobody to follow. */
const MONO_DB = -32;
const SAME_DB = 0.6;
/** Two halves of one recording differ by 1 dB; different pieces by about 3: the share of a difference that is style. */
const STYLE_SHARE = 0.9;
const DEVIATION_DB = 2;
const MOST_DB = 8;

const bandRatioDb = ({ ltas }: Features, lowHz: number, highHz: number): number => {
  let [mid, side] = [1e-14, 1e-14];
  ltas.hz.forEach((hz, k) => {
    if (hz < lowHz || hz >= highHz) return;
    mid += dbToPower(ltas.midDb[k]!);
    side += dbToPower(ltas.sideDb[k]!);
  });
  return powerToDb(side / mid);
};

export function widthModule(reference: Features, target: Features): Module<StereoWidthValues> {
  const idle = neutralStyle('', 'B').modules.stereo.values;
  if (target.channels === 1) return unchanged(idle, 1);
  const edges = [40, idle.crossover1Hz, idle.crossover2Hz, 16_000];
  const differences = NAMES.map((_, band) => {
    const from = bandRatioDb(target, edges[band]!, edges[band + 1]!);
    const to = bandRatioDb(reference, edges[band]!, edges[band + 1]!);
    return from < MONO_DB || to < MONO_DB ? null : Math.max(-MOST_DB, Math.min(MOST_DB, STYLE_SHARE * (to - from)));
  });
  if (differences.every((db) => db === null)) return notIdentifiable(idle);
  if (differences.every((db) => db === null || Math.abs(db) < SAME_DB)) return unchanged(idle, 0.9);
  const values = { ...idle };
  const intervals: Record<string, Interval> = {};
  NAMES.forEach((name, band) => {
    const db = differences[band] ?? 0;
    const bounded = (level: number) => clampTo(stereoWidth.parameters[name], dbToGain(level));
    values[name] = bounded(db);
    intervals[name] = [bounded(db - 1.645 * DEVIATION_DB), bounded(db + 1.645 * DEVIATION_DB)];
  });
  const strongest = differences.reduce<number>((high, db) => (Math.abs(db ?? 0) > Math.abs(high) ? db! : high), 0);
  const confidence = strongest ** 2 / (strongest ** 2 + DEVIATION_DB ** 2);
  return estimated(values, confidence, { code: 'stereo/side-energy', args: { db: rounded(strongest) } }, intervals);
}

/** What the module adds to the side at a frequency, dB. */
export function widthAt(module: Module<StereoWidthValues>, hz: number): number {
  if (!module.enabled) return 0;
  const { crossover1Hz, crossover2Hz, widthLow, widthMid, widthHigh } = module.values;
  const width = hz < crossover1Hz ? widthLow : hz < crossover2Hz ? widthMid : widthHigh;
  return 20 * Math.log10(Math.max(1e-3, width));
}
