/** A voice as a point: recordings of one speaker lie near each other, whatever is said and whatever it was recorded with. */
import { AppError, throwIfAborted } from '../../shared/errors.ts';
import type { PcmSource } from '../../shared/pcm.ts';
import { dbToGain } from '../../shared/units.ts';
import type { Engine } from '../host/engine.ts';
import { resamplePcm } from '../host/resampler.ts';
import { readVoice, VOICE_RATE_HZ } from './voice-frames.ts';
import { STATISTICS_COUNT, voiceStatistics } from './voice-statistics.ts';

export const EMBEDDING_DIMENSIONS = 256;

/** A fixed linear map of statistics, made once from recordings of other people; its card says of whom and how. */
export interface SpeakerProjection {
  /** Only vectors of one version can be compared. */
  readonly version: string;
  /** STATISTICS_COUNT means. */
  readonly mean: Float32Array;
  /** 256 rows of STATISTICS_COUNT weights. */
  readonly weights: Float32Array;
}

export interface SpeakerEmbedding {
  readonly version: string;
  /** 256 numbers; their squares sum up to 1 (±0.0005). */
  readonly vector: Float32Array;
  /** SHA-256 of the vector's values as 32-bit floats, little-endian, in order; hexadecimal. */
  readonly hash: string;
}

/** What computes embeddings: the engine's own, or a network from a manifest. */
export interface SpeakerEncoder {
  readonly version: string;
  /** @throws AppError 'audio/too-short' with less than a second of speech, 'job/cancelled' */
  embed(pcm: PcmSource, signal?: AbortSignal): Promise<SpeakerEmbedding>;
}

/** Values are kept to this: browsers differ in the last digits of a logarithm, and the hash must not. */
const STEP = 2 ** -16;
/** Longer recordings are measured at their start. */
const MOST_SECONDS = 60;

/** The embedding's hash. */
export async function embeddingHash(vector: Float32Array): Promise<string> {
  const bytes = new DataView(new ArrayBuffer(4 * vector.length));
  vector.forEach((value, i) => bytes.setFloat32(4 * i, value, true));
  const digest = await crypto.subtle.digest('SHA-256', bytes.buffer);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * Length one, steps of 2^-16.
 * @throws AppError 'internal' where all values are zero or some are no numbers
 */
export function normalised(values: ArrayLike<number>): Float32Array {
  let squares = 0;
  for (let i = 0; i < values.length; i += 1) squares += values[i]! ** 2;
  if (!(squares > 0 && squares < Infinity)) throw new AppError('internal', { detail: 'an embedding without a direction' });
  // No negative zeros: JSON has none, and the hash would be another on the other side.
  return Float32Array.from(values, (value) => Math.round(value / Math.sqrt(squares) / STEP) * STEP + 0);
}

/** Cosine of the angle between two embeddings of one version: 1 the same, about 0 strangers. */
export function similarity(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let product = 0;
  for (let i = 0; i < a.length; i += 1) product += a[i]! * b[i]!;
  return product;
}

/** @returns 256 values, of any length yet */
export function project({ mean, weights }: SpeakerProjection, statistics: Float64Array): Float64Array {
  return Float64Array.from({ length: EMBEDDING_DIMENSIONS }, (_, row) => {
    let sum = 0;
    for (let k = 0; k < STATISTICS_COUNT; k += 1) sum += weights[row * STATISTICS_COUNT + k]! * (statistics[k]! - mean[k]!);
    return sum;
  });
}

/** dB re full scale: an active speech level usual in telephony. */
const LEVEL_DB = -26;

/** The same at one level, so that floors and gates mean the same for every recording. */
export function levelled(samples: Float32Array): Float32Array<ArrayBuffer> {
  let squares = 0;
  for (const value of samples) squares += value * value;
  const gain = squares > 0 ? dbToGain(LEVEL_DB) / Math.sqrt(squares / samples.length) : 1;
  return Float32Array.from(samples, (value) => gain * value);
}

/** One channel of a recording at 16 kHz, its first minute. */
export async function voiceSamples(pcm: PcmSource, engine: Engine, signal?: AbortSignal): Promise<Float32Array<ArrayBuffer>> {
  const source = resamplePcm(pcm, VOICE_RATE_HZ, engine);
  const frames = Math.min(source.frames, MOST_SECONDS * VOICE_RATE_HZ);
  const samples = new Float32Array(frames);
  for (let frame = 0; frame < frames; ) {
    throwIfAborted(signal);
    const [left, right = left] = await source.read(frame, Math.min(65_536, frames - frame));
    if (!left?.length) return samples.subarray(0, frame);
    for (let i = 0; i < left.length; i += 1) {
      const mono = 0.5 * (left[i]! + right![i]!);
      samples[frame + i] = Number.isFinite(mono) ? mono : 0;
    }
    frame += left.length;
  }
  return samples;
}

/** The engine's own encoder. The same samples give the same vector; a louder or softer copy gives nearly the same. */
export const statisticsEncoder = (openEngine: () => Promise<Engine>, projection: SpeakerProjection): SpeakerEncoder => ({
  version: projection.version,
  async embed(pcm, signal) {
    const engine = await openEngine();
    const samples = await voiceSamples(pcm, engine, signal);
    const vector = normalised(project(projection, voiceStatistics(readVoice(engine, levelled(samples)))));
    return { version: projection.version, vector, hash: await embeddingHash(vector) };
  },
});
