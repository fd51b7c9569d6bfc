/** A recording played beside a microphone on the same clock: what somebody plays along to. */
import type { PcmSource } from '../../../shared/pcm.ts';
import { paddedReader } from '../frame-reader.ts';
import { resampledReader } from '../playback-resampler.ts';

/** As long may the page be busy without a dropout. */
const AHEAD_SECONDS = 5;
const PIECE_SECONDS = 1;
const PUMP_MS = 250;
/** Until the first piece is read and known to the thread that renders. */
const START_DELAY_SECONDS = 0.1;
const FADE_TIME_CONSTANT = 0.005;

export interface Backing {
  /** Frame of the context's clock at which frame `fromFrame` sounds. */
  readonly startContextFrame: number;
  /** Of the recording, at the context's rate. */
  readonly fromFrame: number;
  setGain(gain: number): void;
  /** Fades out; answers the frame of the recording, at the context's rate, that sounded last. */
  stop(): number;
}

/**
 * Starts playing.
 *
 * @param fromFrame  where in the recording, in frames of the context's rate
 * @param gain  amplitude
 * @throws AppError 'storage/missing' where the recording cannot be read
 */
export async function playBacking(context: AudioContext, pcm: PcmSource, { fromFrame, gain, onEnd, onError }: {
  readonly fromFrame: number;
  readonly gain: number;
  readonly onEnd: () => void;
  readonly onError: (thrown: unknown) => void;
}): Promise<Backing> {
  const rate = context.sampleRate;
  const read = resampledReader(paddedReader(pcm), pcm.sampleRate, rate);
  const endFrame = Math.ceil((pcm.frames * rate) / pcm.sampleRate);
  const pieceFrames = Math.round(PIECE_SECONDS * rate);
  const first = await read(fromFrame, pieceFrames);
  const output = context.createGain();
  output.gain.value = gain;
  output.connect(context.destination);
  const sources = new Set<AudioBufferSourceNode>();
  const startContextFrame = Math.ceil((context.currentTime + START_DELAY_SECONDS) * rate);
  let [nextFrame, isOver] = [fromFrame, false];

  const schedule = (rows: readonly Float32Array<ArrayBuffer>[]): void => {
    const frames = Math.min(rows[0]!.length, endFrame - nextFrame);
    const buffer = context.createBuffer(rows.length, Math.max(1, frames), rate);
    rows.forEach((row, channel) => buffer.copyToChannel(row.subarray(0, frames), channel));
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(output);
    source.start((startContextFrame + nextFrame - fromFrame) / rate);
    nextFrame += frames;
    const isLast = nextFrame >= endFrame;
    source.onended = () => {
      source.disconnect();
      sources.delete(source);
      if (isLast && !isOver) onEnd();
    };
    sources.add(source);
  };
  const pump = async (): Promise<void> => {
    while (!isOver && nextFrame < endFrame) {
      if ((startContextFrame + nextFrame - fromFrame) / rate > context.currentTime + AHEAD_SECONDS) await new Promise((done) => setTimeout(done, PUMP_MS));
      else schedule(await read(nextFrame, pieceFrames));
    }
  };
  schedule(first);
  pump().catch(onError);
  return {
    startContextFrame,
    fromFrame,
    setGain: (value) => output.gain.setTargetAtTime(value, context.currentTime, FADE_TIME_CONSTANT),
    stop() {
      isOver = true;
      const played = fromFrame + Math.round(context.currentTime * rate) - startContextFrame;
      output.gain.setTargetAtTime(0, context.currentTime, FADE_TIME_CONSTANT);
      setTimeout(() => {
        for (const source of sources) source.stop();
        output.disconnect();
      }, 60);
      return Math.min(endFrame, Math.max(fromFrame, played));
    },
  };
}

/**
 * Where the recording's first frame belongs in a segment of a take: somebody who plays exactly with what they hear is
 * recorded a round trip later than it was sent to the output.
 *
 * @param segmentContextFrame  frame of the clock at which the segment begins
 * @returns frame of the segment, negative where the recording began before it
 */
export const backingOffsetFrames = ({ startContextFrame, fromFrame }: Pick<Backing, 'startContextFrame' | 'fromFrame'>, segmentContextFrame: number, latencyMs: number, sampleRate: number): number =>
  Math.round(startContextFrame - fromFrame - segmentContextFrame + (latencyMs * sampleRate) / 1000);
