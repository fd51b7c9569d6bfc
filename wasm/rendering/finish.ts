/** Second stage: gain and limiter. The gain is searched for so that the output has the loudness the style asks for. */
import { throwIfAborted } from '../../shared/errors.ts';
import { gain as gainEffect } from '../../shared/params/gain.ts';
import type { PcmSink } from '../../shared/pcm.ts';
import type { LimiterValues } from '../../shared/params/limiter.ts';
import { type Chain, type ChainStep, type Engine, type EngineBinary, openEngine } from '../host/engine.ts';
import { streamChain } from './chain-stream.ts';
import type { FinishSettings, RenderCheckpoint } from './checkpoint.ts';
import { LimitedLoudness, type Stretch } from './limited-loudness.ts';
import { joinedPieces, loudnessOf, LoudnessProbe, type LoudnessProfile, type MeasuredPiece, type OutputLoudness } from './loudness-probe.ts';
import type { Scratch } from './scratch.ts';
import { finishInSegments, finishPrimeFrames, type FinishSegments, segmentsFrom, segmentStarts } from './segments.ts';
import type { SegmentPool } from './segment-task.ts';

/** How near the loudness has to come. A tenth of what EBU R 128 allows for. */
const LOUDNESS_TOLERANCE_LU = 0.05;

/** The limiter is not driven further: beyond this it only distorts. */
const MAX_DRIVE_DB = 30;

/** A signal this far under the ceiling goes past the limiter untouched, so it need not run. */
const CLEAR_OF_CEILING_DB = 0.1;

const MAX_PASSES = 10;

/** LU per dB under which a limiter driven hard still seems to answer. */
const MIN_SLOPE = 0.03;

export interface Finish {
  readonly engine: EngineBinary;
  readonly scratch: Scratch;
  readonly sampleRate: number;
  readonly outputChannels: 1 | 2;
  readonly chunkFrames: number;
  readonly limiter: LimiterValues | null;
  /** Null: in one go. */
  readonly segments: SegmentPool | null;
  readonly signal: AbortSignal | undefined;
}

/** The same answer wherever it is asked: whether gain and limiter behind a segmented body are run in segments too. */
export const canSegmentFinish = (limiter: LimiterValues | null, sampleRate: number): boolean => finishPrimeFrames(limiter, sampleRate) !== null;

export type FinishCheckpoint = Extract<RenderCheckpoint, { stage: 'finish' }>;

/**
 * Within the effect's range, in steps of 0.001 dB: logarithms of different JavaScript engines may differ in the last
 * bit, and the result should not.
 */
const settledGain = (gainDb: number): number =>
  Math.min(gainEffect.parameters.gainDb.max, Math.max(gainEffect.parameters.gainDb.min, Math.round(gainDb * 1000) / 1000));

/** Gain, and the limiter where one runs. @param limiter the style's; null: off */
export function finishSteps(limiter: LimiterValues | null, settings: Pick<FinishSettings, 'gainDb' | 'ceilingDbtp'>): ChainStep[] {
  const gain: ChainStep = { effect: 'gain', values: { gainDb: settings.gainDb } };
  if (settings.ceilingDbtp === null || limiter === null) return [gain];
  return [gain, { effect: 'limiter', values: { ...limiter, tpDb: settings.ceilingDbtp } }];
}

const streamFinish = (finish: Finish, chain: Chain, fromFrame: number) => {
  const { scratch, outputChannels, chunkFrames, signal } = finish;
  return streamChain({ source: scratch, chain, outputChannels, fromFrame, endFrame: scratch.frames, chunkFrames, signal });
};

type Take = (channels: readonly Float32Array[], frame: number, saveState: () => Uint8Array<ArrayBuffer>) => Promise<void>;

type Settings = Pick<FinishSettings, 'gainDb' | 'ceilingDbtp'>;

/** The same in segments. */
async function* streamSegments(finish: Finish, pool: SegmentPool, settings: Settings, wanted: Pick<FinishSegments, 'segments' | 'wantsSamples' | 'wantsLoudness'>) {
  const { scratch, sampleRate, outputChannels, limiter, signal } = finish;
  const steps = finishSteps(limiter, settings);
  const prime = finishPrimeFrames(settings.ceilingDbtp === null ? null : limiter, sampleRate) ?? 0;
  const latency = (await openEngine(finish.engine)).createChain(sampleRate, steps).latencyFrames;
  yield* finishInSegments({ source: scratch, frames: scratch.frames, sampleRate, outputChannels, steps, latency, prime, ...wanted }, pool, signal);
}

/** One measuring pass over the scratch. @param segments null: all. @param take gets the samples; null: nobody does */
async function measurePass(
  finish: Finish,
  settings: Settings,
  segments: readonly number[] | null,
  take: ((channels: readonly Float32Array[]) => Promise<void>) | null,
  onFraction: (fraction: number) => void,
): Promise<OutputLoudness> {
  if (finish.segments) {
    const pieces: MeasuredPiece[] = [];
    const wanted = { segments: segments ?? segmentsFrom(0, finish.scratch.frames, finish.sampleRate), wantsSamples: take !== null, wantsLoudness: true };
    for await (const { result } of streamSegments(finish, finish.segments, settings, wanted)) {
      pieces.push(result.measured);
      await take?.(result.rows);
      onFraction(pieces.length / wanted.segments.length);
    }
    return loudnessOf(joinedPieces(pieces));
  }
  const engine: Engine = await openEngine(finish.engine);
  const chain = engine.createChain(finish.sampleRate, finishSteps(finish.limiter, settings));
  const probe = new LoudnessProbe(engine, finish.sampleRate, false);
  let frames = 0;
  for await (const channels of streamFinish(finish, chain, 0)) {
    probe.add(channels);
    await take?.(channels);
    frames += channels[0]!.length;
    onFraction(frames / finish.scratch.frames);
  }
  return loudnessOf(probe.piece());
}

/** What plain gain makes of a loudness. */
const shifted = (measured: OutputLoudness, gainDb: number): OutputLoudness => ({
  integratedLufs: measured.integratedLufs === null ? null : measured.integratedLufs + gainDb,
  truePeakDbtp: measured.truePeakDbtp === null ? null : measured.truePeakDbtp + gainDb,
});

/** One segment in so many teaches the model what the limiter does to this recording. */
const SAMPLED_SHARE = 3;

/**
 * The segments that teach most for their number: ranked by what the limiter is taken to cost them, one out of the middle
 * of every three.
 */
function sampleOf(model: LimitedLoudness, gainDb: number, frames: number, sampleRate: number): { segments: number[]; stretches: Stretch[] } {
  const starts = segmentStarts(frames, sampleRate);
  const steps = starts.map((frame) => Math.round((10 * frame) / sampleRate));
  const all = steps.slice(1).map((to, index): Stretch => [steps[index]!, index + 2 === steps.length ? Infinity : to]);
  const losses = model.lossesDb(gainDb, all);
  const ranked = [...all.keys()].sort((a, b) => losses[a]! - losses[b]! || a - b);
  const segments = ranked.filter((_, rank) => rank % SAMPLED_SHARE === 1).sort((a, b) => a - b);
  return { segments, stretches: segments.map((index) => all[index]!) };
}

/** What the search found, and whether a sink that was given has the samples already. */
export interface Found {
  readonly settings: FinishSettings;
  readonly isWritten: boolean;
}

/**
 * Gain and ceiling for a loudness target.
 *
 * Below the ceiling no pass is needed: loudness follows the gain. Above it loudness rises by less than the gain: a
 * guess from the body's profile is corrected by what a third of the segments measure, and by what whole passes miss;
 * then a bracketed secant search goes on, to within 0.05 LU where the limiter can reach it. One whole pass as a rule,
 * and its samples are the result.
 * @param body measured on the scratch
 * @param profile of the scratch
 * @param targetLufs null: leave the loudness alone
 * @param sink takes the samples of whole passes, each in place of the one before; null: nobody wants them
 */
export async function findSettings(
  finish: Finish,
  body: OutputLoudness,
  profile: LoudnessProfile,
  targetLufs: number | null,
  sink: Required<PcmSink> | null,
  onFraction: (fraction: number) => void,
): Promise<Found> {
  const wanted = targetLufs !== null && body.integratedLufs !== null ? targetLufs - body.integratedLufs : 0;
  const plain = settledGain(wanted);
  const ceiling = finish.limiter?.tpDb ?? null;
  const peak = body.truePeakDbtp;
  if (ceiling === null || peak === null || peak + plain <= ceiling - CLEAR_OF_CEILING_DB) {
    return { settings: { gainDb: plain, ceilingDbtp: null, measured: shifted(body, plain), targetLufs }, isWritten: false };
  }

  const highestGain = Math.max(Math.min(plain, 0), settledGain(ceiling + MAX_DRIVE_DB - peak));
  let ceilingDbtp = ceiling;
  let passes = 0;
  const pass = async (gainDb: number, segments: readonly number[] | null): Promise<OutputLoudness> => {
    throwIfAborted(finish.signal);
    const from = 1 - 0.5 ** passes;
    passes += 1;
    const to = 1 - 0.5 ** passes;
    return measurePass(finish, { gainDb, ceilingDbtp }, segments, segments || !sink ? null : (rows) => sink.write(rows), (fraction) => onFraction(from + (to - from) * fraction));
  };
  let written: Settings | null = null;
  const measure = async (gainDb: number): Promise<OutputLoudness> => {
    if (written) await sink?.restart();
    written = { gainDb, ceilingDbtp };
    return pass(gainDb, null);
  };

  const model = new LimitedLoudness(profile, ceiling, finish.limiter?.releaseMs ?? 0);
  const errorOf = (loudness: OutputLoudness) => (targetLufs === null ? 0 : (loudness.integratedLufs ?? targetLufs) - targetLufs);
  const guess = (target: number, low = -Infinity, high = Infinity) =>
    settledGain(model.gainFor(target, Math.max(low, Math.min(plain, highestGain)), Math.min(high, highestGain)));
  let gainDb = targetLufs === null ? plain : guess(targetLufs);
  if (targetLufs !== null && finish.segments) {
    const { segments, stretches } = sampleOf(model, gainDb, finish.scratch.frames, finish.sampleRate);
    const { integratedLufs } = await pass(gainDb, segments);
    if (integratedLufs !== null) model.learn(gainDb, integratedLufs, stretches);
    gainDb = guess(targetLufs);
  }
  let measured = await measure(gainDb);
  if (measured.truePeakDbtp !== null && measured.truePeakDbtp > ceiling) {
    // The limiter's own detector and the meter may differ in the third decimal; the promise is the meter's.
    ceilingDbtp = ceiling - (measured.truePeakDbtp - ceiling) - 0.01;
    measured = await measure(gainDb);
  }
  let best = { gainDb, measured, error: errorOf(measured) };
  let before: { gainDb: number; error: number } | null = null;
  let [low, high] = [-Infinity, Infinity];
  while (targetLufs !== null && Math.abs(best.error) > LOUDNESS_TOLERANCE_LU && passes < MAX_PASSES) {
    const error = errorOf(measured);
    if (error < 0) low = Math.max(low, gainDb);
    else high = Math.min(high, gainDb);
    if (low >= highestGain || high - low < 2e-3) break;
    let next: number;
    if (before === null) {
      model.learn(gainDb, targetLufs + error);
      next = guess(targetLufs, low, high);
    } else {
      const slope = Math.min(1.2, Math.max(MIN_SLOPE, (error - before.error) / (gainDb - before.gainDb)));
      next = Math.min(highestGain, gainDb - error / slope);
      if (next <= low || next >= high) next = (low + high) / 2;
    }
    before = { gainDb, error };
    gainDb = settledGain(next);
    if (gainDb === before.gainDb) break;
    measured = await measure(gainDb);
    if (Math.abs(errorOf(measured)) < Math.abs(best.error)) best = { gainDb, measured, error: errorOf(measured) };
  }
  const isLast = written !== null && (written as Settings).gainDb === best.gainDb && (written as Settings).ceilingDbtp === ceilingDbtp;
  if (sink && written && !isLast) await sink.restart();
  return { settings: { gainDb: best.gainDb, ceilingDbtp, measured: best.measured, targetLufs }, isWritten: sink !== null && isLast };
}

/** True where the style's loudness could not be reached under its ceiling. */
export const missesTarget = ({ targetLufs, measured }: FinishSettings): boolean =>
  targetLufs !== null && measured.integratedLufs !== null && Math.abs(measured.integratedLufs - targetLufs) > 2 * LOUDNESS_TOLERANCE_LU;

/** The pass that counts: from `fromFrame` on, to whoever takes the chunks. */
export async function finalPass(
  finish: Finish,
  settings: FinishSettings,
  resume: FinishCheckpoint | null,
  take: Take,
): Promise<void> {
  let frame = resume?.frame ?? 0;
  if (frame >= finish.scratch.frames) return;
  if (finish.segments) {
    const wanted = { segments: segmentsFrom(frame, finish.scratch.frames, finish.sampleRate), wantsSamples: true, wantsLoudness: false };
    for await (const made of streamSegments(finish, finish.segments, settings, wanted)) await take(made.result.rows, made.frame, () => new Uint8Array(0));
    return;
  }
  const chain = (await openEngine(finish.engine)).createChain(finish.sampleRate, finishSteps(finish.limiter, settings));
  if (resume && frame > 0) chain.loadState(resume.state);
  for await (const channels of streamFinish(finish, chain, frame)) {
    frame += channels[0]!.length;
    await take(channels, frame, () => chain.saveState());
  }
}
