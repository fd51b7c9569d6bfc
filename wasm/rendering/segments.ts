/**
 * Long recordings in segments that can be worked on at once: the body, and gain and limiter behind it.
 *
 * The grid depends on the recording's length only, never on the number of workers, so a render is the same anywhere.
 * Each segment starts early enough for its effects to have settled; those of the body join in a cross-fade.
 */
import { throwIfAborted } from '../../shared/errors.ts';
import type { LimiterValues } from '../../shared/params/limiter.ts';
import { msToFrames } from '../../shared/units.ts';
import type { Chain, ChainStep } from '../host/engine.ts';
import type { Body, BodyRun } from './body.ts';
import { breathe } from './chain-stream.ts';
import { joinedPieces, type MeasuredPiece } from './loudness-probe.ts';
import type { SegmentInput, SegmentPool, SegmentResult, SegmentTask } from './segment-task.ts';

export const SEGMENT_SECONDS = 30;

/** A recording shorter than this is rendered in one go. */
const MIN_SEGMENTED_SECONDS = 90;

/** More priming than this costs more than segments save. */
const MAX_PRIME_SECONDS = 15;

/** Time constants until an exponential has fallen by 100 dB: ln(10^5) = 11.5. */
const SETTLED_TIME_CONSTANTS = 12;

/** Filters of effects without a tail of their own, and those of the meters. */
const MIN_PRIME_SECONDS = 1;

/** The limiter's slow release, in its fast ones (assembly/processors/limiter.ts). */
const SLOW_RELEASE = 4;

const withinReach = (frames: number, sampleRate: number): number | null => (frames > MAX_PRIME_SECONDS * sampleRate ? null : Math.ceil(frames));

/** Frames until a chain that starts from nothing agrees with one that ran all along; null where it never does. */
export function primeFrames(steps: readonly ChainStep[], chain: Chain): number | null {
  if (steps.some((step) => step.effect === 'pitch-shift')) return null;
  const { sampleRate } = chain;
  let frames = Math.max(chain.tailFrames, MIN_PRIME_SECONDS * sampleRate);
  for (const step of steps) {
    if (step.effect !== 'compressor') continue;
    const slowestMs = Math.max(...step.values.bands.map((band) => Math.max(band.attackMs, band.releaseMs) + band.rmsMs));
    frames += msToFrames(SETTLED_TIME_CONSTANTS * slowestMs, sampleRate);
  }
  return withinReach(frames, sampleRate);
}

/** The same for gain and limiter. */
export const finishPrimeFrames = (limiter: LimiterValues | null, sampleRate: number): number | null =>
  withinReach(MIN_PRIME_SECONDS * sampleRate + (limiter ? msToFrames(SETTLED_TIME_CONSTANTS * SLOW_RELEASE * limiter.releaseMs, sampleRate) : 0), sampleRate);

/** The same answer wherever it is asked: by length and style only. */
export function canSegment(body: Body, chain: Chain): boolean {
  return body.steps.length > 0 && body.inputFrames >= MIN_SEGMENTED_SECONDS * body.sampleRate && primeFrames(body.steps, chain) !== null;
}

/** Cross-fades the end of one segment into the start of the next: Hann, equal gain. */
export function crossFade(before: Float32Array, after: Float32Array): void {
  const { length } = before;
  for (let i = 0; i < length; i += 1) {
    const rise = 0.5 - 0.5 * Math.cos((Math.PI * (i + 0.5)) / length);
    after[i] = before[i]! + (after[i]! - before[i]!) * rise;
  }
}

interface Grid {
  readonly count: number;
  /** First frame of a segment; the end for the one after the last. */
  startOf(index: number): number;
  /** The segment that a frame lies in. */
  at(frame: number): number;
}

function gridOf(endFrame: number, sampleRate: number): Grid {
  const length = Math.round(SEGMENT_SECONDS * sampleRate);
  // A last piece shorter than half a segment belongs to the one before it.
  const count = Math.max(1, Math.round(endFrame / length));
  return {
    count,
    startOf: (index) => (index >= count ? endFrame : index * length),
    at: (frame) => Math.min(count, Math.floor(frame / length)),
  };
}

const range = (from: number, to: number): number[] => Array.from({ length: Math.max(0, to - from) }, (_, k) => from + k);

/** Results in the order of the indices. One more than can be worked on at once is under way, so that nobody waits for us. */
async function* inOrder(
  indices: readonly number[],
  pool: SegmentPool,
  signal: AbortSignal | undefined,
  of: (index: number) => { readonly task: SegmentTask; readonly input: SegmentInput },
): AsyncGenerator<{ readonly index: number; readonly result: SegmentResult }, void, undefined> {
  const running: Promise<SegmentResult>[] = [];
  let next = 0;
  try {
    for (const index of indices) {
      while (running.length <= pool.size && next < indices.length) {
        const { task, input } = of(indices[next]!);
        next += 1;
        const segment = pool.render(task, input, signal);
        // Awaited below, in order; until then a failure must not count as unhandled.
        segment.catch(() => undefined);
        running.push(segment);
      }
      throwIfAborted(signal);
      const result = await running.shift()!;
      yield { index, result };
      pool.recycle?.(result.rows);
    }
  } finally {
    await Promise.allSettled(running);
  }
}

/**
 * The body through the pool; written in order.
 * Differs from the sequential render by less than -90 dBFS (chains that `canSegment` accepts).
 * @returns what was measured on it
 */
export async function renderBodyInSegments(body: Body, chain: Chain, pool: SegmentPool, overlapSeconds: number, run: BodyRun): Promise<MeasuredPiece> {
  const grid = gridOf(body.endFrame, body.sampleRate);
  const overlap = Math.round(overlapSeconds * body.sampleRate);
  const prime = primeFrames(body.steps, chain) ?? 0;
  const latency = chain.latencyFrames;
  const { sampleRate, steps, irs, outputChannels, source } = body;
  const tasks = (index: number) => {
    const from = Math.max(0, grid.startOf(index) - prime);
    const isLast = index === grid.count - 1;
    const end = isLast ? body.endFrame : grid.startOf(index + 1) + overlap;
    const primed = grid.startOf(index) - from;
    return {
      task: {
        sampleRate, steps, irs, outputChannels, isLast,
        primeFrames: primed, keepFrames: end - from - primed, measuredFrames: grid.startOf(index + 1) - grid.startOf(index), wantsSamples: true, wantsPeaks: true,
      },
      input: { source, frame: from, frames: end - from + latency },
    };
  };
  // Resuming inside the grid: the segment before is made again for its cross-fade.
  const done = run.resume?.frame ?? 0;
  const first = Math.max(0, grid.at(done) - 1);
  const measured: MeasuredPiece[] = [...(run.resume?.measured ?? [])].slice(0, first);
  let pending: Float32Array[] | null = null;
  for await (const { index, result } of inOrder(range(first, grid.count), pool, run.signal, tasks)) {
    const { rows } = result;
    measured.push(result.measured);
    if (pending) pending.forEach((before, c) => crossFade(before, rows[c]!));
    const keep = grid.startOf(index + 1) - grid.startOf(index);
    pending = rows.map((row) => row.slice(keep));
    const frame = grid.startOf(index + 1);
    if (frame <= done) continue;
    await run.scratch.write(rows.map((row) => row.subarray(0, keep)));
    run.onFrame(frame);
    await run.onCheckpoint({ stage: 'body', frame, segmented: true, state: new Uint8Array(0), measured: [...measured] });
    await breathe();
  }
  return joinedPieces(measured);
}

export interface FinishSegments {
  readonly source: SegmentInput['source'];
  readonly frames: number;
  readonly sampleRate: number;
  readonly outputChannels: 1 | 2;
  readonly steps: readonly ChainStep[];
  /** Of the steps, frames. */
  readonly latency: number;
  readonly prime: number;
  /** Of the grid; in rising order. */
  readonly segments: readonly number[];
  readonly wantsSamples: boolean;
  readonly wantsLoudness: boolean;
}

/** First frame of each segment behind the body, and the end. */
export function segmentStarts(frames: number, sampleRate: number): number[] {
  const grid = gridOf(frames, sampleRate);
  return range(0, grid.count + 1).map(grid.startOf);
}

/** The segments from the one that a frame lies in. */
export function segmentsFrom(frame: number, frames: number, sampleRate: number): number[] {
  const grid = gridOf(frames, sampleRate);
  return range(grid.at(frame), grid.count);
}

/** Gain and limiter through the pool, in order: each segment's result and the frame it ends at. */
export async function* finishInSegments(
  finish: FinishSegments,
  pool: SegmentPool,
  signal: AbortSignal | undefined,
): AsyncGenerator<{ readonly result: SegmentResult; readonly frame: number }, void, undefined> {
  const { sampleRate, outputChannels, steps, source, wantsSamples, wantsLoudness } = finish;
  const grid = gridOf(finish.frames, sampleRate);
  const tasks = (index: number) => {
    const [start, end] = [grid.startOf(index), grid.startOf(index + 1)];
    const frame = Math.max(0, start - finish.prime);
    return {
      task: {
        sampleRate, steps, irs: {}, outputChannels, isLast: index === grid.count - 1, wantsSamples, wantsPeaks: false,
        primeFrames: start - frame, keepFrames: end - start, measuredFrames: wantsLoudness ? end - start : 0,
      },
      input: { source, frame, frames: end - frame + finish.latency },
    };
  };
  for await (const { index, result } of inOrder(finish.segments, pool, signal, tasks)) yield { result, frame: grid.startOf(index + 1) };
}
