/** Figures of mode A that need a whole chain: bands that part, all values turned together, what was added, what each is worth. */
import type { StyleModules } from '../../../shared/style.ts';
import { BAND_HOP, bandTraces } from '../../../wasm/inversion/paired/band-traces.ts';
import { renderStages } from '../../../wasm/inversion/paired/chain-renderer.ts';
import { JointProblem } from '../../../wasm/inversion/paired/joint-fit.ts';
import { multibandStarts } from '../../../wasm/inversion/paired/multiband.ts';
import { refineTogether } from '../../../wasm/inversion/paired/refinement.ts';
import { estimateDynamics, estimateLinear } from '../../../wasm/inversion/paired/stages.ts';
import { dropWhatDoesNotHelp } from '../../../wasm/inversion/paired/verification.ts';
import { fittedStretches, loudestStretch, WholeChain } from '../../../wasm/inversion/paired/whole-chain.ts';
import { measure } from '../../support/analyze.ts';
import { engineBinary, freshEngine } from '../../support/engine.ts';
import type { Figure } from './figure.ts';
import { part, piece } from './music.ts';
import { neutral, pairOf, SHOWN_SECONDS, SQUASHED, TONE, WIDTH } from './pair.ts';
import { evenly, hertz, named, type Plot, type Point } from './plot.ts';
import { bandLimited, compressed, eachRow, equalized, filtered, RATE, saturated, type Stereo, widened } from './sound.ts';

async function drawExciter(): Promise<Plot> {
  const dull = bandLimited(await freshEngine(), part(piece(34), 0, 7), 4000);
  const reference = eachRow(dull, (row) => {
    const harmonics = saturated(filtered(row, [{ type: 'high_pass', hz: 1500, q: 0.7 }]), 26);
    return row.map((x, i) => x + 0.5 * harmonics[i]!);
  });
  const pair = await pairOf(dull, reference);
  const style = neutral();
  await estimateLinear(pair, style);
  await refineTogether(style, await JointProblem.create(pair.engine, RATE, fittedStretches(pair.targets, pair.heard, RATE)), []);
  if (!style.modules.exciter.enabled) throw new Error('No exciter was found on the example of its figure.');
  const [found] = await renderStages(pair.engine, RATE, style, ['eq', 'exciter'], pair.targets);
  const spectrum = async (sound: Stereo): Promise<Point[]> => {
    const { hz, midDb } = (await measure(sound, RATE)).ltas;
    const at1k = midDb[hz.findIndex((f) => f > 990)]!;
    return hz.flatMap((f, k) => (f >= 500 && f <= 18_000 ? [[f, midDb[k]! - at1k] as const] : []));
  };
  return {
    x: hertz(500),
    y: evenly('level over that at 1 kHz, dB', -60, 10, 10),
    marks: [
      { kind: 'line', role: 'target', name: 'target', points: await spectrum(dull) },
      { kind: 'line', role: 'reference', name: 'reference', points: await spectrum(reference) },
      { kind: 'line', role: 'result', name: 'bands and exciter found', points: await spectrum(found!) },
    ],
  };
}

/** What lies under this is compressed, and the rest is not: both add up to the sound. */
const SPLIT_HZ = 700;

async function drawMultiband(): Promise<Plot> {
  const take = part(piece(5), 0, 11);
  const low = equalized(take, [1, 2].map(() => ({ type: 'low_pass', hz: SPLIT_HZ, q: Math.SQRT1_2 }) as const));
  const { sound, gainDb } = compressed(low, { ...SQUASHED, makeupDb: 0 });
  const reference: Stereo = [take[0].map((x, i) => x - low[0][i]! + sound[0][i]!), take[1].map((x, i) => x - low[1][i]! + sound[1][i]!)];
  const [values] = await multibandStarts(await pairOf(take, reference), neutral(), [take]);
  if (!values) throw new Error('No bands were found on the example of their figure.');
  const [under, over] = bandTraces(await freshEngine(), take, take, reference, [20, values.crossover1Hz, 0.45 * RATE], RATE);
  const [from, to] = SHOWN_SECONDS.map((seconds) => Math.round((seconds * RATE) / BAND_HOP)) as [number, number];
  // A frame of the traces is four hops long: its middle lies two later.
  const line = (of: (k: number) => number): Point[] => Array.from({ length: to - from }, (_, k) => [(k * BAND_HOP) / RATE, of(from + k)]);
  return {
    x: evenly('time, s', 0, SHOWN_SECONDS[1] - SHOWN_SECONDS[0], 1),
    y: evenly('gain, dB', -20, 5, 5),
    marks: [
      { kind: 'line', role: 'truth', name: 'true, low', points: line((k) => gainDb[(k + 2) * BAND_HOP]!) },
      { kind: 'line', role: 'reference', name: 'over the crossover found', points: line((k) => over!.trace.gainDb[k]!) },
      { kind: 'line', role: 'result', name: 'under it', points: line((k) => under!.trace.gainDb[k]!) },
    ],
  };
}

async function drawJoint(): Promise<Plot> {
  const take = part(piece(34), 0, 8);
  const reference = compressed(equalized(take, TONE), SQUASHED).sound;
  const style = neutral();
  const bands = TONE.map(({ type, hz, q, db = 0 }) => ({ type, fHz: 1.3 * hz, q: 0.7 * q, gainDb: 0.5 * db }));
  const band = { thresholdDb: -26, ratio: 2, lowThresholdDb: -96, lowRatio: 1, kneeDb: 6, attackMs: 25, releaseMs: 60, rmsMs: 2, makeupDb: 0 };
  Object.assign(style.modules.eq, { enabled: true, values: { bands } });
  Object.assign(style.modules.dynamics, { enabled: true, values: { ...style.modules.dynamics.values, bands: [band] } });
  const problem = await JointProblem.create(await engineBinary(), RATE, fittedStretches([take], [reference], RATE));
  const points: Point[] = [];
  for (const iterations of [1, 2, 3, 6]) {
    const fit = await problem.fit(style, style.modules, { isLimited: false, iterations, tolerance: 0 });
    if (points.length === 0) points.push([0, fit.before]);
    points.push([iterations, fit.after]);
  }
  return {
    x: evenly('turns', 0, 6, 1),
    y: evenly('STFT distance to the reference', 0, Math.ceil(10 * points[0]![1]) / 10, 0.1),
    marks: [
      { kind: 'line', role: 'raw', points },
      { kind: 'dots', role: 'result', name: 'whole chain, its values started off', points },
    ],
  };
}

const ASKED = { eq: 'equalizer', dynamics: 'dynamics', stereo: 'width', exciter: 'exciter', reverb: 'reverb' } as const;

async function drawVerification(): Promise<Plot> {
  const take = part(piece(30), 0, 6);
  const reference = widened(compressed(equalized(take, TONE), SQUASHED).sound, WIDTH);
  const pair = await pairOf(take, reference);
  const style = neutral();
  await estimateDynamics(pair, style, await estimateLinear(pair, style));
  const chain = await WholeChain.create(pair.engine, RATE, [loudestStretch(pair.targets, pair.heard, RATE)]);
  await dropWhatDoesNotHelp(style, chain);
  const idle = neutral().modules;
  const rows: { name: string; distance: number }[] = [{ name: 'target', distance: await chain.distance({ ...style, modules: { ...idle, limiter: style.modules.limiter } }) }];
  for (const [name, words] of Object.entries(ASKED) as [keyof typeof ASKED, string][]) {
    if (!style.modules[name].enabled) continue;
    const without = { [name]: { ...style.modules[name], enabled: false } } as Partial<StyleModules>;
    rows.push({ name: `no ${words}`, distance: await chain.distance(style, without) });
  }
  rows.push({ name: 'whole style', distance: await chain.distance(style) });
  const bars = (isShown: (k: number) => boolean): Point[] => rows.flatMap(({ distance }, k) => (isShown(k) ? [[distance, k] as const] : []));
  return {
    x: evenly('multi-resolution STFT distance to the reference', 0, Math.ceil(10 * rows[0]!.distance) / 10, 0.1),
    y: named(rows.map(({ name }) => name)),
    marks: [
      { kind: 'bars', role: 'raw', name: 'untouched', points: bars((k) => k === 0) },
      { kind: 'bars', role: 'reference', name: 'one module left out', points: bars((k) => k > 0 && k < rows.length - 1) },
      { kind: 'bars', role: 'result', name: 'everything found', points: bars((k) => k === rows.length - 1) },
    ],
  };
}

export const WHOLE_CHAIN: readonly Figure[] = [
  { name: 'paired-multiband', title: 'Gain over time under and over the crossover found, and the true gain of the low band', draw: drawMultiband },
  { name: 'paired-joint', title: 'Distance to the reference by the number of turns of the joint fit', draw: drawJoint },
  { name: 'paired-exciter', title: 'Spectra of the target, of the reference, and of bands and exciter found', draw: drawExciter },
  { name: 'paired-verification', title: 'Distance to the reference with each module left out', draw: drawVerification },
];
