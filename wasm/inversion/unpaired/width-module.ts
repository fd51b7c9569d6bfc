/**
 * Width per band: as much side against mid as the reference has; of parts of one piece what content does not explain.
 *
 * The three gains are solved together, through the crossovers' slopes and behind the equalizer: a cut in the wide top of
 * a band changes the band's ratio as much as a gain of its side does.
 * Slopes: S. H. Linkwitz, "Active crossover networks for noncoincident drivers", JAES 24 (1976), fourth order.
 */
import type { Features } from '../../../shared/features.ts';
import { clampTo } from '../../../shared/params/effect.ts';
import { stereoWidth, type StereoWidthValues } from '../../../shared/params/stereo-width.ts';
import { type Interval, type Module, neutralStyle } from '../../../shared/style.ts';
import { dbToGain, dbToPower, gainToDb, powerToDb } from '../../../shared/units.ts';
import { estimated, notIdentifiable, rounded, unchanged } from '../paired/modules.ts';
import { type Material, sureOfOnePiece } from './material.ts';
import { shrunk } from './shrinkage.ts';

const NAMES = ['widthLow', 'widthMid', 'widthHigh'] as const;
/** Under this a target is mono in the band: there is nothing to widen. */
const MONO_DB = -32;
/** A reference with less side than this is followed to here and no further: both are mono to the ear. */
const NARROWEST_DB = -45;
const SAME_DB = 0.6;
/** Between parts of one piece the sides move by themselves: what the bands share, and what one does alone, dB. */
const ONE_PIECE_DB = { alike: 1.5, single: 8 } as const;
/** Two halves of one recording differ by 1 dB. */
const DEVIATION_DB = 2;
const SOLVING_ROUNDS = 20;
const LOWEST_HZ = 40;
const HIGHEST_HZ = 16_000;

/** What something adds to mid and side alike at a frequency, dB. */
export type ResponseDb = (hz: number) => number;

const edgesOf = (values: StereoWidthValues): number[] => [LOWEST_HZ, values.crossover1Hz, values.crossover2Hz, HIGHEST_HZ];

/** 10 log10(side power / mid power) per band, with a gain for the side and a response for both. */
function ratiosDb({ ltasFine }: Features, edges: readonly number[], sideGainDb: ResponseDb, responseDb: ResponseDb): number[] {
  const powers = NAMES.map(() => ({ mid: 1e-14, side: 1e-14 }));
  ltasFine.hz.forEach((hz, k) => {
    const band = powers[edges.findIndex((edge, i) => hz >= edge && hz < (edges[i + 1] ?? 0))];
    if (!band) return;
    const response = responseDb(hz);
    band.mid += dbToPower(ltasFine.midDb[k]! + response);
    band.side += dbToPower(ltasFine.sideDb[k]! + response + sideGainDb(hz));
  });
  return powers.map(({ mid, side }) => powerToDb(side / mid));
}

/** The part of the bands' differences that treatment explains, dB. What most bands share is the middle one's: a low end made mono moves it not. */
function treatmentsDb(differences: readonly number[], isFollowed: readonly boolean[], material: Material): number[] {
  const onePiece = sureOfOnePiece(material);
  const followed = differences.filter((_, band) => isFollowed[band]).sort((a, b) => a - b);
  const alike = (followed[Math.floor((followed.length - 1) / 2)]! + followed[Math.ceil((followed.length - 1) / 2)]!) / 2;
  return differences.map((db, band) => {
    const ofOnePiece = shrunk(alike, ONE_PIECE_DB.alike) + shrunk(db - alike, ONE_PIECE_DB.single);
    return isFollowed[band] ? onePiece * ofOnePiece + (1 - onePiece) * db : 0;
  });
}

/** @param responseDb what the equalizer does to the target */
export function widthModule(reference: Features, target: Features, responseDb: ResponseDb, material: Material): Module<StereoWidthValues> {
  const idle = neutralStyle('', 'B').modules.stereo.values;
  if (target.channels === 1) return unchanged(idle, 1);
  const edges = edgesOf(idle);
  const theirs = ratiosDb(reference, edges, () => 0, () => 0).map((db) => Math.max(NARROWEST_DB, db));
  const from = ratiosDb(target, edges, () => 0, responseDb);
  const isFollowed = from.map((db) => db >= MONO_DB);
  if (!isFollowed.some(Boolean)) return notIdentifiable(idle);
  const differences = treatmentsDb(theirs.map((db, band) => db - from[band]!), isFollowed, material);
  if (differences.every((db) => Math.abs(db) < SAME_DB)) return unchanged(idle, 0.9);

  const bounded = (name: (typeof NAMES)[number], db: number) => clampTo(stereoWidth.parameters[name], dbToGain(db));
  const wanted = from.map((db, band) => db + differences[band]!);
  const values = { ...idle };
  for (let round = 0; round < SOLVING_ROUNDS; round += 1) {
    const got = ratiosDb(target, edges, (hz) => sideGainAt(values, hz), responseDb);
    NAMES.forEach((name, band) => {
      if (isFollowed[band]) values[name] = bounded(name, gainToDb(Math.max(1e-3, values[name])) + wanted[band]! - got[band]!);
    });
  }
  const intervals: Record<string, Interval> = {};
  NAMES.forEach((name, band) => {
    const db = gainToDb(Math.max(1e-3, values[name]));
    intervals[name] = isFollowed[band] ? [bounded(name, db - 1.645 * DEVIATION_DB), bounded(name, db + 1.645 * DEVIATION_DB)] : [values[name], values[name]];
  });
  const strongest = differences.reduce((high, db) => (Math.abs(db) > Math.abs(high) ? db : high), 0);
  const confidence = strongest ** 2 / (strongest ** 2 + DEVIATION_DB ** 2);
  return estimated(values, confidence, { code: 'stereo/side-energy', args: { db: rounded(strongest) } }, intervals);
}

/** Gain of the side at a frequency, dB: the three bands of the crossovers are in phase and add up. */
export function sideGainAt({ crossover1Hz, crossover2Hz, widthLow, widthMid, widthHigh }: StereoWidthValues, hz: number): number {
  const belowFirst = 1 / (1 + (hz / crossover1Hz) ** 4);
  const belowSecond = 1 / (1 + (hz / crossover2Hz) ** 4);
  const gain = widthLow * belowFirst + widthMid * (1 - belowFirst) * belowSecond + widthHigh * (1 - belowFirst) * (1 - belowSecond);
  return gainToDb(Math.max(1e-3, gain));
}
