/**
 * Pcm and Style to audio.
 *
 * Two stages. The body (everything before loudness) goes to a scratch while its loudness is measured; the finish finds
 * the gain that makes the output as loud as the style asks, and runs gain and limiter into the sink.
 */
import { throwIfAborted } from '../../shared/errors.ts';
import type { Notice, PcmSink, PcmSource } from '../../shared/pcm.ts';
import type { Style } from '../../shared/style.ts';
import { type Chain, type EngineBinary, openEngine } from '../host/engine.ts';
import { programmeLoudness } from '../analysis/programme-loudness.ts';
import { type Body, type BodyCheckpoint, bodyEndFrame, openBodyChain, renderBodySequentially } from './body.ts';
import type { FinishSettings, RenderCheckpoint } from './checkpoint.ts';
import { readStereo } from './chain-stream.ts';
import { canSegmentFinish, type Finish, finalPass, findSettings, type Found, missesTarget } from './finish.ts';
import { loudnessOf, LoudnessProbe, type MeasuredPiece } from './loudness-probe.ts';
import type { Scratch } from './scratch.ts';
import { canSegment, renderBodyInSegments, SEGMENT_SECONDS } from './segments.ts';
import { type SegmentPool, singlePool } from './segment-task.ts';
import { bodySteps, limiterValues, loudnessTarget, needsInputLoudness, outputChannels } from './style-chain.ts';

export type { RenderCheckpoint } from './checkpoint.ts';

export interface RenderOptions {
  readonly engine: EngineBinary;
  readonly sink: PcmSink;
  readonly scratch: Scratch;
  /** s, default 6; changes no sample of a sequential render. */
  readonly chunkSeconds?: number;
  /** s, default 0.5: cross-fade between segments. */
  readonly overlapSeconds?: number;
  /** s between checkpoints, default 30. */
  readonly checkpointSeconds?: number;
  /** Where to go on; scratch and sink are cut back to it (the sink by the caller). */
  readonly checkpoint?: RenderCheckpoint | null;
  /** Called when what it describes is safe in scratch or sink. */
  readonly onCheckpoint?: (checkpoint: RenderCheckpoint) => Promise<void>;
  readonly signal?: AbortSignal;
  /** 0 to 1, and which of the recording's 30 s pieces. */
  readonly onProgress?: (fraction: number, segment: { index: number; count: number }) => void;
  /** Null or left out: sequential. */
  readonly segments?: SegmentPool | null;
}

export interface RenderReport {
  readonly sampleRate: number;
  readonly channels: 1 | 2;
  readonly frames: number;
  /** Gain before the limiter. */
  readonly gainDb: number;
  /** All that the search decided: what a live preview needs to sound the same. */
  readonly settings: FinishSettings;
  /** Of the output; null where nothing passes the gate. */
  readonly integratedLufs: number | null;
  readonly truePeakDbtp: number | null;
  readonly notices: readonly Notice[];
}

export interface RenderPlan {
  readonly sampleRate: number;
  readonly channels: 1 | 2;
  readonly frames: number;
  /** Whether segments would be used if a pool were given. */
  readonly canSegment: boolean;
}

async function planned(pcm: PcmSource, style: Style, engine: EngineBinary): Promise<{ body: Body; chain: Chain }> {
  const steps = bodySteps(style, pcm.channels);
  const framed = {
    source: pcm,
    sampleRate: pcm.sampleRate,
    inputFrames: pcm.frames,
    steps,
    irs: style.irs,
    outputChannels: outputChannels(style, steps, pcm.channels),
  };
  const chain = await openBodyChain(engine, framed);
  return { body: { ...framed, endFrame: bodyEndFrame(pcm.frames, steps, chain) }, chain };
}

/** Length and channels of what a render will give: for files whose header comes first. */
export async function planRender(pcm: PcmSource, style: Style, engine: EngineBinary): Promise<RenderPlan> {
  const { body, chain } = await planned(pcm, style, engine);
  return { sampleRate: body.sampleRate, channels: body.outputChannels, frames: body.endFrame, canSegment: canSegment(body, chain) };
}

// Shares of the whole work, from timings of a 3-minute master: body, search, final pass.
const SEARCH_FROM = 0.5;
const FINISH_FROM = 0.85;

type BodyOptions = Omit<RenderOptions, 'sink'> & { readonly sink: PcmSink | null };
type Progress = (stageFrom: number, stageTo: number, frame: number) => void;

interface Settled extends Found {
  readonly body: Body;
  readonly finish: Finish;
  readonly progress: Progress;
}

/** First stage and search; both are skipped where a checkpoint has their outcome. */
async function settled(pcm: PcmSource, style: Style, options: BodyOptions): Promise<Settled> {
  const { engine, scratch, signal, checkpoint = null, segments = null } = options;
  const { sampleRate } = pcm;
  const { body, chain: bodyChain } = await planned(pcm, style, engine);
  const chunkFrames = Math.max(1, Math.round((options.chunkSeconds ?? 6) * sampleRate));
  const checkpointFrames = Math.round((options.checkpointSeconds ?? 30) * sampleRate);

  const pieces = Math.max(1, Math.ceil(body.endFrame / (SEGMENT_SECONDS * sampleRate)));
  const progress: Progress = (stageFrom, stageTo, frame) => {
    const done = body.endFrame > 0 ? frame / body.endFrame : 1;
    const index = Math.min(pieces - 1, Math.floor(frame / (SEGMENT_SECONDS * sampleRate)));
    options.onProgress?.(stageFrom + (stageTo - stageFrom) * done, { index, count: pieces });
  };

  const limiter = limiterValues(style);
  const finishOf = (segmented: boolean): Finish => ({
    engine, scratch, sampleRate, outputChannels: body.outputChannels, chunkFrames, limiter, signal, segments: segmented ? (segments ?? singlePool(engine)) : null,
  });
  if (checkpoint?.stage === 'finish') return { body, finish: finishOf(checkpoint.segmented === true), settings: checkpoint.settings, isWritten: false, progress };
  const segmented = checkpoint ? checkpoint.segmented : segments !== null && canSegment(body, bodyChain);
  const finish = finishOf(segmented && canSegmentFinish(limiter, sampleRate));
  const piece = await measuredBody(checkpoint);
  const measured = loudnessOf(piece);
  const target = loudnessTarget(style, measured.integratedLufs, needsInputLoudness(style) ? await inputLoudness() : null);
  const sink = options.sink?.restart ? (options.sink as Required<PcmSink>) : null;
  const found = await findSettings(finish, measured, piece, target, sink, (f) => progress(SEARCH_FROM, FINISH_FROM, f * body.endFrame));
  return { body, finish, ...found, progress };

  async function inputLoudness(): Promise<number | null> {
    const meter = (await openEngine(engine)).createMeter('loudness', sampleRate);
    const energies: number[] = [];
    for (let frame = 0; frame < pcm.frames; frame += chunkFrames) {
      throwIfAborted(signal);
      const [left, right] = await readStereo(pcm, frame, Math.min(chunkFrames, pcm.frames - frame));
      meter.process(left, right, (values) => energies.push(...values));
    }
    return programmeLoudness(energies).integratedLufs;
  }

  async function measuredBody(resume: BodyCheckpoint | null): Promise<MeasuredPiece> {
    const fromFrame = resume?.frame ?? 0;
    await scratch.truncate(fromFrame);
    const run = {
      engine, scratch, chunkFrames, checkpointFrames, resume, signal,
      onFrame: (frame: number) => progress(0, SEARCH_FROM, frame),
      onCheckpoint: async (made: RenderCheckpoint) => options.onCheckpoint?.(made),
    };
    if (segmented) return renderBodyInSegments(body, bodyChain, segments ?? singlePool(engine), options.overlapSeconds ?? 0.5, run);
    const probe = new LoudnessProbe(await openEngine(engine), sampleRate);
    for (let frame = 0; frame < fromFrame; frame += chunkFrames) {
      throwIfAborted(signal);
      probe.add(await scratch.read(frame, Math.min(chunkFrames, fromFrame - frame)));
    }
    await renderBodySequentially(body, probe, run);
    return probe.piece();
  }
}

/**
 * What a render would decide about gain and ceiling, without its last pass: for a live preview.
 * @throws AppError 'job/cancelled', 'engine/*', and whatever source and scratch throw. The scratch is removed in every case.
 */
export async function settle(pcm: PcmSource, style: Style, options: Omit<RenderOptions, 'sink' | 'checkpoint' | 'onCheckpoint'>): Promise<FinishSettings> {
  try {
    return (await settled(pcm, style, { ...options, sink: null })).settings;
  } finally {
    await options.scratch.remove();
  }
}

/**
 * Renders a recording in a style.
 *
 * Output frame n belongs to input frame n: latencies are removed; the length is the input's, longer where a reverb
 * rings out. A sequential render is the same, bit for bit, for every chunk length and across resumptions; a segmented
 * one is the same for every pool. The sink gets float32 at the recording's rate; mono stays mono unless the reverb is wider.
 *
 * @throws AppError 'job/cancelled', 'engine/*', and whatever source, scratch and sink throw. The scratch is kept then,
 *   so that a checkpoint can be resumed; it is removed after success.
 * Cost: the chain once, and two passes of the limiter as a rule, less in segments and into a sink that can begin again; memory does not grow with the length.
 */
export async function render(pcm: PcmSource, style: Style, options: RenderOptions): Promise<RenderReport> {
  const { scratch, checkpoint = null } = options;
  const { body, finish, settings, isWritten, progress } = await settled(pcm, style, options);
  const checkpointFrames = Math.round((options.checkpointSeconds ?? 30) * pcm.sampleRate);
  const resume = checkpoint?.stage === 'finish' ? checkpoint : null;
  let safe = resume?.frame ?? -1;
  // What only has to be measured from now on is not made again.
  if (isWritten) await options.onCheckpoint?.({ stage: 'finish', frame: body.endFrame, segmented: finish.segments !== null, state: new Uint8Array(0), settings });
  else await finalPass(finish, settings, resume, async (rows, frame, saveState) => {
    await options.sink.write(rows);
    progress(FINISH_FROM, 1, frame);
    if (options.onCheckpoint && (safe < 0 || frame - safe >= checkpointFrames)) {
      await options.onCheckpoint({ stage: 'finish', frame, segmented: finish.segments !== null, state: saveState(), settings });
      safe = frame;
    }
  });
  await scratch.remove();
  return {
    sampleRate: pcm.sampleRate,
    channels: body.outputChannels,
    frames: body.endFrame,
    gainDb: settings.gainDb,
    settings,
    ...settings.measured,
    notices: noticesOf(settings),
  };
}

function noticesOf(settings: FinishSettings): Notice[] {
  const { targetLufs, measured: { integratedLufs, truePeakDbtp } } = settings;
  const notices: Notice[] = [];
  if (missesTarget(settings)) {
    notices.push({ code: 'render/loudness-unreachable', args: { target: oneDecimal(targetLufs ?? 0), reached: oneDecimal(integratedLufs ?? 0) } });
  }
  if (truePeakDbtp !== null && truePeakDbtp > 0) notices.push({ code: 'render/over-full-scale', args: { peak: oneDecimal(truePeakDbtp) } });
  return notices;
}

const oneDecimal = (value: number): number => Math.round(value * 10) / 10;
