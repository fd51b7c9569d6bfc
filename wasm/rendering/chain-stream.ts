/** Running a chain over something that is read in pieces: latency removed, tail rung out, state carried. */
import { throwIfAborted } from '../../shared/errors.ts';
import type { Chain } from '../host/engine.ts';

/** What a stage reads from: a recording or a scratch. Short or empty answers mean the end; silence follows it. */
export interface FrameSource {
  /** True: every sample is a number. */
  readonly isClean?: boolean;
  /** @param into arrays it may fill instead of making its own, as for `PcmSource` */
  read(frame: number, frames: number, into?: readonly Float32Array<ArrayBuffer>[]): Promise<Float32Array<ArrayBuffer>[]>;
}

export interface ChainStream {
  readonly source: FrameSource;
  readonly chain: Chain;
  readonly outputChannels: 1 | 2;
  /** First and end frame of what is put out. Starting later than 0 needs the chain's state at that frame. */
  readonly fromFrame: number;
  readonly endFrame: number;
  readonly chunkFrames: number;
  /** True: what is put out holds only until more is asked for, which spares making arrays. */
  readonly reusesRows?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** A breath between chunks: a worker sees the message that ends its work only when its event loop turns. */
export const breathe = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/** Left and right of `frames` length, padded with silence; mono twice. Samples that are not numbers become silence. */
export async function readStereo(
  source: FrameSource,
  frame: number,
  frames: number,
  into?: readonly Float32Array<ArrayBuffer>[],
): Promise<[Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>]> {
  const rows = await source.read(frame, frames, into);
  const fit = (row: Float32Array<ArrayBuffer> | undefined): Float32Array<ArrayBuffer> => {
    let fitting = row;
    if (row?.length !== frames) {
      fitting = new Float32Array(frames);
      if (row) fitting.set(row.subarray(0, frames));
    }
    return source.isClean ? fitting! : silenceBroken(fitting!);
  };
  const left = fit(rows[0]);
  return [left, rows.length > 1 ? fit(rows[1]) : left.slice()];
}

// One sample that is not a number would silence every filter after it for good.
function silenceBroken(row: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  for (let i = 0; i < row.length; i += 1) if (row[i]! - row[i]! !== 0) row[i] = 0;
  return row;
}

/**
 * The chain's output from `fromFrame` to `endFrame`, chunk by chunk; output frame n belongs to input frame n.
 * Between two chunks the chain's state is that of the frames put out so far.
 * @throws AppError 'job/cancelled'
 */
export async function* streamChain(stream: ChainStream): AsyncGenerator<Float32Array<ArrayBuffer>[], void, undefined> {
  const { source, chain, fromFrame, endFrame, chunkFrames, signal } = stream;
  const latency = chain.latencyFrames;
  const into = stream.reusesRows ? [new Float32Array(chunkFrames), new Float32Array(chunkFrames)] : undefined;
  let consumed = fromFrame > 0 ? fromFrame + latency : 0;
  while (consumed < endFrame + latency) {
    throwIfAborted(signal);
    const [left, right] = await readStereo(source, consumed, Math.min(chunkFrames, endFrame + latency - consumed), into);
    chain.process(left, right);
    const drop = Math.min(left.length, Math.max(0, latency - consumed));
    consumed += left.length;
    if (drop < left.length) {
      const rows = stream.outputChannels === 1 ? [left] : [left, right];
      yield drop === 0 ? rows : rows.map((row) => row.subarray(drop));
    }
    if (signal) await breathe();
  }
}
