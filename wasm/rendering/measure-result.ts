/**
 * How near a result came: measured on the rendered audio.
 *
 * stft_dist, mel_dist: to the reference. Mode A: moment by moment (pairedDistance). Mode B: by distributions over time
 *   (distributionDistance); the two are not comparable with each other.
 * lufs_err: integrated loudness of the result minus the reference's, or minus the style's target where there is no reference.
 * tp_db: true peak of the result.
 * artifacts_rate: clicks, gaps and pumps per minute beyond the target's own (artifacts.ts).
 * ltas_error_db: mean absolute 1/3-octave difference to the reference, 40 Hz to 16 kHz, after loudness alignment.
 */
import { throwIfAborted } from '../../shared/errors.ts';
import type { Features } from '../../shared/features.ts';
import type { ResultMetrics } from '../../shared/metrics.ts';
import type { PcmSource } from '../../shared/pcm.ts';
import type { Mode } from '../../shared/style.ts';
import { thirdOctaveHz } from '../../shared/units.ts';
import { type EngineBinary, openEngine } from '../host/engine.ts';
import { FaultCounter, PumpCounter } from './artifacts.ts';
import { breathe, readStereo } from './chain-stream.ts';
import { distributionDistance, pairedDistance } from './spectral-distance.ts';

export interface MeasuredAudio {
  readonly features: Features;
  readonly pcm: PcmSource;
}

export interface MeasureRequest {
  readonly engine: EngineBinary;
  readonly mode: Mode;
  readonly result: MeasuredAudio;
  readonly target: MeasuredAudio;
  readonly reference: MeasuredAudio | null;
  /** LUFS the style asked for, where it asked. */
  readonly targetLufs?: number | null;
  /** Mode A: the reference's delay behind the target, frames. */
  readonly delayFrames?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (fraction: number) => void;
}

const CHUNK_SECONDS = 6;

/** 40 Hz and 16 kHz among the 1/3-octave bands. */
const FIRST_BAND = 2;
const LAST_BAND = 28;
/** A band that is nearly empty costs a bounded number of dB. */
const LTAS_FLOOR_DB = 70;

/**
 * All metrics of one result. Streams; memory does not grow with the length.
 * @throws AppError 'job/cancelled'
 */
export async function measureResult(request: MeasureRequest): Promise<ResultMetrics> {
  const { result, target, onProgress } = request;
  const nearness = await measureNearness({ ...request, onProgress: (fraction) => onProgress?.(0.6 * fraction) });
  const artifactsRate = await measureArtifacts(result.pcm, target.pcm, request.signal, (fraction) => onProgress?.(0.6 + 0.4 * fraction));
  return { ...nearness, artifactsRate };
}

/** What of the metrics says how near the result came: all but the artefacts, which can be counted meanwhile. */
export type Nearness = Omit<ResultMetrics, 'artifactsRate'>;

/** @throws AppError 'job/cancelled' */
export async function measureNearness(request: MeasureRequest): Promise<Nearness> {
  const { result, target, reference, onProgress } = request;
  const spectral = await spectralDistance(request, (fraction) => onProgress?.(fraction));
  const wantedLufs = reference ? reference.features.loudness.integratedLufs : (request.targetLufs ?? null);
  const { integratedLufs } = result.features.loudness;
  return {
    ...spectral,
    lufsErr: integratedLufs === null || wantedLufs === null ? null : integratedLufs - wantedLufs,
    tpDb: result.features.truePeakDbtp,
    ltasErrorDb: reference && ltasErrorDb(result.features, reference.features),
    ltasErrorBeforeDb: reference && ltasErrorDb(target.features, reference.features),
  };
}

async function spectralDistance(
  { engine, mode, result, reference, delayFrames = 0 }: MeasureRequest,
  onFraction: (fraction: number) => void,
): Promise<Pick<ResultMetrics, 'stftDist' | 'melDist'>> {
  if (!reference) return { stftDist: null, melDist: null };
  if (mode === 'B') return distributionDistance(result.features, reference.features);
  const paired = await pairedDistance(await openEngine(engine), result.pcm, reference.pcm, Math.round(delayFrames), onFraction);
  return paired ?? { stftDist: null, melDist: null };
}

/**
 * Artefacts per minute that the target does not have itself.
 * Output frame n of a render belongs to frame n of its target, so levels can be compared moment by moment.
 */
export async function measureArtifacts(
  result: PcmSource,
  target: PcmSource,
  signal: AbortSignal | undefined,
  onFraction: (fraction: number) => void = () => undefined,
): Promise<number> {
  const { sampleRate } = result;
  const [mine, theirs, pumps] = [new FaultCounter(sampleRate), new FaultCounter(sampleRate), new PumpCounter(sampleRate)];
  const chunk = CHUNK_SECONDS * sampleRate;
  for (let frame = 0; frame < result.frames; frame += chunk) {
    throwIfAborted(signal);
    const frames = Math.min(chunk, result.frames - frame);
    const output = await readStereo(result, frame, frames);
    mine.add(...output);
    const common = Math.max(0, Math.min(frames, target.frames - frame));
    const input = await readStereo(target, frame, common);
    theirs.add(...input);
    pumps.add([output[0].subarray(0, common), output[1].subarray(0, common)], input);
    onFraction((frame + frames) / result.frames);
    await breathe();
  }
  const events = Math.max(0, mine.clicks - theirs.clicks) + Math.max(0, mine.gaps - theirs.gaps) + pumps.events;
  return events / Math.max(1 / 60, result.frames / sampleRate / 60);
}

/** Level per 1/3 octave with mid and side together, in dB re the recording's loudness. */
function alignedBands({ ltas, loudness }: Features): number[] | null {
  const { integratedLufs } = loudness;
  if (integratedLufs === null) return null;
  return ltas.midDb.map((mid, band) => 10 * Math.log10(10 ** (mid / 10) + 10 ** (ltas.sideDb[band]! / 10) + 1e-30) - integratedLufs);
}

/** @returns dB, or null where one of the two is silent */
export function ltasErrorDb(a: Features, b: Features): number | null {
  const [mine, theirs] = [alignedBands(a), alignedBands(b)];
  if (!mine || !theirs) return null;
  const nyquist = Math.min(a.sampleRate, b.sampleRate) / 2;
  const bands: number[] = [];
  for (let band = FIRST_BAND; band <= LAST_BAND; band += 1) if (thirdOctaveHz(band + 0.5) <= nyquist * 1.001) bands.push(band);
  const highest = (levels: readonly number[]) => Math.max(...bands.map((band) => levels[band]!));
  const floor = Math.min(highest(mine), highest(theirs)) - LTAS_FLOOR_DB;
  const errors = bands.map((band) => Math.abs(Math.max(floor, mine[band]!) - Math.max(floor, theirs[band]!)));
  return errors.reduce((sum, error) => sum + error, 0) / errors.length;
}
