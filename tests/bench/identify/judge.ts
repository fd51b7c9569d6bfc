/** How near a match came to the truth of its case. */
import { pcmFromArrays } from '../../../shared/pcm.ts';
import { equalizerResponseDb } from '../../../shared/equalizer-response.ts';
import type { Interval, ModuleName, Style } from '../../../shared/style.ts';
import { analyzeFeatures } from '../../../wasm/analysis/analyze.ts';
import { openEngine } from '../../../wasm/host/engine.ts';
import { alignRecordings } from '../../../wasm/inversion/alignment.ts';
import { invertParams } from '../../../wasm/inversion/invert.ts';
import { SpectralDistance } from '../../../wasm/inversion/paired/distance.ts';
import { readResampled } from '../../../wasm/inversion/paired/resampled-reader.ts';
import { engineBinary } from '../../support/engine.ts';
import { renderArrays } from '../../support/rendering.ts';
import type { Stereo } from './processors.ts';
import type { Scenario } from './scenario.ts';
import { equalizerCurve, JUDGED_HZ, roomOf, rt60Of, wholeBandRt60Of } from './truth.ts';

export interface Stated {
  /** `stereo.width`, `eq.gainDb` and so on. */
  readonly name: string;
  readonly truth: number;
  readonly value: number;
  readonly interval: Interval;
}

export interface Verdict {
  readonly seed: number;
  readonly kind: Scenario['kind'];
  readonly about: string;
  readonly seconds: number;
  readonly mrstft: number | null;
  /** The same with the result made as loud as the reference: what "further than doing nothing" is judged by. */
  readonly aligned: number | null;
  /** The target as it is, as loud as the reference. */
  readonly untouched: number | null;
  readonly eqDb: number | null;
  readonly gainDb: number | null;
  /** ISO 3382-1: the mean of two octaves in the middle. */
  readonly rt60Percent: number | null;
  readonly wholeBandRt60Percent: number | null;
  /** Of the time that the reverb's reason states, which is what a person reads. */
  readonly statedRt60Percent: number | null;
  /** By how much the result's peaks stand further over its loudness than the reference's do. Earlier lines lack it. */
  readonly plrDb?: number | null;
  /** How far the reference's true peak is over the ceiling asked for: so much no result can follow. */
  readonly overCeilingDb?: number | null;
  readonly width: number | null;
  readonly cents: number | null;
  readonly delayFrames: number | null;
  readonly stated: readonly Stated[];
  /** Modules that were to answer: found, called not identifiable, or passed over. */
  readonly present: readonly { readonly module: ModuleName; readonly answer: 'found' | 'not-identifiable' | 'passed over' }[];
  readonly failed: string | null;
  readonly modules: string;
}

const rmsOf = (values: readonly number[]): number => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / Math.max(1, values.length));
const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);

function pad(signal: Float32Array, frames: number): Float32Array {
  const padded = new Float32Array(frames);
  padded.set(signal.subarray(0, frames));
  return padded;
}

/** RMS difference of level over time, both channels, 20 ms at a time, where the reference is within 40 dB of its loudest. */
function levelErrorDb(render: Stereo, reference: Stereo, rate: number): number {
  const hop = Math.round(0.01 * rate);
  const levels = (signal: Stereo): number[] => {
    const energies: number[] = [];
    for (let at = 0; at + 2 * hop <= signal[0].length; at += hop) {
      let sum = 1e-12;
      for (const channel of signal) for (let i = at; i < at + 2 * hop; i += 1) sum += channel[i]! ** 2;
      energies.push(10 * Math.log10(sum));
    }
    return energies;
  };
  const [mine, theirs] = [levels(render), levels(reference)];
  const loudest = Math.max(...theirs);
  return rmsOf(theirs.flatMap((l, k) => (l > loudest - 40 ? [mine[k]! - l] : [])));
}

/** The reference in the target's time: no delay, the whole frames or the fraction found, whichever agrees best. */
async function referenceInTime(scenario: Scenario, render: Stereo, delay: number, driftPpm: number, polarity: number): Promise<Stereo> {
  const rate = scenario.material.sampleRate;
  const source = pcmFromArrays(scenario.reference, scenario.referenceRate);
  const ratio = scenario.referenceRate / rate;
  const slope = 1 + driftPpm * 1e-6;
  const engine = await openEngine(await engineBinary());
  let best: { score: number; signal: Stereo } | null = null;
  for (const d of new Set([0, Math.round(delay), delay])) {
    const rows = await readResampled(source, { startFrame: d * ratio, step: ratio * slope, frames: render[0].length });
    const signal = rows.map((row) => (polarity < 0 ? row.map((x) => -x) : row)) as unknown as Stereo;
    const score = new SpectralDistance(engine, signal).of(render) + (d === 0 ? 0 : 0.002);
    if (!best || score < best.score) best = { score, signal };
  }
  return best!.signal;
}

function statedOf(scenario: Scenario, style: Style): Stated[] {
  const stated: Stated[] = [];
  const add = (name: string, module: ModuleName, key: string, truth: number, value: number) => {
    const interval = style.modules[module].intervals[key];
    if (interval && style.modules[module].enabled) stated.push({ name, truth, value, interval });
  };
  for (const part of scenario.parts) {
    const { stereo, dynamics, pitch, eq } = style.modules;
    if (part.width !== undefined) for (const key of ['widthLow', 'widthMid', 'widthHigh'] as const) add('stereo.width', 'stereo', key, part.width, stereo.values[key]);
    if (part.ratio !== undefined && dynamics.values.bands[0]) add('dynamics.ratio', 'dynamics', 'bands.0.ratio', part.ratio, dynamics.values.bands[0].ratio);
    if (part.thresholdDb !== undefined && dynamics.values.bands[0]) add('dynamics.thresholdDb', 'dynamics', 'bands.0.thresholdDb', part.thresholdDb, dynamics.values.bands[0].thresholdDb);
    if (part.cents !== undefined) add('pitch.semitones', 'pitch', 'semitones', part.cents / 100, pitch.values.semitones);
    // A band is the one that was turned if it has its kind and its place: two that share one's work are not comparable.
    for (const band of part.bands ?? []) {
      eq.values.bands.forEach((own, i) => {
        if (own.type !== band.type || Math.abs(Math.log2(own.fHz / band.fHz)) > 1 / 3) return;
        add('eq.fHz', 'eq', `bands.${i}.fHz`, band.fHz, own.fHz);
        add('eq.gainDb', 'eq', `bands.${i}.gainDb`, band.gainDb, own.gainDb);
        add('eq.q', 'eq', `bands.${i}.q`, band.q, own.q);
      });
    }
    if (part.module === 'reverb') {
      const room = roomOf(part.steps, scenario.material.sampleRate);
      if (room) {
        add('reverb.mix', 'reverb', 'mix', room.mix, style.modules.reverb.values.mix);
        add('reverb.preDelayMs', 'reverb', 'preDelayMs', room.preDelayMs, style.modules.reverb.values.preDelayMs);
      }
    }
  }
  return stated;
}

function answerOf(style: Style, module: ModuleName): 'found' | 'not-identifiable' | 'passed over' {
  const { dynamics, limiter } = style.modules;
  // Either may stand in for the other: both move the level.
  if (module === 'dynamics' || module === 'limiter') {
    if (dynamics.enabled || limiter.reason.code === 'limiter/gain-trace') return 'found';
    return dynamics.status === 'not-identifiable' ? 'not-identifiable' : 'passed over';
  }
  const asked = style.modules[module];
  return asked.enabled ? 'found' : asked.status === 'not-identifiable' ? 'not-identifiable' : 'passed over';
}

const shown = (style: Style): string =>
  Object.entries(style.modules)
    .filter(([, m]) => m.enabled)
    .map(([name, m]) => `${name} ${JSON.stringify(m.values, (_, v: unknown) => (typeof v === 'number' ? Math.round(v * 100) / 100 : v))}`)
    .join('; ');

export async function judge(scenario: Scenario): Promise<Verdict> {
  const engine = await engineBinary();
  const { material, reference, referenceRate, seed, kind, about } = scenario;
  const rate = material.sampleRate;
  const none = { seed, kind, about, mrstft: null, aligned: null, untouched: null, eqDb: null, gainDb: null, rt60Percent: null, wholeBandRt60Percent: null, statedRt60Percent: null, width: null, cents: null, delayFrames: null, stated: [], present: [], modules: '' };
  const measured = async (channels: Stereo, sampleRate: number) => {
    const pcm = pcmFromArrays(channels, sampleRate);
    return { pcm, features: await analyzeFeatures(pcm, { engine, contentHash: '0'.repeat(64) }) };
  };
  const [ours, theirs] = [await measured(material.channels, rate), await measured(reference, referenceRate)];
  const start = performance.now();
  let style: Style;
  try {
    style = await invertParams(theirs, ours, { engine, mode: 'A', pitch: true, ceilingDbtp: -1, residualFir: false });
  } catch (error) {
    const code = (error as { code?: string }).code ?? String(error);
    return { ...none, seconds: (performance.now() - start) / 1000, failed: code, present: scenario.parts.map((part) => ({ module: part.module, answer: 'passed over' as const })) };
  }
  const seconds = (performance.now() - start) / 1000;
  const alignment = await alignRecordings(theirs.pcm, ours.pcm, { engine });
  const { channels } = await renderArrays(material.channels, rate, style, { engine });
  const render = channels.map((c) => pad(c, material.channels[0].length)) as unknown as Stereo;
  const truth = await referenceInTime(scenario, render, alignment.delayFrames, alignment.driftPpm, alignment.polarity);
  const opened = await openEngine(engine);
  const distance = new SpectralDistance(opened, truth);
  const loud = 10 ** (((theirs.features.loudness.integratedLufs ?? 0) - (ours.features.loudness.integratedLufs ?? 0)) / 20);
  const untouched = material.channels.map((c) => c.map((x) => x * loud)) as unknown as Stereo;
  const heard = await measured(render, rate);
  const apart = 10 ** (((theirs.features.loudness.integratedLufs ?? 0) - (heard.features.loudness.integratedLufs ?? 0)) / 20);
  const aligned = render.map((c) => c.map((x) => x * apart)) as unknown as Stereo;

  const eqPart = scenario.parts.find((part) => part.module === 'eq');
  const isAlone = scenario.parts.every((part) => part.module !== 'exciter' && part.module !== 'reverb');
  let eqDb: number | null = null;
  if (eqPart && isAlone) {
    const wanted = equalizerCurve(eqPart.steps, rate);
    const found = equalizerResponseDb(style.modules.eq.enabled ? style.modules.eq.values.bands : [], JUDGED_HZ, rate);
    const errors = wanted.map((db, k) => found[k]! - db);
    eqDb = rmsOf(errors.map((e) => e - meanOf(errors)));
  }
  const reverbPart = scenario.parts.find((part) => part.module === 'reverb');
  let rt60Percent: number | null = null;
  let wholeBandRt60Percent: number | null = null;
  let statedRt60Percent: number | null = null;
  const room = reverbPart && roomOf(reverbPart.steps, rate);
  if (room) {
    const key = style.modules.reverb.values.irKey;
    const ir = style.modules.reverb.enabled && key ? style.irs[key] : undefined;
    const stated = style.modules.reverb.enabled ? style.modules.reverb.reason.args['rt60Seconds'] : undefined;
    const off = (real: number | null, found: number | null | undefined) => (real === null ? null : found ? 100 * Math.abs(found / real - 1) : 100);
    const wanted = rt60Of(room.channels, rate);
    rt60Percent = off(wanted, ir && rt60Of(ir.channels, ir.sampleRate, false));
    statedRt60Percent = off(wanted, Number(stated ?? 0));
    wholeBandRt60Percent = off(wholeBandRt60Of(room.channels, rate), ir && wholeBandRt60Of(ir.channels, ir.sampleRate));
  }
  const widthPart = scenario.parts.find((part) => part.width !== undefined);
  const pitchPart = scenario.parts.find((part) => part.cents !== undefined);
  const { stereo, pitch } = style.modules;
  const widthNow = stereo.enabled ? stereo.values.widthMid : 1;
  return {
    seed,
    kind,
    about,
    seconds,
    mrstft: distance.of(render),
    aligned: distance.of(aligned),
    untouched: distance.of(untouched),
    eqDb,
    gainDb: scenario.parts.some((part) => part.module === 'dynamics' || part.module === 'limiter') ? levelErrorDb(render, truth, rate) : null,
    rt60Percent,
    wholeBandRt60Percent,
    statedRt60Percent,
    plrDb: heard.features.plrDb === null || theirs.features.plrDb === null ? null : heard.features.plrDb - theirs.features.plrDb,
    overCeilingDb: theirs.features.truePeakDbtp === null ? null : Math.max(0, theirs.features.truePeakDbtp + 1),
    width: widthPart ? Math.abs(widthNow - widthPart.width!) : null,
    cents: pitchPart ? Math.abs((pitch.enabled ? 100 * pitch.values.semitones : 0) - pitchPart.cents!) : null,
    delayFrames: kind === 'delay' ? Math.abs(alignment.delayFrames - scenario.delayFrames) : null,
    stated: statedOf(scenario, style),
    present: scenario.parts.map((part) => ({ module: part.module, answer: answerOf(style, part.module) })),
    failed: null,
    modules: shown(style),
  };
}
