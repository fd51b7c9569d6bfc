/** Equalizer bands from the spectral style. */
import type { Features } from '../../../shared/features.ts';
import type { EqualizerBand, EqualizerValues } from '../../../shared/params/equalizer.ts';
import type { Module } from '../../../shared/style.ts';
import { equalizerResponseDb } from '../../../shared/equalizer-response.ts';
import { fitBands } from '../band-fit.ts';
import type { ResidualCurves } from '../residual-fir.ts';
import { estimated, notIdentifiable, rounded, unchanged } from '../paired/modules.ts';
import type { SpectralStyle } from './spectral-style.ts';

/** RMS of a curve that counts as flat. */
const FLAT_DB = 0.35;
/** What is left over after the last band: under what a listener tells apart in programme material. */
const ENOUGH_DB = 0.3;
const LEAST_GAIN = 0.03;
const MOST_BANDS = 8;
/** No single band does more. */
const MOST_GAIN_DB = 24;
/** The curve is known within a few dB at best: bands that fight each other over tenths would be all a person sees, and not what half of it is. */
const RESTRAINT_DB = 0.1;
/** Where one of the recordings is empty nothing is lifted further than this: there is only noise. */
const EMPTY_BOOST_DB = 2;

/** A constant or a slow swing under what is heard: it would fill the headroom that the reference gives to sound. */
const INFRASONIC: EqualizerBand = { type: 'high_pass', fHz: 20, q: Math.SQRT1_2, gainDb: 0 };
const CLEARLY_MORE_DB = 6;

/** Lowest bin of the spectrum over the strongest of those that are heard (the second still shows the first's leakage), dB. */
const infrasonicDb = ({ stft }: Features): number => stft.meanDb[0]! - Math.max(...stft.meanDb.slice(2));

/** True where most of a target's power lies under what is heard, and the reference's does not. */
export const isToBeFreed = (reference: Features, target: Features): boolean => infrasonicDb(target) > Math.max(0, infrasonicDb(reference) + CLEARLY_MORE_DB);

/** @param isFreed a high pass under what is heard takes one of the bands */
export function equalizerModule(style: SpectralStyle, sampleRate: number, isFreed: boolean): Module<EqualizerValues> {
  const freed = isFreed ? [INFRASONIC] : [];
  const known = style.isKnown.flatMap((isKnown, k) => (isKnown ? [k] : []));
  if (known.length < 12) return notIdentifiable({ bands: [] });
  const mean = known.reduce((sum, k) => sum + style.db[k]!, 0) / known.length;
  const curve = style.db.map((db) => db - mean);
  const spread = Math.sqrt(known.reduce((sum, k) => sum + curve[k]! ** 2, 0) / known.length);
  if (spread < FLAT_DB && !isFreed) return unchanged({ bands: [] }, 0.9);
  // Outside what both recordings show, the curve goes on from its edge, without lifting.
  const weights = curve.map((_, k) => (style.isKnown[k] ? 1 : 0.15));
  const resting = curve.map((db, k) => {
    if (style.isKnown[k]) return db;
    const nearest = known.reduce((best, j) => (Math.abs(j - k) < Math.abs(best - k) ? j : best));
    return Math.min(EMPTY_BOOST_DB, curve[nearest]!);
  });
  // Every second point, a sixth of an octave: the curve bends over more.
  const thinned = <T>(row: ArrayLike<T>): T[] => Array.from(row).filter((_, k) => k % 2 === 0);
  const fit = fitBands(thinned(style.hz), thinned(resting), thinned(weights), sampleRate, {
    maxBands: MOST_BANDS - freed.length,
    types: ['peak', 'low_shelf', 'high_shelf'],
    freeOffset: true,
    enoughDb: ENOUGH_DB,
    leastGain: LEAST_GAIN,
    mostGainDb: MOST_GAIN_DB,
    restraintDb: RESTRAINT_DB,
  });
  const bands = [...fit.bands, ...freed];
  if (bands.length === 0) return unchanged({ bands }, 0.6);
  const deviation = Math.sqrt(known.reduce((sum, k) => sum + style.deviationDb[k]! ** 2, 0) / known.length);
  const confidence = spread ** 2 / (spread ** 2 + deviation ** 2);
  const strongest = bands.reduce((a, b) => (Math.abs(b.gainDb) > Math.abs(a.gainDb) ? b : a));
  const reason = {
    code: 'eq/spectral-style',
    args: { bands: bands.length, gainDb: rounded(strongest.gainDb), hz: Math.round(strongest.fHz), contentDb: rounded(style.contentDb) },
  } as const;
  // The bands follow the curve; how well the curve is known is what the interval of their gains must say.
  const intervals = Object.fromEntries(
    Object.entries(fit.intervals).map(([path, [low, high]]) =>
      path.endsWith('gainDb') ? [path, [Math.max(-24, low - 1.645 * deviation), Math.min(24, high + 1.645 * deviation)] as const] : [path, [low, high] as const],
    ),
  );
  return estimated({ bands }, confidence, reason, intervals);
}

/** What the bands leave of the whole difference where both recordings have content: content included, as asked for. */
export function residualOf(style: SpectralStyle, eq: Module<EqualizerValues>, sampleRate: number): ResidualCurves {
  const bands = equalizerResponseDb(eq.enabled ? eq.values.bands : [], style.hz, sampleRate);
  const rest = style.differenceDb.map((db, k) => db - bands[k]!);
  const known = rest.filter((_, k) => style.isKnown[k]);
  const mean = known.reduce((sum, db) => sum + db, 0) / Math.max(1, known.length);
  const db = rest.map((value, k) => (style.isKnown[k] ? value - mean : 0));
  return { hz: style.hz, midDb: db, sideDb: db };
}
