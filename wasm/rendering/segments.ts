/**
 * The body of a long recording in segments that can be worked on at once.
 *
 * The grid depends on the recording's length only, never on the number of workers, so a render is the same anywhere.
 * Each segment starts early enough for its effects to have settled, and joins the one before it in a cross-fade.
 */
import { throwIfAborted } from '../../shared/errors.ts';
import { msToFrames } from '../../shared/units.ts';
import { type Chain, type ChainStep, type EngineBinary, openEngine } from '../host/engine.ts';
import type { Body, BodyRun } from './body.ts';
import { breathe, readStereo, streamChain } from './chain-stream.ts';

export const SEGMENT_SECONDS = 60;

/** A recording shorter than this is rendered in one go. */
const MIN_SEGMENTED_SECONDS = 90;

/** More priming than this costs more than segments save. */
const MAX_PRIME_SECONDS = 30;

/** Time constants until an exponential has fallen by 100 dB: ln(10^5) = 11.5. */
const SETTLED_TIME_CONSTANTS = 12;

/** Filters of effects without a tail of their own. */
const MIN_PRIME_SECONDS = 0.5;

export interface SegmentTask {
  readonly sampleRate: number;
  readonly steps: readonly ChainStep[];
  readonly irs: Body['irs'];
  /** Input frames from the priming's start; transferred to whoever works on it. */
  readonly channels: readonly Float32Array<ArrayBuffer>[];
  /** Output frames to drop (latency not counted) and then to keep. */
  readonly primeFrames: number;
  readonly keepFrames: number;
}

/** Who works on segments: workers in a browser, worker threads in Node. */
export interface SegmentPool {
  /** How many segments are worked on at once. */
  readonly size: number;
  /** @returns left and right of `keepFrames`; rejects when its worker dies */
  render(task: SegmentTask, signal: AbortSignal | undefined): Promise<readonly Float32Array<ArrayBuffer>[]>;
}

/** What a worker does with a task. */
export async function renderSegment(engine: EngineBinary, task: SegmentTask, signal?: AbortSignal): Promise<Float32Array<ArrayBuffer>[]> {
  const chain = (await openEngine(engine)).createChain(task.sampleRate, task.steps, task.irs);
  const source = { read: (frame: number, frames: number) => Promise.resolve(task.channels.map((row) => row.slice(frame, frame + frames))) };
  const endFrame = task.primeFrames + task.keepFrames;
  const rows = [new Float32Array(task.keepFrames), new Float32Array(task.keepFrames)];
  let frame = 0;
  const chunkFrames = Math.round(6 * task.sampleRate);
  for await (const chunk of streamChain({ source, chain, outputChannels: 2, fromFrame: 0, endFrame, chunkFrames, signal })) {
    const drop = Math.max(0, task.primeFrames - frame);
    chunk.forEach((row, c) => drop < row.length && rows[c]!.set(row.subarray(drop), frame + drop - task.primeFrames));
    frame += chunk[0]!.length;
  }
  return rows;
}

/** Works on segments in this very thread, one after the other: where no workers can be had. */
export const singlePool = (engine: EngineBinary): SegmentPool => ({
  size: 1,
  render: (task, signal) => renderSegment(engine, task, signal),
});

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
  return frames > MAX_PRIME_SECONDS * sampleRate ? null : Math.ceil(frames);
}

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

/**
 * Segment by segment through the pool; written in order.
 * Differs from the sequential render by less than -90 dBFS (chains that `canSegment` accepts).
 */
export async function renderBodyInSegments(body: Body, chain: Chain, pool: SegmentPool, overlapSeconds: number, run: BodyRun): Promise<void> {
  const segmentFrames = Math.round(SEGMENT_SECONDS * body.sampleRate);
  const overlap = Math.round(overlapSeconds * body.sampleRate);
  const prime = primeFrames(body.steps, chain) ?? 0;
  const latency = chain.latencyFrames;
  // A last piece shorter than half a segment belongs to the one before it.
  const count = Math.max(1, Math.round(body.endFrame / segmentFrames));
  const startOf = (index: number) => (index >= count ? body.endFrame : index * segmentFrames);

  const start = async (index: number): Promise<readonly Float32Array<ArrayBuffer>[]> => {
    const from = Math.max(0, startOf(index) - prime);
    const end = index === count - 1 ? body.endFrame : startOf(index + 1) + overlap;
    const channels = await readStereo(body.source, from, end - from + latency);
    const primed = startOf(index) - from;
    const task = { sampleRate: body.sampleRate, steps: body.steps, irs: body.irs, channels, primeFrames: primed, keepFrames: end - from - primed };
    return pool.render(task, run.signal);
  };

  // Resuming inside the grid: the segment before is made again for its cross-fade.
  const done = run.resume?.frame ?? 0;
  const first = Math.max(0, Math.floor(done / segmentFrames) - 1);
  const running: Promise<readonly Float32Array<ArrayBuffer>[]>[] = [];
  let next = first;
  let pending: Float32Array[] | null = null;
  try {
    for (let index = first; index < count; index += 1) {
      while (running.length < pool.size && next < count) {
        const segment = start(next++);
        // Awaited below, in order; until then a failure must not count as unhandled.
        segment.catch(() => undefined);
        running.push(segment);
      }
      throwIfAborted(run.signal);
      const rows = (await running.shift()!).slice(0, body.outputChannels);
      if (pending) pending.forEach((before, c) => crossFade(before, rows[c]!));
      const keep = startOf(index + 1) - startOf(index);
      pending = rows.map((row) => row.slice(keep));
      const frame = startOf(index + 1);
      if (frame <= done) continue;
      const written = rows.map((row) => row.subarray(0, keep));
      await run.scratch.write(written);
      run.onChunk(written, frame);
      await run.onCheckpoint({ stage: 'body', frame, segmented: true, state: new Uint8Array(0) });
      await breathe();
    }
  } finally {
    await Promise.allSettled(running);
  }
}
