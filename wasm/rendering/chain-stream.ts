/** Running a chain over something that is read in pieces: latency removed, tail rung out, state carried. */
import { throwIfAborted } from '../../shared/errors.ts';
import type { Chain } from '../host/engine.ts';

/** What a stage reads from: a recording or a scratch. Short or empty answers mean the end; silence follows it. */
export interface FrameSource {
  read(frame: number, frames: number): Promise<Float32Array<ArrayBuffer>[]>;
}

export interface ChainStream {
  readonly source: FrameSource;
  readonly chain: Chain;
  readonly outputChannels: 1 | 2;
  /** First and end frame of what is put out. Starting later than 0 needs the chain's state at that frame. */
  readonly fromFrame: number;
  readonly endFrame: number;
  readonly chunkFrames: number;
  readonly signal?: AbortSignal | undefined;
}

/** A breath between chunks: a worker sees the message that ends its work only when its event loop turns. */
export const breathe = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/** Left and right of `frames` length, padded with silence; mono twice. Samples that are not numbers become silence. */
export async function readStereo(source: FrameSource, frame: number, frames: number): Promise<[Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>]> {
  const rows = await source.read(frame, frames);
  const fit = (row: Float32Array<ArrayBuffer> | undefined): Float32Array<ArrayBuffer> => {
    if (row?.length === frames) return silenceBroken(row);
    const padded = new Float32Array(frames);
    if (row) padded.set(row.subarray(0, frames));
    return silenceBroken(padded);
  };
  const left = fit(rows[0]);
  return [left, rows.length > 1 ? fit(rows[1]) : left.slice()];
}

// One sample that is not a number would silence every filter after it for good.
function silenceBroken(row: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  if (isWhole(row)) return row;
  for (let i = 0; i < row.length; i += 1) if (row[i]! - row[i]! !== 0) row[i] = 0;
  return row;
}

/** A number less itself is nothing, and anything else stays in a sum; four sums, so that none waits for another. */
function isWhole(row: Float32Array): boolean {
  let [a, b, c, d] = [0, 0, 0, 0];
  let i = 0;
  for (const end = row.length - 3; i < end; i += 4) {
    a += row[i]! - row[i]!;
    b += row[i + 1]! - row[i + 1]!;
    c += row[i + 2]! - row[i + 2]!;
    d += row[i + 3]! - row[i + 3]!;
  }
  for (; i < row.length; i += 1) a += row[i]! - row[i]!;
  return a + b + c + d === 0;
}

/**
 * The chain's output from `fromFrame` to `endFrame`, chunk by chunk; output frame n belongs to input frame n.
 * Between two chunks the chain's state is that of the frames put out so far.
 * @throws AppError 'job/cancelled'
 */
export async function* streamChain(stream: ChainStream): AsyncGenerator<Float32Array<ArrayBuffer>[], void, undefined> {
  const { source, chain, fromFrame, endFrame, chunkFrames, signal } = stream;
  const latency = chain.latencyFrames;
  let consumed = fromFrame > 0 ? fromFrame + latency : 0;
  while (consumed < endFrame + latency) {
    throwIfAborted(signal);
    const [left, right] = await readStereo(source, consumed, Math.min(chunkFrames, endFrame + latency - consumed));
    chain.process(left, right);
    const drop = Math.min(left.length, Math.max(0, latency - consumed));
    consumed += left.length;
    if (drop < left.length) {
      const rows = stream.outputChannels === 1 ? [left] : [left, right];
      yield drop === 0 ? rows : rows.map((row) => row.slice(drop));
    }
    if (signal) await breathe();
  }
}
