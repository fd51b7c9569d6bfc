/**
 * The part of a spectral difference that is style.
 *
 * Two recordings differ in how they were treated and in what is played. Treatment is smooth over frequency; content is
 * rough (keys, notes, which instruments play) and to a lesser part smooth too; `treatment.ts` tells them apart. How strong
 * the content is, the roughness of the difference itself tells (empirical Bayes).
 *
 * Three readings of one difference, weighed by what `material.ts` sees:
 * - parts of one piece: what is smooth in the content is small, the treatment is told apart well, and better still from the
 *   sounds that both play (`like-with-like.ts`);
 * - two voices: people differ smoothly too (size, sex, distance), so that most of a difference is theirs;
 * - two pieces of music: nobody who asks for *that sound* wants the tone of their own arrangement kept; the whole broad
 *   shape is taken over and only the fine structure (keys, notes) is left out.
 */
import type { Material, SpectralDifference } from './material.ts';
import { type Belief, LEAST_CONTENT_DB, type Treatment, treatmentIn } from './treatment.ts';

interface Reading extends Belief {
  /** Nobody lifts or cuts by more; what a difference asks beyond that is content. */
  readonly mostBoostDb: number;
  readonly mostCutDb: number;
}

const ONE_PIECE: Reading = { styleDb: 4, styleOctaves: 0.7, roughContent: 1, smoothContent: 1.7, smoothBelieved: 1.7, lowContent: 0, measurementDb: 0.3, mostBoostDb: 18, mostCutDb: 24 };
/** Who speaks shows most where the fundamentals lie; under them there are rooms and hands, not the voice. */
const TWO_VOICES: Reading = { ...ONE_PIECE, styleDb: 5.5, lowContent: 2.5, mostBoostDb: 9, mostCutDb: 12 };
/** Third-octave powers have left the notes out already: what is rough in them counts for little. */
const TWO_PIECES: Reading = { ...ONE_PIECE, styleDb: 8, styleOctaves: 0.3, roughContent: 0.1, smoothContent: 0, smoothBelieved: 0 };

/** How suddenly a level comes to its limit. */
const BEND = 4;

/** A reading that counts less is not worth its work: 0.01 of any level is not heard. */
const LEAST_SHARE = 0.01;
/** Nor is it worth the time to pair moments for less than this. */
const LEAST_TO_PAIR = 0.1;

export interface SpectralStyle {
  readonly hz: readonly number[];
  /** What treatment would add to the target, without a constant, dB. */
  readonly db: Float64Array;
  readonly deviationDb: Float64Array;
  /** True where both recordings have content. */
  readonly isKnown: readonly boolean[];
  /** The whole difference, content and all, loudness taken out, dB. */
  readonly differenceDb: readonly number[];
  /** Size of the content's difference, dB. */
  readonly contentDb: number;
}

/** True where what both play is worth looking for (`like-with-like.ts`). */
export const mayShareSounds = ({ onePiece }: Material): boolean => onePiece >= LEAST_TO_PAIR;

/** @param shared what the sounds that both recordings play say of the treatment, at the difference's frequencies; null if nothing */
export function spectralStyle(difference: SpectralDifference, material: Material, shared: Treatment | null): SpectralStyle {
  const { hz, isKnown, roughnessDb } = difference;
  const known = hz.flatMap((_, k) => (isKnown[k] ? [k] : []));
  const observed = { hz: known.map((k) => hz[k]!), db: known.map((k) => difference.db[k]!) };
  const readings = [
    [material.onePiece, ONE_PIECE, shared],
    [1 - material.onePiece, material.isVoice ? TWO_VOICES : TWO_PIECES, null],
  ] as const;
  const [db, deviationDb] = [new Float64Array(hz.length), new Float64Array(hz.length)];
  for (const [share, reading, alike] of readings) {
    if (share < LEAST_SHARE) continue;
    const read = alike ?? treatmentIn(observed, hz, reading, roughnessDb);
    const mean = known.reduce((sum, k) => sum + read.db[k]!, 0) / Math.max(1, known.length);
    read.db.forEach((value, k) => {
      db[k]! += share * bent(value - mean, reading);
      deviationDb[k]! += share * read.deviationDb[k]!;
    });
  }
  return { hz, isKnown, differenceDb: difference.fineDb, contentDb: Math.max(LEAST_CONTENT_DB, roughnessDb), db, deviationDb };
}

/** A level up to its limit; what is asked for well under it is given whole. */
function bent(db: number, { mostBoostDb, mostCutDb }: Reading): number {
  const most = db > 0 ? mostBoostDb : mostCutDb;
  return db / (1 + (Math.abs(db) / most) ** BEND) ** (1 / BEND);
}

/** The curve at any frequency: that of the nearest point. */
export const curveOf = ({ hz, db }: SpectralStyle) => (at: number): number => {
  const octave = 12 * Math.log2(at / hz[0]!);
  return db[Math.max(0, Math.min(hz.length - 1, Math.round(octave)))]!;
};
