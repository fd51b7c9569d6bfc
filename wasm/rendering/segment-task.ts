/** One piece of a long render: what is asked, what is answered, and the work itself. */
import type { ImpulseResponse } from '../../shared/style.ts';
import { type ChainStep, type EngineBinary, openEngine } from '../host/engine.ts';
import { type FrameSource, streamChain } from './chain-stream.ts';
import { LoudnessProbe, type MeasuredPiece } from './loudness-probe.ts';

export interface SegmentTask {
  readonly sampleRate: number;
  readonly steps: readonly ChainStep[];
  readonly irs: Readonly<Record<string, ImpulseResponse>>;
  readonly outputChannels: 1 | 2;
  /** Output frames to drop (latency not counted) and then to keep. */
  readonly primeFrames: number;
  readonly keepFrames: number;
  /** How many of the kept frames are measured; 0: none. */
  readonly measuredFrames: number;
  /** Nothing follows: the end is measured too. */
  readonly isLast: boolean;
  /** False: the measurement alone is wanted. */
  readonly wantsSamples: boolean;
  /** True: `peaks` are measured too, for the search that follows. */
  readonly wantsPeaks: boolean;
}

/** Where a task's frames come from: `frames` from `frame` on, all that it reads. Silence follows the source's end. */
export interface SegmentInput {
  readonly source: FrameSource;
  readonly frame: number;
  readonly frames: number;
}

export interface SegmentResult {
  /** `keepFrames` of each channel; none where they were not wanted. */
  readonly rows: readonly Float32Array<ArrayBuffer>[];
  readonly measured: MeasuredPiece;
}

/** Who works on segments: workers in a browser, worker threads in Node. */
export interface SegmentPool {
  /** How many segments are worked on at once. */
  readonly size: number;
  /** Reads the input here, or lets the worker read it. Rejects when its worker dies. */
  render(task: SegmentTask, input: SegmentInput, signal: AbortSignal | undefined): Promise<SegmentResult>;
  /** Takes back rows that have been read: the next results may be written into them. */
  recycle?(rows: SegmentResult['rows']): void;
}

/** A piece that fits a core's cache on its way through the effects. */
const CHUNK_FRAMES = 32_768;

/** What a worker does with a task. @param spares rows of an earlier result that nobody reads any more */
export async function renderSegment(
  engine: EngineBinary,
  task: SegmentTask,
  input: SegmentInput,
  signal?: AbortSignal,
  spares: readonly Float32Array<ArrayBuffer>[] = [],
): Promise<SegmentResult> {
  const { sampleRate, outputChannels, primeFrames, keepFrames, measuredFrames } = task;
  const opened = await openEngine(engine);
  const chain = opened.createChain(sampleRate, task.steps, task.irs);
  const probe = new LoudnessProbe(opened, sampleRate, task.wantsPeaks);
  const { isClean = false } = input.source;
  const source: FrameSource = { isClean, read: (frame, frames, into) => input.source.read(input.frame + frame, frames, into) };
  const rows = Array.from({ length: task.wantsSamples ? outputChannels : 0 }, (_, c) => {
    const spare = spares[c];
    return spare && spare.buffer.byteLength >= 4 * keepFrames ? new Float32Array(spare.buffer, 0, keepFrames) : new Float32Array(keepFrames);
  });
  // The meters' filters have a second to settle; whole tenths of seconds, so that their steps stay on one grid.
  const primedSeconds = primeFrames >= sampleRate ? 1 : 0;
  const measureFrom = primeFrames - primedSeconds * sampleRate;
  const measureTo = primeFrames + measuredFrames;
  let frame = 0;
  for await (const chunk of streamChain({ source, chain, outputChannels, fromFrame: 0, endFrame: primeFrames + keepFrames, chunkFrames: CHUNK_FRAMES, reusesRows: true, signal })) {
    const { length } = chunk[0]!;
    const from = Math.max(0, measureFrom - frame);
    const to = Math.min(length, measureTo - frame);
    if (measuredFrames > 0 && from < to) probe.add(chunk.map((row) => row.subarray(from, to)));
    const drop = Math.max(0, primeFrames - frame);
    if (drop < length) rows.forEach((row, c) => row.set(chunk[c]!.subarray(drop), frame + drop - primeFrames));
    frame += length;
  }
  return { rows, measured: probe.piece(10 * primedSeconds, task.isLast) };
}

/** Works on segments in this very thread, one after the other: where no workers can be had. */
export const singlePool = (engine: EngineBinary): SegmentPool => ({
  size: 1,
  render: (task, input, signal) => renderSegment(engine, task, input, signal),
});
