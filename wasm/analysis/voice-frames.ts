/** What a voice does, 100 times a second: mel spectrum, level, whether somebody speaks, fundamental frequency. */
import { AppError } from '../../shared/errors.ts';
import { hzToMel, melToHz, powerToDb } from '../../shared/units.ts';
import type { Engine } from '../host/engine.ts';
import { Rows } from '../host/rows.ts';
import { ShortTimeTransform } from '../host/short-time.ts';
import { PitchTrack } from './pitch-track.ts';
import { percentile } from './programme-loudness.ts';

/** Voices are measured at this rate: what speakers differ in lies below 8 kHz, and telephones and cards agree on it. */
export const VOICE_RATE_HZ = 16_000;
export const VOICE_FRAMES_PER_SECOND = 100;
export const MEL_BANDS = 64;

const SIZE = 512;
const HOP = VOICE_RATE_HZ / VOICE_FRAMES_PER_SECOND;
/** Hum and rumble stay below, the resampler's edge above. */
const LOWEST_HZ = 80;
const HIGHEST_HZ = 7600;
/** Power of a mel band, re full scale, under which there is nothing: -100 dB. */
const FLOOR_POWER = 1e-10;

/**
 * Speech is what lies within 30 dB of the loud moments and above -60 dBFS.
 * Source: T. Kinnunen, H. Li, An overview of text-independent speaker recognition, Speech Communication 52 (2010),
 * energy-based detection of voice activity. Departs from it: the loud moments are the 95th percentile, not the maximum, so
 * that one knock on the table does not decide; and 4 dB over the pauses' level where the pauses are
 * loud, but never less than the upper 15 dB.
 */
const UNDER_LOUD_DB = 30;
const LEAST_DB = -60;
const OVER_PAUSES_DB = 4;
const ALWAYS_SPEECH_DB = 15;

export interface VoiceFrames {
  readonly count: number;
  /** count x 64, frame after frame: natural logarithm of the band's power re full scale. */
  readonly logMel: Float32Array;
  /** dB re full scale, one per frame. */
  readonly levelDb: Float32Array;
  /** 1 where somebody speaks. */
  readonly active: Uint8Array;
  /** Hz; 0 where unvoiced. */
  readonly f0Hz: Float32Array;
}

/** Triangles of unit area on Slaney's scale: for each band its first bin and its weights. */
function melFilters(): readonly { readonly first: number; readonly weights: Float32Array }[] {
  const edges = Array.from({ length: MEL_BANDS + 2 }, (_, k) => melToHz(hzToMel(LOWEST_HZ) + (k * (hzToMel(HIGHEST_HZ) - hzToMel(LOWEST_HZ))) / (MEL_BANDS + 1)));
  const binHz = VOICE_RATE_HZ / SIZE;
  return Array.from({ length: MEL_BANDS }, (_, band) => {
    const [low, centre, high] = [edges[band]!, edges[band + 1]!, edges[band + 2]!];
    // Narrow bands at the bottom lie between two bins: every band reaches one bin to each side at least.
    const reach = Math.max(binHz, centre - low);
    const first = Math.max(1, Math.ceil((centre - reach) / binHz));
    const last = Math.floor((centre + Math.max(binHz, high - centre)) / binHz);
    const weights = Float32Array.from({ length: last - first + 1 }, (_w, i) => {
      const hz = (first + i) * binHz;
      return Math.max(0, hz <= centre ? 1 - (centre - hz) / reach : 1 - (hz - centre) / Math.max(binHz, high - centre));
    });
    const area = weights.reduce((sum, weight) => sum + weight, 0);
    return { first, weights: weights.map((weight) => weight / area) };
  });
}

const FILTERS = melFilters();
const WINDOW = Float32Array.from({ length: SIZE }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / SIZE));
/** A full-scale sine has power 1 in its bin. */
const SINE_POWER = (4 / SIZE) ** 2;

/**
 * Reads a voice.
 *
 * @param samples mono at 16 kHz, full scale ±1; at least 32 ms
 * @returns one frame per 10 ms; the same samples give the same numbers
 * @throws AppError 'audio/too-short'
 */
export function readVoice(engine: Engine, samples: Float32Array): VoiceFrames {
  if (samples.length < SIZE) throw new AppError('audio/too-short', { seconds: Number((samples.length / VOICE_RATE_HZ).toFixed(2)), minimum: SIZE / VOICE_RATE_HZ });
  const transform = new ShortTimeTransform(engine, SIZE, HOP, WINDOW);
  const count = transform.frames(samples.length);
  const magnitudes = new Float32Array(count * transform.bins);
  transform.magnitudes(samples, magnitudes);
  const logMel = new Float32Array(count * MEL_BANDS);
  const levelDb = new Float32Array(count);
  for (let frame = 0; frame < count; frame += 1) {
    const row = magnitudes.subarray(frame * transform.bins, (frame + 1) * transform.bins);
    let total = 0;
    FILTERS.forEach(({ first, weights }, band) => {
      let power = 0;
      for (let i = 0; i < weights.length; i += 1) power += weights[i]! * row[first + i]! ** 2;
      logMel[frame * MEL_BANDS + band] = SINE_POWER * power;
      total += power * weights.length;
    });
    levelDb[frame] = powerToDb(Math.max(FLOOR_POWER, 0.5 * SINE_POWER * total));
  }
  new Rows(engine).logarithms(logMel, FLOOR_POWER, logMel);
  const pitch = new PitchTrack(engine, VOICE_RATE_HZ);
  pitch.add(samples, samples);
  const tracked = pitch.finish().hz;
  return { count, logMel, levelDb, active: activeFrames(levelDb), f0Hz: Float32Array.from({ length: count }, (_, frame) => tracked[frame] ?? 0) };
}

/**
 * Where somebody speaks.
 * @param levelDb dB re full scale per frame
 * @returns 1 or 0 per frame
 */
export function activeFrames(levelDb: Float32Array): Uint8Array {
  const sorted = Array.from(levelDb).toSorted((a, b) => a - b);
  const loud = percentile(sorted, 0.95);
  const pauses = percentile(sorted, 0.1);
  const gate = Math.max(LEAST_DB, loud - UNDER_LOUD_DB, Math.min(pauses + OVER_PAUSES_DB, loud - ALWAYS_SPEECH_DB));
  return Uint8Array.from(levelDb, (db) => (db > gate ? 1 : 0));
}
