/**
 * What of a voice does not depend on what it says: statistics over the frames in which somebody speaks.
 *
 * The mean spectrum carries the speaker and the microphone; everything else (deviations, rates of change, how voiced
 * sound differs from the rest, fundamental frequency) is the same behind any fixed filter, since a filter adds a constant
 * to a log spectrum. How much each counts is the projection's business.
 * Sources: S. Davis, P. Mermelstein, IEEE Trans. ASSP 28 (1980), cepstra; S. Furui, IEEE Trans. ASSP 29 (1981), their
 * slopes over ±2 frames and the mean's removal; T. Kinnunen, H. Li, Speech Communication 52 (2010), the rest.
 */
import { AppError } from '../../shared/errors.ts';
import { percentile } from './programme-loudness.ts';
import { MEL_BANDS, VOICE_FRAMES_PER_SECOND, type VoiceFrames } from './voice-frames.ts';

/** Cepstral coefficients 0 to 20. */
const COEFFICIENTS = 21;
/** Frames to each side that a slope is taken over. */
const SLOPE_REACH = 2;
/** Hz. What YIN finds outside is not a voice's fundamental. */
const F0_RANGE = { least: 60, most: 500 };
/** Hz, where nothing is voiced: the middle of what people speak at. */
const UNKNOWN_F0 = 170;
/** Frames that a mean of one kind needs. */
const LEAST_FRAMES = 20;
/** Least deviation, nepers: under it logarithms would tell of rounding. */
const LEAST_DEVIATION = 1e-3;
const F0_SHARES = [0.1, 0.25, 0.5, 0.75, 0.9];

/** Numbers in a row of statistics: means, deviations and slopes of cepstra, F0, voiced against all, and three rows of bands. */
export const STATISTICS_COUNT = (COEFFICIENTS - 1) + 2 * COEFFICIENTS + (F0_SHARES.length + 2) + 2 * COEFFICIENTS + 3 * MEL_BANDS;

/** Seconds of speech that statistics need at least. */
export const LEAST_SPEECH_SECONDS = 1;

/** DCT-II, orthonormal. */
const COSINES = Float64Array.from({ length: COEFFICIENTS * MEL_BANDS }, (_, i) => {
  const [coefficient, band] = [Math.floor(i / MEL_BANDS), i % MEL_BANDS];
  return Math.sqrt((coefficient === 0 ? 1 : 2) / MEL_BANDS) * Math.cos((Math.PI * coefficient * (band + 0.5)) / MEL_BANDS);
});

/** frames x 21 */
function cepstraOf(logMel: Float32Array, count: number): Float64Array {
  const cepstra = new Float64Array(count * COEFFICIENTS);
  for (let frame = 0; frame < count; frame += 1) {
    for (let c = 0; c < COEFFICIENTS; c += 1) {
      let sum = 0;
      for (let band = 0; band < MEL_BANDS; band += 1) sum += COSINES[c * MEL_BANDS + band]! * logMel[frame * MEL_BANDS + band]!;
      cepstra[frame * COEFFICIENTS + c] = sum;
    }
  }
  return cepstra;
}

/** Regression slopes over ±2 frames, of rows of `width`; at the ends the last row counts on. */
function slopesOf(rows: ArrayLike<number>, count: number, width: number): Float64Array {
  const slopes = new Float64Array(count * width);
  let scale = 0;
  for (let k = 1; k <= SLOPE_REACH; k += 1) scale += 2 * k * k;
  for (let frame = 0; frame < count; frame += 1) {
    for (let k = 1; k <= SLOPE_REACH; k += 1) {
      const after = Math.min(count - 1, frame + k) * width;
      const before = Math.max(0, frame - k) * width;
      for (let c = 0; c < width; c += 1) slopes[frame * width + c]! += (k * (rows[after + c]! - rows[before + c]!)) / scale;
    }
  }
  return slopes;
}

interface Moments {
  readonly mean: Float64Array;
  readonly logDeviation: Float64Array;
}

function momentsOf(rows: ArrayLike<number>, width: number, frames: readonly number[]): Moments {
  const mean = new Float64Array(width);
  const square = new Float64Array(width);
  for (const frame of frames) for (let c = 0; c < width; c += 1) mean[c]! += rows[frame * width + c]! / frames.length;
  for (const frame of frames) for (let c = 0; c < width; c += 1) square[c]! += (rows[frame * width + c]! - mean[c]!) ** 2 / frames.length;
  return { mean, logDeviation: square.map((variance) => Math.log(Math.sqrt(variance) + LEAST_DEVIATION)) };
}

const deviationOf = (values: readonly number[]): number => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
};

/**
 * @returns STATISTICS_COUNT numbers, in nepers but for the share of voiced frames
 * @throws AppError 'audio/too-short' with less than a second of speech
 */
export function voiceStatistics({ count, logMel, active, f0Hz }: VoiceFrames): Float64Array {
  const speech = Array.from({ length: count }, (_, frame) => frame).filter((frame) => active[frame] === 1);
  if (speech.length < LEAST_SPEECH_SECONDS * VOICE_FRAMES_PER_SECOND) {
    throw new AppError('audio/too-short', { seconds: speech.length / VOICE_FRAMES_PER_SECOND, minimum: LEAST_SPEECH_SECONDS });
  }
  const cepstra = cepstraOf(logMel, count);
  const all = momentsOf(cepstra, COEFFICIENTS, speech);
  const slopes = momentsOf(slopesOf(cepstra, count, COEFFICIENTS), COEFFICIENTS, speech);
  const bands = momentsOf(logMel, MEL_BANDS, speech);
  const bandSlopes = momentsOf(slopesOf(logMel, count, MEL_BANDS), MEL_BANDS, speech);
  const level = bands.mean.reduce((sum, value) => sum + value, 0) / MEL_BANDS;

  const voiced = speech.filter((frame) => f0Hz[frame]! > F0_RANGE.least && f0Hz[frame]! < F0_RANGE.most);
  const isVoiced = voiced.length > LEAST_FRAMES;
  const logF0 = isVoiced ? voiced.map((frame) => Math.log(f0Hz[frame]!)).toSorted((a, b) => a - b) : [Math.log(UNKNOWN_F0)];
  const ofVoiced = isVoiced ? momentsOf(cepstra, COEFFICIENTS, voiced) : all;

  return Float64Array.from([
    ...all.mean.subarray(1),
    ...all.logDeviation,
    ...slopes.logDeviation,
    ...F0_SHARES.map((share) => percentile(logF0, share)),
    deviationOf(logF0),
    voiced.length / speech.length,
    ...ofVoiced.mean.map((value, c) => value - all.mean[c]!),
    ...ofVoiced.logDeviation,
    ...bands.mean.map((value) => value - level),
    ...bands.logDeviation,
    ...bandSlopes.logDeviation,
  ]);
}
