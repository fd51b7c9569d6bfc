/** Harmonics where the reference reaches higher than the target's own bandwidth: an equalizer has nothing to lift there. */
import type { Features } from '../../../shared/features.ts';
import { clampTo } from '../../../shared/params/effect.ts';
import { exciter, type ExciterValues } from '../../../shared/params/exciter.ts';
import { type Module, neutralStyle } from '../../../shared/style.ts';
import { dbToGain, dbToPower, powerToDb } from '../../../shared/units.ts';
import { estimated, unchanged } from '../paired/modules.ts';

/** The target's band must end this much lower, and below where most people hear it end. */
const SHORTER = 0.8;
const AUDIBLE_LIMIT_HZ = 14_000;
/** Added harmonics stay this far under the band they come from. */
const UNDER_DB = 12;
/** The saturator is driven to this RMS level, full scale 1, dB: under 0 it hardly bends anything. */
const DRIVEN_TO_DB = 3;
/** Noise is no music: the top octave of the target must carry content for harmonics to be made of. */
const LEAST_HZ = 2500;

export function exciterModule(reference: Features, target: Features): Module<ExciterValues> {
  const idle = neutralStyle('', 'B').modules.exciter.values;
  const from = target.bandwidthHz;
  const to = Math.min(reference.bandwidthHz, target.sampleRate / 2);
  if (from > AUDIBLE_LIMIT_HZ || from < LEAST_HZ || from > SHORTER * to) return unchanged(idle, 0.8);
  const missing = reference.ltas.hz.map((hz, k) => ({ hz, db: reference.ltas.midDb[k]! })).filter(({ hz }) => hz > from && hz < to);
  const source = reference.ltas.hz.map((hz, k) => ({ hz, db: reference.ltas.midDb[k]! })).filter(({ hz }) => hz > from / 2 && hz <= from);
  if (missing.length === 0 || source.length === 0) return unchanged(idle, 0.5);
  const mean = (points: readonly { db: number }[]) => points.reduce((sum, { db }) => sum + db, 0) / points.length;
  const level = Math.min(-UNDER_DB, mean(missing) - mean(source));
  const values = {
    fHz: clampTo(exciter.parameters.fHz, from / 2),
    driveDb: clampTo(exciter.parameters.driveDb, DRIVEN_TO_DB - bandLevelDb(target, from / 2)),
    even: 0.3,
    amount: clampTo(exciter.parameters.amount, dbToGain(level) * 2),
  };
  return estimated(values, 0.4, { code: 'exciter/bandwidth', args: { fromHz: Math.round(from), toHz: Math.round(to) } }, {
    amount: [0, clampTo(exciter.parameters.amount, values.amount * 2)],
  });
}

/** RMS level of a recording over a frequency, mid, dB re full scale. */
const bandLevelDb = ({ ltas }: Features, fromHz: number): number =>
  powerToDb(ltas.hz.reduce((sum, hz, k) => (hz > fromHz ? sum + dbToPower(ltas.midDb[k]!) : sum), 1e-14));
