/**
 * Dynamics of another recording: one compressor (or upward expander), as strong as brings the spread of levels and the
 * peak-to-loudness ratio nearest to the reference's, tried with the engine. Two halves of one recording differ by 2.6 dB
 * in spread, so that only part of a difference is taken for style.
 */
import type { Features } from '../../../shared/features.ts';
import type { CompressorBand, CompressorValues } from '../../../shared/params/compressor.ts';
import { type Module, neutralStyle, type Style } from '../../../shared/style.ts';
import type { EngineBinary } from '../../host/engine.ts';
import { estimated, notIdentifiable, rounded, unchanged } from '../paired/modules.ts';
import type { Stereo } from '../paired/excerpts.ts';
import { type Movement, movementOf, tryStyle } from './trial.ts';

/** Share of the slope found that is applied: the rest is what other music does by itself. */
const STYLE_SHARE = 0.75;
/** A compressor must bring the levels this much nearer to be worth its artefacts. */
const LEAST_GAIN = 0.06;
const COMPRESSION = [1.25, 1.5, 1.9, 2.5, 3.5] as const;
const EXPANSION = [0.92, 0.84, 0.76, 0.68] as const;
/** The detector listens to the mean square; the knee spans most of what moves. */
const SHAPE = { lowThresholdDb: -96, lowRatio: 1, kneeDb: 12, rmsMs: 20, makeupDb: 0 } as const;

const idle = (): CompressorValues => neutralStyle('', 'B').modules.dynamics.values;

export interface DynamicsEvidence {
  readonly binary: EngineBinary;
  /** With every other module in place. */
  readonly style: Style;
  readonly moments: Stereo;
  readonly reference: Features;
  readonly target: Features;
}

export async function dynamicsModule({ binary, style, moments, reference, target }: DynamicsEvidence): Promise<Module<CompressorValues>> {
  const levels = target.dynamics.bands[0]?.levelPercentilesDb;
  if (!levels || !reference.dynamics.bands[0]?.levelPercentilesDb) return notIdentifiable(idle());
  const wanted = movementOf(reference);
  const attempt = async (bands: CompressorBand[]) => {
    const tried = structuredClone(style);
    tried.modules.dynamics = { ...tried.modules.dynamics, enabled: bands.length > 0, values: { ...idle(), bands } };
    return tryStyle(binary, tried, moments, target.sampleRate);
  };
  const untouched = await attempt([]);
  const before = distanceDb(untouched, wanted);
  const isTooWide = signedSpread(untouched) > signedSpread(wanted);
  let best = { ratio: 1, distance: before };
  for (const ratio of isTooWide ? COMPRESSION : EXPANSION) {
    const distance = distanceDb(await attempt([bandOf(ratio, levels, isTooWide)]), wanted);
    if (distance < best.distance) best = { ratio, distance };
    else break;
  }
  const gain = 1 - best.distance / before;
  if (best.ratio === 1 || gain < LEAST_GAIN) return { ...unchanged(idle(), 0.5), reason: { code: 'dynamics/no-nearer', args: {} } };
  const ratio = 1 / (1 + STYLE_SHARE * (1 / best.ratio - 1));
  const band = bandOf(ratio, levels, isTooWide);
  const spread = rounded(signedSpread(wanted) / Math.max(1, signedSpread(untouched)), 2);
  return estimated(
    { ...idle(), bands: [band] },
    Math.min(0.8, 1.5 * gain),
    { code: 'dynamics/level-spread', args: { spread, ratio: rounded(ratio, 2), thresholdDb: rounded(band.thresholdDb) } },
    {
      'bands.0.ratio': ratio > 1 ? [1, best.ratio * 1.3] : [best.ratio * 0.8, 1],
      'bands.0.thresholdDb': [band.thresholdDb - 6, band.thresholdDb + 6],
    },
  );
}

/** Threshold at the median level (share 0.5 of LEVEL_SHARES): half of the time something is done. */
const bandOf = (ratio: number, levels: readonly number[], isCompressor: boolean): CompressorBand => ({
  ...SHAPE,
  thresholdDb: Math.max(-60, levels[3]! - 2),
  ratio,
  attackMs: isCompressor ? 20 : 8,
  releaseMs: isCompressor ? 160 : 120,
});

const signedSpread = ({ spreadsDb }: Movement): number => {
  const known = spreadsDb.filter((s) => s !== null);
  return known.reduce((sum, [low, high]) => sum + low + high, 0) / Math.max(1, known.length);
};

/** Mean difference of the spreads, and of the peak-to-loudness ratio with the weight of one band. */
function distanceDb(a: Movement, b: Movement): number {
  let [sum, count] = [Math.abs(a.plrDb - b.plrDb), 1];
  a.spreadsDb.forEach((mine, band) => {
    const theirs = b.spreadsDb[band];
    if (!mine || !theirs) return;
    sum += (Math.abs(mine[0] - theirs[0]) + Math.abs(mine[1] - theirs[1])) / 2;
    count += 1;
  });
  return sum / count;
}
