/** First stage: everything before loudness, into the scratch. */
import type { ImpulseResponse } from '../../shared/style.ts';
import { type Chain, type ChainStep, type EngineBinary, openEngine } from '../host/engine.ts';
import { type FrameSource, streamChain } from './chain-stream.ts';
import type { RenderCheckpoint } from './checkpoint.ts';
import type { LoudnessProbe } from './loudness-probe.ts';
import type { Scratch } from './scratch.ts';

export interface Body {
  readonly source: FrameSource;
  readonly sampleRate: number;
  readonly inputFrames: number;
  readonly steps: readonly ChainStep[];
  readonly irs: Readonly<Record<string, ImpulseResponse>>;
  readonly outputChannels: 1 | 2;
  /** Length of the output: the input, and the tail where an effect rings on. */
  readonly endFrame: number;
}

export type BodyCheckpoint = Extract<RenderCheckpoint, { stage: 'body' }>;

export interface BodyRun {
  readonly engine: EngineBinary;
  readonly scratch: Scratch;
  readonly chunkFrames: number;
  readonly checkpointFrames: number;
  readonly resume: BodyCheckpoint | null;
  /** So many frames lie in the scratch. */
  readonly onFrame: (frame: number) => void;
  readonly onCheckpoint: (checkpoint: BodyCheckpoint) => Promise<void>;
  readonly signal: AbortSignal | undefined;
}

/**
 * Length of the output. Only a reverb lengthens it, by what it rings out: the tails of filters are over within what a
 * listener could tell from the end of the recording, and a result as long as its target is worth more.
 */
export function bodyEndFrame(inputFrames: number, steps: readonly ChainStep[], chain: Chain): number {
  const room = steps.find((step) => step.effect === 'reverb');
  return room ? inputFrames + Math.min(chain.tailFrames, Math.round(room.values.ringOutSeconds * chain.sampleRate)) : inputFrames;
}

export async function openBodyChain(engine: EngineBinary, body: Omit<Body, 'endFrame'>): Promise<Chain> {
  return (await openEngine(engine)).createChain(body.sampleRate, body.steps, body.irs);
}

/** In one go from start to end; the same samples for every chunk length. @param probe measures what is written */
export async function renderBodySequentially(body: Body, probe: LoudnessProbe, run: BodyRun): Promise<void> {
  const chain = await openBodyChain(run.engine, body);
  let frame = run.resume?.frame ?? 0;
  let safe = frame;
  if (run.resume && frame > 0) chain.loadState(run.resume.state);
  const { source, outputChannels, endFrame } = body;
  const { chunkFrames, signal } = run;
  for await (const channels of streamChain({ source, chain, outputChannels, fromFrame: frame, endFrame, chunkFrames, signal })) {
    await run.scratch.write(channels);
    frame += channels[0]!.length;
    probe.add(channels);
    run.onFrame(frame);
    if (frame - safe >= run.checkpointFrames) {
      await run.onCheckpoint({ stage: 'body', frame, segmented: false, state: chain.saveState() });
      safe = frame;
    }
  }
}
