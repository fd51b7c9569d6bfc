/** Speech-like sound of made-up speakers: pulses and noise through formants, with pauses. For tests that need voices that differ. */
import { randomNumbers } from './signals.ts';

export interface MadeUpSpeaker {
  readonly f0Hz: number;
  /** Formants are those of an adult man, times this. */
  readonly tract: number;
  /** How far a syllable's fundamental may be off, as a share; 0.15 where not said. */
  readonly wander?: number;
}

/** First four formants of a man's vowels, Hz. Source: G. Peterson, H. Barney, JASA 24 (1952), and 3 500 Hz. */
const VOWELS = [[270, 2290, 3010, 3500], [530, 1840, 2480, 3500], [730, 1090, 2440, 3500], [570, 840, 2410, 3500], [300, 870, 2240, 3500]];
const BANDWIDTHS = [60, 90, 120, 180];
const SYLLABLE_SECONDS = 0.22;

/**
 * @param seed decides what is said
 * @returns mono, peak 0.5
 */
export function formantSpeech({ f0Hz, tract, wander = 0.15 }: MadeUpSpeaker, seconds: number, sampleRate: number, seed: number): Float32Array<ArrayBuffer> {
  const random = randomNumbers(seed);
  const frames = Math.round(seconds * sampleRate);
  const samples = new Float32Array(frames);
  const state = BANDWIDTHS.map(() => [0, 0] as [number, number]);
  let [phase, vowel, gain, target, f0] = [0, VOWELS[0]!, 0, 0, f0Hz];
  const syllable = Math.round(SYLLABLE_SECONDS * sampleRate);
  for (let i = 0; i < frames; i += 1) {
    if (i % syllable === 0) {
      vowel = VOWELS[Math.floor(random() * VOWELS.length)]!;
      target = random() < 0.15 ? 0 : 0.5 + 0.5 * random();
      f0 = f0Hz * (1 - wander + 2 * wander * random());
    }
    gain += (target * Math.sin((Math.PI * (i % syllable)) / syllable) - gain) * 0.005;
    phase += f0 / sampleRate;
    const pulse = phase >= 1 ? 1 : 0;
    phase %= 1;
    let value = gain * (pulse + 0.02 * (random() - 0.5));
    vowel.forEach((hz, k) => {
      const r = Math.exp((-Math.PI * BANDWIDTHS[k]!) / sampleRate);
      const [one, two] = state[k]!;
      const next = (1 - r) * value + 2 * r * Math.cos((2 * Math.PI * Math.min(hz * tract, 0.45 * sampleRate)) / sampleRate) * one - r * r * two;
      state[k] = [next, one];
      value = next;
    });
    samples[i] = value;
  }
  const peak = samples.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);
  const noise = randomNumbers(seed + 1);
  return samples.map((value) => (0.5 * value) / peak + 1e-4 * (noise() - 0.5));
}
