/**
 * How alike two recordings are in what is played, so that the inverters know how much of a difference is treatment.
 *
 * Which notes are played shows in the fine structure of the long-term spectrum: two parts of one piece share their key,
 * their instruments and their room, and so their fine structure agrees; treatment is too smooth to disturb that. On
 * 500 pieces of game music it agrees by 0.7 (median) within a piece and by less than 0.35 in nine of ten pairs of pieces.
 * A voice that speaks is told from music by how far its levels move between syllables.
 */
import type { Features } from '../../../shared/features.ts';
import { dbToPower, powerToDb } from '../../../shared/units.ts';
import { fineStructure, rms } from './treatment.ts';

/** Agreement of the fine structure at which one piece is as likely as two, and over how much it becomes certain. */
const ONE_PIECE_AT = 0.3;
const ONE_PIECE_WITHIN = 0.06;
/** Bands in which syllables show: the whole, 120-500, 500-2k, 2k-6k Hz. */
const SYLLABLE_BANDS = [0, 2, 3, 4] as const;
/** Mean fall from the median to the 10th percentile of the 50 ms levels, dB: of the target; of the reference, which may be compressed. */
const SPEECH_FALL_DB = 13;
const COMPRESSED_SPEECH_FALL_DB = 9;

const LOWEST_HZ = 32;
const HIGHEST_HZ = 18_000;
/** Bands this far under a recording's strongest hold no sound of their own. */
const EMPTY_DB = 62;

export interface SpectralDifference {
  readonly hz: readonly number[];
  /** Reference over target, powers over a third of an octave, loudness taken out, dB. */
  readonly db: readonly number[];
  /** The same at every twelfth of an octave: notes and all. */
  readonly fineDb: readonly number[];
  /** False where one of the recordings is empty. */
  readonly isKnown: readonly boolean[];
  /** RMS of the difference's fine structure, dB. */
  readonly roughnessDb: number;
}

export interface Material {
  /** Probability that both are parts of one piece of music (or one voice in one text), 0 to 1. */
  readonly onePiece: number;
  /** Both are speech, or unaccompanied singing that moves like it. */
  readonly isVoice: boolean;
}

/** From 0, where two pieces are as likely or likelier, to 1: what is asked for of another piece is not kept back on a suspicion. */
export const sureOfOnePiece = ({ onePiece }: Material): number => Math.max(0, 2 * onePiece - 1);

/** Mid and side together, dB, loudness taken out. */
const totalDb = (features: Features, k: number, sideGainDb: number): number =>
  powerToDb(dbToPower(features.ltasFine.midDb[k]!) + dbToPower(features.ltasFine.sideDb[k]! + sideGainDb)) -
  (features.loudness.integratedLufs ?? 0);

interface Spectra {
  readonly hz: readonly number[];
  readonly reference: readonly number[];
  readonly target: readonly number[];
  readonly isKnown: readonly boolean[];
}

/** Weights of neighbours a twelfth of an octave apart: together a third of an octave. */
const THIRD_OCTAVE = [0.5, 1, 1, 1, 0.5] as const;

/** Powers averaged over a third of an octave, dB: peaks between valleys count as they are heard, not as their mean level. */
function inThirds(db: readonly number[]): number[] {
  const half = (THIRD_OCTAVE.length - 1) / 2;
  return db.map((_, k) => {
    let [power, weight] = [0, 0];
    THIRD_OCTAVE.forEach((w, i) => {
      const level = db[k + i - half];
      if (level === undefined) return;
      power += w * dbToPower(level);
      weight += w;
    });
    return powerToDb(power / weight);
  });
}

/** @param sideGainDb what the width module adds to the target's side at a frequency */
function spectraOf(reference: Features, target: Features, sideGainDb: (hz: number) => number): Spectra {
  const all = reference.ltasFine.hz.map((hz, k) => ({ hz, reference: totalDb(reference, k, 0), target: totalDb(target, k, sideGainDb(hz)) }));
  const top = { reference: Math.max(...all.map((p) => p.reference)), target: Math.max(...all.map((p) => p.target)) };
  const points = all.filter(({ hz }) => hz >= LOWEST_HZ && hz <= Math.min(HIGHEST_HZ, 0.45 * target.sampleRate));
  const end = 0.92 * Math.min(reference.bandwidthHz, target.bandwidthHz);
  return {
    hz: points.map((p) => p.hz),
    reference: points.map((p) => p.reference),
    target: points.map((p) => p.target),
    isKnown: points.map((p) => p.reference > top.reference - EMPTY_DB && p.target > top.target - EMPTY_DB && p.hz < end),
  };
}

/** Of a curve where it is known. */
const fineWhere = (hz: readonly number[], db: readonly number[], isKnown: readonly boolean[]): number[] =>
  fineStructure({ hz: hz.filter((_, k) => isKnown[k]), db: db.filter((_, k) => isKnown[k]) });

export function spectralDifference(reference: Features, target: Features, sideGainDb: (hz: number) => number): SpectralDifference {
  const spectra = spectraOf(reference, target, sideGainDb);
  const over = (wanted: readonly number[], own: readonly number[]) => wanted.map((level, k) => level - own[k]!);
  const fineDb = over(spectra.reference, spectra.target);
  const db = over(inThirds(spectra.reference), inThirds(spectra.target));
  const fine = fineWhere(spectra.hz, fineDb, spectra.isKnown);
  return { hz: spectra.hz, db, fineDb, isKnown: spectra.isKnown, roughnessDb: fine.length === 0 ? 6 : rms(fine) };
}

export function compareMaterial(reference: Features, target: Features): Material {
  const { hz, isKnown, ...spectra } = spectraOf(reference, target, () => 0);
  const agreement = correlation(fineWhere(hz, spectra.reference, isKnown), fineWhere(hz, spectra.target, isKnown));
  return {
    onePiece: 1 / (1 + Math.exp((ONE_PIECE_AT - agreement) / ONE_PIECE_WITHIN)),
    isVoice: syllableFallDb(target) > SPEECH_FALL_DB && syllableFallDb(reference) > COMPRESSED_SPEECH_FALL_DB,
  };
}

/** Shares 0.1 and 0.5 of LEVEL_SHARES are percentiles 1 and 3. */
function syllableFallDb({ dynamics }: Features): number {
  const falls = SYLLABLE_BANDS.flatMap((band) => {
    const levels = dynamics.bands[band]?.levelPercentilesDb;
    return levels ? [levels[3]! - levels[1]!] : [];
  });
  return falls.length < SYLLABLE_BANDS.length ? 0 : falls.reduce((a, b) => a + b, 0) / falls.length;
}

/** Of rows without a mean; 0 where one of them is flat. */
function correlation(a: readonly number[], b: readonly number[]): number {
  const [sizeA, sizeB] = [rms(a), rms(b)];
  if (a.length === 0 || sizeA < 1e-6 || sizeB < 1e-6) return 0;
  return a.reduce((sum, x, i) => sum + x * b[i]!, 0) / a.length / (sizeA * sizeB);
}
