/** The same speech as another microphone in another room would have heard it: a filter adds to log spectra, noise to powers. */
import { MEL_BANDS, type VoiceFrames } from '../../analysis/voice-frames.ts';

/** Uniform numbers from 0 to 1, the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const gaussian = (random: () => number): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Nepers of power: deviation of the broadest curve of a filter; narrower ones have less. */
const FILTER_DEVIATION = 0.8;
const FILTER_CURVES = 5;
/** Nepers of power under the loudest band: noise that is heard but does not cover speech. */
const NOISE_UNDER = { least: 6, most: 11 };
/** Half of what is heard has noise of note. */
const NOISY_SHARE = 0.5;

/** @param random uniform, 0 to 1 */
export function otherMicrophone(frames: VoiceFrames, random: () => number): VoiceFrames {
  const amounts = Array.from({ length: FILTER_CURVES }, (_, k) => (FILTER_DEVIATION * gaussian(random)) / Math.sqrt(k + 1));
  const filter = Float64Array.from({ length: MEL_BANDS }, (_, band) =>
    amounts.reduce((sum, amount, k) => sum + amount * Math.cos((Math.PI * (k + 1) * band) / (MEL_BANDS - 1)), 0),
  );
  const isNoisy = random() < NOISY_SHARE;
  const under = NOISE_UNDER.least + random() * (NOISE_UNDER.most - NOISE_UNDER.least);
  const tilt = 2 * random();
  let loudest = -Infinity;
  for (const value of frames.logMel) loudest = Math.max(loudest, value);
  const logMel = frames.logMel.map((value, i) => {
    const band = i % MEL_BANDS;
    const filtered = value + filter[band]!;
    if (!isNoisy) return filtered;
    const noise = loudest - under + tilt * (1 - (2 * band) / (MEL_BANDS - 1));
    return Math.max(filtered, noise) + Math.log1p(Math.exp(-Math.abs(filtered - noise)));
  });
  return { ...frames, logMel };
}
