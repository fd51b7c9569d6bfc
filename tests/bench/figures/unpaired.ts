/** Figures of the inverters of mode B: two halves of one composed piece, or two pieces, one of them treated. */
import type { Features } from '../../../shared/features.ts';
import { pcmFromArrays } from '../../../shared/pcm.ts';
import type { ModuleName, Style } from '../../../shared/style.ts';
import { equalizerResponseDb } from '../../../shared/equalizer-response.ts';
import { likeWithLike, readMomentSpectra } from '../../../wasm/inversion/unpaired/like-with-like.ts';
import { compareMaterial, type SpectralDifference, spectralDifference } from '../../../wasm/inversion/unpaired/material.ts';
import { equalizerModule } from '../../../wasm/inversion/unpaired/equalizer-module.ts';
import { pitchModule } from '../../../wasm/inversion/unpaired/pitch-module.ts';
import { reverbModule } from '../../../wasm/inversion/unpaired/reverb-module.ts';
import { spectralStyle } from '../../../wasm/inversion/unpaired/spectral-style.ts';
import type { Treatment } from '../../../wasm/inversion/unpaired/treatment.ts';
import { LEVEL_SHARES } from '../../../wasm/analysis/band-dynamics.ts';
import { measure } from '../../support/analyze.ts';
import { engineBinary, freshEngine } from '../../support/engine.ts';
import { invert } from '../../support/invert.ts';
import { renderArrays } from '../../support/rendering.ts';
import type { Figure } from './figure.ts';
import { halves, part, piece, tune } from './music.ts';
import { evenly, hertz, type Plot, type Point } from './plot.ts';
import { bandLimited, compressed, decayDb, eachRow, equalized, type Filter, inRoom, louder, RATE, responseDb, room, saturated, type Stereo, widened, } from './sound.ts';

/** Composed songs, duos and drums; none has held notes, which take longest to compose. */
const PIECES = [5, 6, 8, 10, 19, 30, 34, 42, 35, 40, 83, 46] as const;

/** @throws Error where an inverter found nothing to do: a figure of nothing is none */
function expectFound(style: Style, name: ModuleName): void {
  if (!style.modules[name].enabled) throw new Error(`The inverter of ${name} found nothing on the figure's example.`);
}

interface Matched {
  readonly target: Features;
  readonly reference: Features;
  readonly result: Features;
  readonly rows: { readonly target: Stereo; readonly reference: Stereo; readonly result: Stereo };
}

/** A whole match in mode B, everything on. */
async function matched(reference: Stereo, target: Stereo, name: ModuleName): Promise<Matched> {
  const style = await invert(reference, target, RATE);
  expectFound(style, name);
  const { channels } = await renderArrays(target, RATE, style, { engine: await engineBinary() });
  const result: Stereo = [channels[0]!, channels[1]!];
  return {
    target: await measure(target, RATE),
    reference: await measure(reference, RATE),
    result: await measure(result, RATE),
    rows: { target, reference, result },
  };
}

/** Peaks bent down after a drive, and loud. */
const mastered = (sound: Stereo, driveDb: number, gainDb: number): Stereo => louder(eachRow(sound, (row) => saturated(row, driveDb)), gainDb);

/** The three of a match as lines of the same kind. */
const threeLines = ({ target, reference, result }: Matched, points: (features: Features) => Point[]): Plot['marks'] => [
  { kind: 'line', role: 'target', name: 'target', points: points(target) },
  { kind: 'line', role: 'reference', name: 'reference', points: points(reference) },
  { kind: 'line', role: 'result', name: 'result', points: points(result) },
];

/** Dots of one row side by side: those that would lie on each other are stacked. */
function stacked(values: readonly number[], row: number): Point[] {
  const heights = new Map<number, number>();
  return values.map((value) => {
    const bin = Math.round(value * 50);
    const height = heights.get(bin) ?? 0;
    heights.set(bin, height + 1);
    return [value, row + 0.85 - 0.105 * height];
  });
}

async function drawMaterial(): Promise<Plot> {
  const measured: [Features, Features][] = [];
  for (const seed of PIECES) {
    const [first, second] = halves(piece(seed));
    measured.push([await measure(first, RATE), await measure(second, RATE)]);
  }
  const one = measured.map(([first, second]) => compareMaterial(second, first).onePiece);
  const two = measured.map(([first], k) => compareMaterial(measured[(k + 1) % measured.length]![1], first).onePiece);
  return {
    x: { ...evenly('probability that both are one piece', 0, 1, 0.2), from: -0.03, to: 1.03 },
    y: { label: 'pairs', from: 2, to: 0, ticks: [] },
    marks: [
      { kind: 'dots', role: 'result', name: 'halves of one piece', points: stacked(one, 0) },
      { kind: 'dots', role: 'reference', name: 'halves of two pieces', points: stacked(two, 1) },
    ],
  };
}

const TONE: readonly Filter[] = [
  { type: 'low_shelf', hz: 160, q: 0.7, db: 6 },
  { type: 'peak', hz: 900, q: 0.8, db: -5 },
  { type: 'high_shelf', hz: 5000, q: 0.7, db: 6 },
];

/** Curves where both recordings have content, without a constant. */
function centredOver({ hz, isKnown }: Pick<SpectralDifference, 'hz' | 'isKnown'>): (of: (hz: number, k: number) => number) => Point[] {
  const known = hz.flatMap((f, k) => (isKnown[k] ? [{ f, k }] : []));
  return (of) => {
    const mean = known.reduce((sum, { f, k }) => sum + of(f, k), 0) / known.length;
    return known.map(({ f, k }) => [f, of(f, k) - mean]);
  };
}

/** What the sounds that both play say of the treatment. */
async function sharedTreatment(target: Features, targetRows: Stereo, reference: Features, referenceRows: Stereo, difference: SpectralDifference): Promise<Treatment | null> {
  const engine = await freshEngine();
  const spectra = {
    reference: await readMomentSpectra(engine, { pcm: pcmFromArrays(referenceRows, RATE), features: reference }),
    target: await readMomentSpectra(engine, { pcm: pcmFromArrays(targetRows, RATE), features: target }),
  };
  return likeWithLike(spectra, difference, () => 0);
}

const joined = (...parts: readonly Stereo[]): Stereo => {
  const row = (side: 0 | 1) => Float32Array.from(parts.flatMap((rows) => Array.from(rows[side])));
  return [row(0), row(1)];
};

async function drawLikeWithLike(): Promise<Plot> {
  const [[song, later], [drums, more]] = [halves(piece(10)), halves(piece(8))];
  const own = joined(song, part(drums, 0, 1.5));
  const theirs = equalized(joined(part(later, 0, 1.5), more), TONE);
  const [target, reference] = [await measure(own, RATE), await measure(theirs, RATE)];
  const difference = spectralDifference(reference, target, () => 0);
  const found = await sharedTreatment(target, own, reference, theirs, difference);
  if (!found) throw new Error('Nothing was found in common on the example of the figure.');
  const centred = centredOver(difference);
  return {
    x: hertz(),
    y: evenly('reference over target, dB', -20, 20, 5),
    marks: [
      { kind: 'line', role: 'truth', name: 'true treatment', points: centred((hz) => responseDb(TONE, hz)) },
      { kind: 'line', role: 'raw', name: 'all with all', points: centred((_, k) => difference.db[k]!) },
      { kind: 'line', role: 'result', name: 'like with like', points: centred((_, k) => found.db[k]!) },
    ],
  };
}

async function drawEqualizer(): Promise<Plot> {
  const [first, second] = halves(piece(10));
  const treated = equalized(second, TONE);
  const [target, reference] = [await measure(first, RATE), await measure(treated, RATE)];
  const difference = spectralDifference(reference, target, () => 0);
  const style = spectralStyle(difference, compareMaterial(reference, target), await sharedTreatment(target, first, reference, treated, difference));
  const { values } = equalizerModule(style, RATE, false);
  const centred = centredOver(style);
  const bands = equalizerResponseDb(values.bands, style.hz, RATE);
  return {
    x: hertz(),
    y: evenly('reference over target, dB', -15, 15, 5),
    marks: [
      { kind: 'line', role: 'truth', name: 'true treatment', points: centred((hz) => responseDb(TONE, hz)) },
      { kind: 'line', role: 'raw', name: 'whole difference', points: centred((_, k) => difference.fineDb[k]!) },
      { kind: 'line', role: 'reference', name: 'estimate', points: centred((_, k) => style.db[k]!) },
      { kind: 'line', role: 'result', name: 'bands', points: centred((_, k) => bands[k]!) },
    ],
  };
}

async function drawDynamics(): Promise<Plot> {
  const [first, second] = halves(piece(5));
  const { sound } = compressed(second, { thresholdDb: -34, ratio: 5, attackMs: 5, releaseMs: 120, makeupDb: 12 });
  const match = await matched(sound, first, 'dynamics');
  const MEDIAN = LEVEL_SHARES.indexOf(0.5);
  return {
    x: evenly('percentile of the 50 ms levels', 0, 100, 10),
    y: evenly('level over the median, dB', -15, 15, 5),
    marks: threeLines(match, ({ dynamics }) => {
      const levels = dynamics.bands[0]!.levelPercentilesDb!;
      return LEVEL_SHARES.map((share, k) => [100 * share, levels[k]! - levels[MEDIAN]!]);
    }),
  };
}

const thirds = ({ ltas, loudness }: Features, from = 30, to = 18_000): Point[] =>
  ltas.hz.flatMap((hz, k) => (hz >= from && hz <= to ? [[hz, ltas.midDb[k]! - loudness.integratedLufs!] as const] : []));

async function drawWidth(): Promise<Plot> {
  const wider = widened(piece(30), 1.3, [{ type: 'high_shelf', hz: 1500, q: 0.7, db: 6 }]);
  const match = await matched(wider, piece(83), 'stereo');
  return {
    x: hertz(),
    y: evenly('side over mid, dB', -40, 10, 10),
    marks: threeLines(match, ({ ltas, stereo }) => ltas.hz.flatMap((hz, k) => (hz >= 40 && hz <= 16_000 && stereo.sideToMidDb[k] !== null ? [[hz, Math.max(-40, stereo.sideToMidDb[k]!)] as const] : []))),
  };
}

async function drawExciter(): Promise<Plot> {
  const dull = bandLimited(await freshEngine(), mastered(piece(34), 18, 15), 7000);
  const match = await matched(piece(5), dull, 'exciter');
  return { x: hertz(), y: evenly('level over the loudness, dB', -80, 0, 20), marks: threeLines(match, (features) => thirds(features)) };
}

async function drawReverb(): Promise<Plot> {
  const response = room(1.2, 15, 5);
  const reference = await measure(inRoom(await freshEngine(), piece(8), response, -4), RATE);
  const found = await reverbModule(reference, await measure(piece(46), RATE));
  if (!found.ir || !reference.reverb.edcDb) throw new Error('No reverb was found on the example of its figure.');
  const fromTop = (curve: readonly number[], steps: number): Point[] => curve.map((db, k) => [k / steps, db - curve[0]!] as const).filter(([, db]) => db > -60);
  return {
    x: evenly('time, s', 0, 1.4, 0.2),
    y: evenly('decay, dB', -60, 0, 10),
    marks: [
      { kind: 'line', role: 'truth', name: 'true room', points: fromTop(decayDb(response, 100), 100) },
      { kind: 'line', role: 'reference', name: 'measured in the reference', points: fromTop(reference.reverb.edcDb, 100) },
      { kind: 'line', role: 'result', name: 'response made', points: fromTop(decayDb(found.ir.response.channels, 100), 100) },
    ],
  };
}

async function drawPitch(): Promise<Plot> {
  const from = await measure(tune(7, 4, 0, { isAlone: true }), RATE, { f0: true });
  const points: Point[] = [];
  for (const semitones of [-2.8, -2, -1.2, -0.5, 0.4, 1, 1.7, 2.6]) {
    const to = await measure(tune(7, 4, semitones, { isAlone: true, isReversed: true }), RATE, { f0: true });
    points.push([semitones, pitchModule(to, from).values.semitones]);
  }
  return {
    x: evenly('interval played, semitones', -3, 3, 1),
    y: evenly('interval found, semitones', -3, 3, 1),
    marks: [
      { kind: 'line', role: 'truth', name: 'true', points: [[-3, -3], [3, 3]] },
      { kind: 'dots', role: 'result', name: 'found', points },
    ],
  };
}

/** Peak against loudness, 400 ms at a time. */
function moments({ loudness }: Features, rows: Stereo): Point[] {
  const window = 0.4 * RATE;
  return loudness.momentaryLufs.flatMap((lufs, k) => {
    if (k % 4 !== 0) return [];
    const from = Math.round(k * loudness.seriesStepSeconds * RATE);
    const peak = Math.max(...rows.map((row) => row.subarray(from, from + window).reduce((high, x) => Math.max(high, Math.abs(x)), 1e-6)));
    return [[lufs, 20 * Math.log10(peak)] as const];
  });
}

async function drawLoudness(): Promise<Plot> {
  const { rows, ...match } = await matched(mastered(piece(5), 12, 6), piece(10), 'limiter');
  return {
    x: evenly('momentary loudness, LUFS', -40, -10, 5),
    y: evenly('peak, dB', -30, 0, 5),
    marks: [
      { kind: 'dots', role: 'target', name: 'target', points: moments(match.target, rows.target) },
      { kind: 'dots', role: 'reference', name: 'reference', points: moments(match.reference, rows.reference) },
      { kind: 'dots', role: 'result', name: 'result', points: moments(match.result, rows.result) },
      { kind: 'level', role: 'raw', name: 'ceiling asked for', y: -1 },
    ],
  };
}

export const UNPAIRED: readonly Figure[] = [
  { name: 'unpaired-material', title: 'How probable it is that two halves are parts of one piece', draw: drawMaterial },
  { name: 'unpaired-like-with-like', title: 'Difference of two spectra, the treatment found in what both play, and the true treatment', draw: drawLikeWithLike },
  { name: 'unpaired-equalizer', title: 'Difference of two spectra, the treatment estimated from it, its bands and the true treatment', draw: drawEqualizer },
  { name: 'unpaired-dynamics', title: 'Levels over their median in target, reference and result', draw: drawDynamics },
  { name: 'unpaired-width', title: 'Side over mid by frequency in target, reference and result', draw: drawWidth },
  { name: 'unpaired-exciter', title: 'Spectra of a dull target, a reference and the result', draw: drawExciter },
  { name: 'unpaired-reverb', title: 'Decay of the true room, as measured in the reference, and of the response made', draw: drawReverb },
  { name: 'unpaired-pitch', title: 'Interval found against interval played', draw: drawPitch },
  { name: 'unpaired-loudness', title: 'Peaks against loudness in target, reference and result', draw: drawLoudness },
];
