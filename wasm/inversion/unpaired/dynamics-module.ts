/**
 * Dynamics of another recording: per band, the static curve that makes the target's levels spread like the reference's.
 *
 * A curve maps percentiles to percentiles, so that the curve wanted follows from the two distributions of 50 ms levels
 * without rendering anything: slope 1 / ratio from the tenth percentile up where both halves of the distribution are to
 * shrink, from the median up where only the loud half is to change, and under the median where quiet moments are to be
 * quieter. Upward compression is never used: it would lift pauses and noise. Attack and release take away part of the
 * effect, and the crossovers overlap; a trial on moments of the target says how much, and the slopes are corrected for
 * it. Each band keeps its mean power: its tone is the equalizer's.
 * Source: D. Giannoulis, M. Massberg and J. D. Reiss, "Parameter Automation in a Dynamic Range Compressor", JAES 61
 * (2013), for setting a compressor by the statistics of the signal.
 */
import { equalizerResponseDb } from '../../../shared/equalizer-response.ts';
import type { Features } from '../../../shared/features.ts';
import { compressor, type CompressorBand, type CompressorValues } from '../../../shared/params/compressor.ts';
import { clampTo } from '../../../shared/params/effect.ts';
import { type Interval, type Module, neutralStyle, type Style } from '../../../shared/style.ts';
import { dbToPower, powerToDb } from '../../../shared/units.ts';
import type { EngineBinary } from '../../host/engine.ts';
import type { Stereo } from '../paired/excerpts.ts';
import { estimated, NINETY_PERCENT, notIdentifiable, rounded, unchanged } from '../paired/modules.ts';
import { type Material, sureOfOnePiece } from './material.ts';
import { shrunk } from './shrinkage.ts';
import { type Movement, movementsOf, type Trial, tryDynamics } from './trial.ts';

/** The compressor's bands, each with the bands of the features that lie in it (0 is the whole). */
const BANDS = [
  { measured: [1], attackMs: 25, releaseMs: 180, rmsMs: 25 },
  { measured: [2], attackMs: 15, releaseMs: 130, rmsMs: 15 },
  { measured: [3], attackMs: 8, releaseMs: 90, rmsMs: 10 },
  { measured: [4, 5], attackMs: 5, releaseMs: 70, rmsMs: 6 },
] as const;
const CROSSOVERS = { crossover1Hz: 120, crossover2Hz: 500, crossover3Hz: 2000 } as const;

/**
 * What parts of one piece do by themselves, alike in all bands, dB of spread. Under the median it is nearly all theirs
 * (the treatment's share of a difference was 0.03 there, 0.25 over it, over 55 pairs of which one had been through chains of
 * other makers); and so is what one band does alone (0.02).
 */
const ONE_PIECE_DB: Movement = { lowDb: 3.7, highDb: 1.5 };
/** Of two pieces the difference is what is asked for: alike in all bands, and in one band against the others. */
const PIECES_DB = 1;
const VOICES_DB = 4;
/**
 * Of two voices the bands move apart by who speaks and what is said; how the whole moves tells more, and about this much of
 * its difference is treatment (slope of the one on the other over 36 pairs of speakers through compressors of other makers).
 */
const VOICE_SHARE = 0.5;
const FLATTEST_SLOPE = 0.25;
const STEEPEST_SLOPE = 1.7;
/** Between the tenth and the 95th percentile no band's gain moves further: beyond lies pumping. */
const MOST_RANGE_DB = 10;
const STEEPEST_QUIET_SLOPE = 1.5;
/** A band's curve must bring its spread this much nearer to be worth its artefacts, dB. */
const LEAST_GAIN_DB = 0.4;
/** The knee begins under the tenth percentile. */
const UNDER_TENTH_DB = 3;
const KNEE_DB = 6;
/** Time constants may have eaten this much of a slope's effect; more is not asked for. */
const MOST_CORRECTION = 2;

/** Slopes of output over input level; `quiet` under the median, `loud` over it, or over the tenth percentile. */
interface Curve {
  readonly from: 'tenth' | 'median';
  readonly loud: number;
  readonly quiet: number;
}
const STRAIGHT: Curve = { from: 'median', loud: 1, quiet: 1 };

interface Band {
  readonly own: Movement;
  readonly wanted: Movement;
  /** Levels behind the equalizer, dB. */
  readonly tenthDb: number;
  readonly medianDb: number;
}

export interface DynamicsEvidence {
  readonly binary: EngineBinary;
  /** With the equalizer in place. */
  readonly style: Style;
  readonly moments: Stereo;
  readonly reference: Features;
  readonly target: Features;
  readonly material: Material;
}

export async function dynamicsModule(evidence: DynamicsEvidence): Promise<Module<CompressorValues>> {
  const { binary, style, moments, reference, target, material } = evidence;
  const idle = neutralStyle('', 'B').modules.dynamics.values;
  if (!target.dynamics.bands[0]?.levelPercentilesDb || !reference.dynamics.bands[0]?.levelPercentilesDb) return notIdentifiable(idle);
  const bands = bandsOf(evidence);
  const aimed = bands.map((band) => (band ? curveFor(band) : STRAIGHT));
  if (aimed.every((curve) => curve === STRAIGHT)) return { ...unchanged(idle, 0.5), reason: { code: 'dynamics/no-nearer', args: {} } };

  const attempt = (curves: readonly Curve[], makeupsDb: readonly number[]) => {
    const tried = structuredClone(style);
    const values = { ...idle, ...CROSSOVERS, bands: curves.map((curve, k) => settings(k, curve, bands[k]!, makeupsDb[k]!)) };
    tried.modules.dynamics = { ...tried.modules.dynamics, enabled: true, values };
    return tried;
  };
  const nothing = BANDS.map(() => 0);
  const [before, after] = await Promise.all(
    [STRAIGHT, null].map((same) => tryDynamics(binary, attempt(same ? BANDS.map(() => same) : aimed, nothing), moments, target.sampleRate)),
  );
  const curves = aimed.map((curve, k) => corrected(curve, k, before!, after!));
  const rendered = await tryDynamics(binary, attempt(curves, nothing), moments, target.sampleRate);
  const makeupsDb = BANDS.map(({ measured }) => clampTo(compressor.bands.parameters.makeupDb, powerOf(before!, measured) - powerOf(rendered, measured)));
  const { values } = attempt(curves, makeupsDb).modules.dynamics;

  const strength = curves.map(({ loud }) => Math.abs(Math.log(loud)));
  const strongest = strength.indexOf(Math.max(...strength));
  const chosen = values.bands[strongest]!;
  const band = bands[strongest]!;
  const spread = (band.wanted.lowDb + band.wanted.highDb) / Math.max(0.5, band.own.lowDb + band.own.highDb);
  const won = bands.reduce((sum, b, k) => sum + (b ? errorDb(b, STRAIGHT) - errorDb(b, curves[k]!) : 0), 0);
  const lost = bands.reduce((sum, b) => sum + (b ? errorDb(b, STRAIGHT) : 0), 0);
  return estimated(
    values,
    (0.8 * Math.max(0, won)) / Math.max(1, lost),
    { code: 'dynamics/level-spread', args: { spread: rounded(spread, 2), ratio: rounded(chosen.ratio, 2), thresholdDb: rounded(chosen.thresholdDb) } },
    intervalsOf(values, bands, contentDb(material)),
  );
}

/** Deviation of what is played, dB of spread. */
const contentDb = ({ onePiece, isVoice }: Material): number => onePiece * ONE_PIECE_DB.highDb + (1 - onePiece) * (isVoice ? VOICES_DB : PIECES_DB);

/** Null where either recording is empty, or has nothing to say. */
function bandsOf({ reference, target, style, material }: DynamicsEvidence): (Band | null)[] {
  const onePiece = sureOfOnePiece(material);
  const known = BANDS.map(({ measured }) => {
    // Under a voice there is rumble, which no compressor should lift.
    if (material.isVoice && measured[0] === 1) return null;
    const own = meanMovement(movementsOf(target.dynamics.bands), measured);
    const theirs = meanMovement(movementsOf(reference.dynamics.bands), measured);
    const levels = target.dynamics.bands[measured[0]]!.levelPercentilesDb;
    return own && theirs && levels ? { own, theirs, levels, liftDb: equalizerLiftDb(target, style, measured) } : null;
  });
  const present = known.filter((band) => band !== null);
  // What all bands share is told from content more surely than what one does alone. Chains make levels spread less, hardly
  // ever more: of the same piece or of speech, a reference that spreads more was played so.
  const whole = [target, reference].map(({ dynamics }) => movementsOf(dynamics.bands)[0]);
  const towards = (of: keyof Movement) => {
    if (material.isVoice) {
      const difference = whole[0] && whole[1] ? VOICE_SHARE * Math.min(0, whole[1][of] - whole[0][of]) : 0;
      return (own: Movement) => Math.max(0, own[of] + difference);
    }
    const differences = present.map(({ own, theirs }) => theirs[of] - own[of]);
    const alike = differences.reduce((sum, d) => sum + d, 0) / Math.max(1, present.length);
    const ofOnePiece = Math.min(0, shrunk(alike, ONE_PIECE_DB[of]));
    return (own: Movement, theirs: Movement) => {
      const ofPieces = shrunk(alike, PIECES_DB) + shrunk(theirs[of] - own[of] - alike, PIECES_DB);
      return Math.max(0, own[of] + onePiece * ofOnePiece + (1 - onePiece) * ofPieces);
    };
  };
  const [low, high] = [towards('lowDb'), towards('highDb')];
  return known.map(
    (band) =>
      band && {
        own: band.own,
        wanted: { lowDb: low(band.own, band.theirs), highDb: high(band.own, band.theirs) },
        // Shares 0.1 and 0.5 of LEVEL_SHARES.
        tenthDb: band.levels[1]! + band.liftDb,
        medianDb: band.levels[3]! + band.liftDb,
      },
  );
}

function meanMovement(movements: readonly (Movement | null)[], measured: readonly number[]): Movement | null {
  const known = measured.flatMap((band) => movements[band] ?? []);
  if (known.length === 0) return null;
  const mean = (of: (movement: Movement) => number) => known.reduce((sum, movement) => sum + of(movement), 0) / known.length;
  return { lowDb: mean((m) => m.lowDb), highDb: mean((m) => m.highDb) };
}

/** What the equalizer adds to the power of a band of the target, dB. */
function equalizerLiftDb(target: Features, { modules }: Style, measured: readonly number[]): number {
  if (!modules.eq.enabled) return 0;
  const { lowHz, highHz } = target.dynamics.bands[measured[0]!]!;
  const { hz, midDb, sideDb } = target.ltasFine;
  const response = equalizerResponseDb(modules.eq.values.bands, hz, target.sampleRate);
  let [before, after] = [1e-14, 1e-14];
  hz.forEach((f, k) => {
    if (f < lowHz || f >= highHz) return;
    const power = dbToPower(midDb[k]!) + dbToPower(sideDb[k]!);
    before += power;
    after += power * dbToPower(response[k]!);
  });
  return powerToDb(after / before);
}

const errorDb = ({ own, wanted }: Band, { from, loud, quiet }: Curve): number =>
  Math.abs((from === 'tenth' ? loud : quiet) * own.lowDb - wanted.lowDb) + Math.abs(loud * own.highDb - wanted.highDb);

function curveFor(band: Band): Curve {
  const { own, wanted } = band;
  const slope = (to: number, from: number, low: number, high: number) => {
    const size = Math.max(0.5, from);
    return Math.min(high, 1 + MOST_RANGE_DB / size, Math.max(low, 1 - MOST_RANGE_DB / size, to / size));
  };
  const candidates: Curve[] = [
    { from: 'tenth', loud: slope(wanted.lowDb + wanted.highDb, own.lowDb + own.highDb, FLATTEST_SLOPE, 1), quiet: 1 },
    { from: 'median', loud: slope(wanted.highDb, own.highDb, FLATTEST_SLOPE, STEEPEST_SLOPE), quiet: slope(wanted.lowDb, own.lowDb, 1, STEEPEST_QUIET_SLOPE) },
  ];
  const best = candidates.reduce((a, b) => (errorDb(band, b) < errorDb(band, a) ? b : a));
  return errorDb(band, STRAIGHT) - errorDb(band, best) < LEAST_GAIN_DB ? STRAIGHT : best;
}

/** The slopes that would have had the effect aimed at. */
function corrected(curve: Curve, k: number, before: Trial, after: Trial): Curve {
  const [from, to] = [before, after].map(({ movements }) => meanMovement(movements, BANDS[k]!.measured));
  if (curve === STRAIGHT || !from || !to) return curve;
  const steeper = (slope: number, fromDb: number, toDb: number, low: number, high: number) => {
    if (Math.abs(slope - 1) < 0.02 || fromDb < 0.5) return slope;
    const share = Math.log(Math.max(0.05, toDb / fromDb)) / Math.log(slope);
    const wanted = slope ** Math.min(MOST_CORRECTION, 1 / Math.max(0.1, share));
    return Math.min(high, 1 + MOST_RANGE_DB / fromDb, Math.max(low, 1 - MOST_RANGE_DB / fromDb, wanted));
  };
  const isWhole = curve.from === 'tenth';
  return {
    ...curve,
    loud: steeper(curve.loud, from.highDb + (isWhole ? from.lowDb : 0), to.highDb + (isWhole ? to.lowDb : 0), FLATTEST_SLOPE, STEEPEST_SLOPE),
    quiet: steeper(curve.quiet, from.lowDb, to.lowDb, 1, STEEPEST_QUIET_SLOPE),
  };
}

function settings(k: number, { from, loud, quiet }: Curve, band: Band | null, makeupDb: number): CompressorBand {
  const { attackMs, releaseMs, rmsMs } = BANDS[k]!;
  const { parameters } = compressor.bands;
  const medianDb = band?.medianDb ?? 0;
  return {
    thresholdDb: clampTo(parameters.thresholdDb, band && from === 'tenth' ? band.tenthDb - UNDER_TENTH_DB : medianDb),
    ratio: clampTo(parameters.ratio, 1 / loud),
    lowThresholdDb: clampTo(parameters.lowThresholdDb, medianDb),
    lowRatio: clampTo(parameters.lowRatio, 1 / quiet),
    kneeDb: KNEE_DB,
    attackMs,
    releaseMs,
    rmsMs,
    makeupDb,
  };
}

/** Mean power of a band over the moments, dB. */
const powerOf = ({ powersDb }: Trial, measured: readonly number[]): number => powerToDb(measured.reduce((sum, band) => sum + dbToPower(powersDb[band]!), 1e-14));

function intervalsOf(values: CompressorValues, bands: readonly (Band | null)[], content: number): Record<string, Interval> {
  const { ratio, thresholdDb } = compressor.bands.parameters;
  return Object.fromEntries(
    values.bands.flatMap((band, k) => {
      const own = bands[k]?.own;
      if (!own || band.ratio === 1) return [];
      const deviation = (NINETY_PERCENT * content) / Math.max(1, own.lowDb + own.highDb);
      const slope = 1 / band.ratio;
      return [
        [`bands.${k}.ratio`, [clampTo(ratio, 1 / (slope + deviation)), clampTo(ratio, 1 / Math.max(0.05, slope - deviation))] as const],
        [`bands.${k}.thresholdDb`, [clampTo(thresholdDb, band.thresholdDb - 6), clampTo(thresholdDb, band.thresholdDb + 6)] as const],
      ];
    }),
  );
}
