/** Figures of the inverters of mode A: a composed piece and what a plain chain, whose truth is known, made of it. */
import { equalizerResponseDb } from '../../../shared/equalizer-response.ts';
import { pcmFromArrays } from '../../../shared/pcm.ts';
import { RealFft } from '../../../wasm/host/fft.ts';
import { alignRecordings } from '../../../wasm/inversion/alignment.ts';
import { renderStages } from '../../../wasm/inversion/paired/chain-renderer.ts';
import { equalizerModule, residualOf } from '../../../wasm/inversion/paired/equalizer-module.ts';
import { gainTrace } from '../../../wasm/inversion/paired/gain-trace.ts';
import { type Curve, linearPart } from '../../../wasm/inversion/paired/linear-part.ts';
import { estimateDynamics, estimateLinear, estimateReverb } from '../../../wasm/inversion/paired/stages.ts';
import { widthModule } from '../../../wasm/inversion/paired/width.ts';
import { residualFir } from '../../../wasm/inversion/residual-fir.ts';
import { sideGainAt } from '../../../wasm/inversion/unpaired/width-module.ts';
import { engineBinary, freshEngine } from '../../support/engine.ts';
import { Draw } from '../identify/draw.ts';
import type { Figure } from './figure.ts';
import { part, piece, tune } from './music.ts';
import { neutral, pairOf, SHOWN_SECONDS, SQUASHED, TONE, WIDTH } from './pair.ts';
import { evenly, hertz, type Plot, type Point } from './plot.ts';
import { compressed, decayDb, delayed, equalized, type Filter, inRoom, RATE, responseDb, room, widened } from './sound.ts';

async function drawAlignment(): Promise<Plot> {
  const engine = await engineBinary();
  const take = part(piece(34), 0, 6);
  const draw = new Draw(3);
  const error = async (row: Float32Array, frames: number): Promise<Point> => {
    const found = await alignRecordings(pcmFromArrays([delayed(row, frames)], RATE), pcmFromArrays([take[0]], RATE), { engine, maxDelaySeconds: 2 });
    return [frames % 1, found.delayFrames - frames];
  };
  const plain: Point[] = [];
  const treated: Point[] = [];
  for (const [k, whole] of [0, 260, 41_000].entries()) plain.push(await error(take[0], whole + (k + 0.5) / 3));
  for (let k = 0; k < 5; k += 1) {
    const tone: readonly Filter[] = [150, 800, 4000].map((hz) => ({ type: 'peak', hz: hz * draw.ratio(0.5, 2), q: draw.ratio(0.5, 2), db: draw.sign() * draw.between(3, 9) }));
    treated.push(await error(compressed(equalized(take, tone), SQUASHED).sound[0], draw.whole(0, 48_000) + (k + 0.1) / 5));
  }
  return {
    x: evenly('fraction of a frame in the true delay', 0, 1, 0.1),
    y: evenly('found \u2212 true, frames', -0.1, 0.1, 0.05),
    marks: [
      { kind: 'level', role: 'truth', name: 'true', y: 0 },
      { kind: 'dots', role: 'reference', name: 'delayed alone', points: plain },
      { kind: 'dots', role: 'result', name: 'equalized, compressed and delayed', points: treated },
    ],
  };
}

/** Every quarter of an octave. */
const known = (curve: Curve): Point[] => curve.hz.flatMap((hz, k) => (k % 6 === 0 && curve.weight[k]! > 0 && hz > 30 && hz < 18_000 ? [[hz, curve.db[k]!] as const] : []));

async function drawEqualizer(): Promise<Plot> {
  const take = piece(30);
  const linear = linearPart(await freshEngine(), [take], [widened(equalized(take, TONE), WIDTH)], RATE);
  const { bands } = equalizerModule(linear, RATE).values;
  const width = widthModule(linear).values;
  const grid = linear.mid.hz.filter((hz, k) => k % 2 === 0 && hz > 30 && hz < 18_000);
  const found = equalizerResponseDb(bands, grid, RATE);
  const side = 20 * Math.log10(WIDTH);
  const line = (of: (hz: number, k: number) => number): Point[] => grid.map((hz, k) => [hz, of(hz, k)]);
  return {
    x: hertz(),
    y: evenly('gain, dB', -10, 10, 5),
    marks: [
      { kind: 'line', role: 'truth', name: 'true', points: line((hz) => responseDb(TONE, hz)) },
      { kind: 'line', role: 'truth', points: line((hz) => responseDb(TONE, hz) + side) },
      { kind: 'line', role: 'result', name: 'bands and width found', points: line((_, k) => found[k]!) },
      { kind: 'line', role: 'result', points: line((hz, k) => found[k]! + sideGainAt(width, hz)) },
      { kind: 'dots', role: 'reference', name: 'measured', points: known(linear.mid) },
      { kind: 'dots', role: 'reference', points: known(linear.side!) },
      { kind: 'note', role: 'raw', at: [17_500, side + 1.5], text: 'side' },
      { kind: 'note', role: 'raw', at: [17_500, -3], text: 'mid' },
    ],
  };
}

async function drawReverb(): Promise<Plot> {
  const [take, response, wetDb] = [piece(34), room(0.9, 20, 3), -8];
  const style = neutral();
  await estimateReverb(await pairOf(take, inRoom(await freshEngine(), take, response, wetDb)), style);
  const { irKey, mix, preDelayMs } = style.modules.reverb.values;
  const ir = irKey === null ? undefined : style.irs[irKey];
  if (!ir) throw new Error('No reverb was found on the example of its figure.');
  // Four rows: both channels of the direct sound into both.
  const found = decayDb(ir.channels, 100).map((db, k): Point => [k / 100 + preDelayMs / 1000, db + 20 * Math.log10(mix) - 3]);
  const truth = decayDb(response, 100).map((db, k): Point => [k / 100, db + wetDb - 3]);
  const shown = (points: readonly Point[]) => points.filter(([, db]) => db > -60);
  return {
    x: evenly('time after the direct sound, s', 0, 1, 0.2),
    y: evenly('energy to come, dB', -60, 0, 10),
    marks: [
      { kind: 'line', role: 'truth', name: 'true room', points: shown(truth) },
      { kind: 'line', role: 'result', name: 'response found', points: shown(found) },
    ],
  };
}

const TRACE_HOP = RATE / 200;
async function drawDynamics(): Promise<Plot> {
  const take = piece(5);
  const { sound, gainDb } = compressed(take, SQUASHED);
  const pair = await pairOf(take, sound);
  const style = neutral();
  const still = await estimateLinear(pair, style);
  await estimateDynamics(pair, style, still);
  if (!style.modules.dynamics.enabled) throw new Error('No compressor was found on the example of its figure.');
  const [level] = await renderStages(pair.engine, RATE, style, ['eq'], pair.targets);
  const [turned] = await renderStages(pair.engine, RATE, style, ['eq', 'dynamics'], pair.targets);
  const [from, to] = SHOWN_SECONDS.map((seconds) => Math.round((seconds * RATE) / TRACE_HOP)) as [number, number];
  const centred = (of: (k: number) => number): Point[] => {
    const values = Array.from({ length: to - from }, (_, k) => of(from + k));
    const middle = values.toSorted((a, b) => a - b)[values.length >> 1]!;
    return values.map((value, k) => [(k * TRACE_HOP) / RATE, value - middle]);
  };
  const [measured, fitted] = [gainTrace(still[0]!, sound, TRACE_HOP), gainTrace(level!, turned!, TRACE_HOP)];
  return {
    x: evenly('time, s', 0, SHOWN_SECONDS[1] - SHOWN_SECONDS[0], 1),
    y: evenly('gain over its median, dB', -15, 10, 5),
    marks: [
      { kind: 'line', role: 'truth', name: 'true', points: centred((k) => gainDb[Math.round((k + 0.5) * TRACE_HOP)]!) },
      { kind: 'line', role: 'reference', name: 'measured', points: centred((k) => measured.gainDb[k]!) },
      { kind: 'line', role: 'result', name: 'compressor found', points: centred((k) => fitted.gainDb[k]!) },
    ],
  };
}

async function drawPitch(): Promise<Plot> {
  const engine = await engineBinary();
  const take = pcmFromArrays(tune(11, 9, 0), RATE);
  const points: Point[] = [];
  for (const semitones of [-2.9, -1.8, -0.7, 0.4, 1.3, 2.1, 2.8]) {
    const found = await alignRecordings(pcmFromArrays(tune(11, 9, semitones), RATE), take, { engine, maxDelaySeconds: 1 });
    if (!found.paired) throw new Error(`A tune ${semitones} semitones higher was not recognised.`);
    points.push([semitones, 100 * (found.pitchSemitones - semitones)]);
  }
  return {
    x: evenly('interval played, semitones', -3, 3, 1),
    y: evenly('found \u2212 played, cents', -10, 10, 5),
    marks: [
      { kind: 'level', role: 'truth', name: 'true', y: 0 },
      { kind: 'dots', role: 'result', name: 'found', points },
    ],
  };
}

async function drawResidual(): Promise<Plot> {
  const take = piece(34);
  const comb: readonly Filter[] = [120, 200, 320, 500, 800, 1250, 2000, 3150, 5000, 8000, 12_000].map((hz, k) => ({ type: 'peak', hz, q: 5, db: k % 2 === 0 ? 5 : -5 }));
  const engine = await freshEngine();
  const linear = linearPart(engine, [take], [equalized(take, comb)], RATE);
  const modules = { ...neutral().modules, eq: equalizerModule(linear, RATE), stereo: widthModule(linear) };
  const { ir } = await residualFir(engine, residualOf(linear, modules, RATE), RATE);
  if (!ir) throw new Error('No residual was found on the example of its figure.');
  const fft = new RealFft(engine, 8192);
  const [re, im] = [new Float32Array(4097), new Float32Array(4097)];
  fft.forward(ir.response.channels[0]!, re, im);
  const grid = linear.mid.hz.filter((hz) => hz > 60 && hz < 18_000);
  const bands = equalizerResponseDb(modules.eq.values.bands, grid, RATE);
  const filterDb = (hz: number): number => {
    const k = Math.round((hz * fft.size) / RATE);
    return 10 * Math.log10(re[k]! ** 2 + im[k]! ** 2);
  };
  // What is constant is the loudness module's.
  const line = (of: (hz: number, k: number) => number): Point[] => {
    const mean = grid.reduce((sum, hz, k) => sum + of(hz, k), 0) / grid.length;
    return grid.map((hz, k) => [hz, of(hz, k) - mean]);
  };
  return {
    x: hertz(60),
    y: evenly('gain, dB', -10, 10, 5),
    marks: [
      { kind: 'line', role: 'truth', name: 'true', points: line((hz) => responseDb(comb, hz)) },
      { kind: 'line', role: 'reference', name: 'eight bands', points: line((_, k) => bands[k]!) },
      { kind: 'line', role: 'result', name: 'bands and filter', points: line((hz, k) => bands[k]! + filterDb(hz)) },
    ],
  };
}

export const PAIRED: readonly Figure[] = [
  { name: 'paired-alignment', title: 'Error of the delay found, by the fraction of a frame in the true delay', draw: drawAlignment },
  { name: 'paired-equalizer', title: 'Transfer functions of mid and side: true, measured, and as bands and width', draw: drawEqualizer },
  { name: 'paired-reverb', title: 'Energy decay of the true room and of the response found', draw: drawReverb },
  { name: 'paired-dynamics', title: 'Gain over time: true, measured, and of the compressor found', draw: drawDynamics },
  { name: 'paired-pitch', title: 'Error of the interval found, by the interval played', draw: drawPitch },
  { name: 'paired-residual', title: 'A comb of narrow bands, eight bands, and eight bands with the residual filter', draw: drawResidual },
];
