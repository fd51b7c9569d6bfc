/**
 * What the emulator hears in a sample: how high the voice is, and how bright. Enough to make different samples different voices; it
 * is no clone of anybody.
 */
import type { Said } from './synthesiser.ts';

export interface Character {
  /** Hz, median over the voiced moments. */
  readonly f0Hz: number;
  /** dB: what lies above 1.5 kHz against what lies below. */
  readonly brightnessDb: number;
}

const LEAST_HZ = 60;
const MOST_HZ = 400;
const WINDOW_S = 0.046;
const HOP_S = 0.02;
/** Below this share of the loudest moment's energy a moment is silent. */
const SILENCE = 1e-3;
/** Normalised autocorrelation above which a moment is voiced; the usual value. */
const VOICED = 0.6;
/** A longer lag has to be better by so much, or the octave below is taken for the tone. */
const OCTAVE_COST = 1.04;
/** Everything is measured at about this rate: no voice needs more. Hz */
const WORKING_HZ = 11_025;
const SPLIT_HZ = 1500;
/** A voice without a voiced moment: a whisper. */
const WHISPER: Pick<Character, 'f0Hz'> = { f0Hz: 140 };

/** Averages neighbours: a low-pass and a lower rate in one, good enough to measure by. */
function slower({ samples, sampleRate }: Said): Said {
  const step = Math.max(1, Math.floor(sampleRate / WORKING_HZ));
  const out = new Float32Array(Math.floor(samples.length / step));
  for (let i = 0; i < out.length; i += 1) {
    let sum = 0;
    for (let j = 0; j < step; j += 1) sum += samples[i * step + j]!;
    out[i] = sum / step;
  }
  return { samples: out, sampleRate: sampleRate / step };
}

/**
 * Hz by the normalised autocorrelation of moments, null where none is voiced.
 * Source: P. Boersma, "Accurate short-term analysis of the fundamental frequency", IFA Proceedings 17 (1993), without its path search.
 */
export function medianF0({ samples, sampleRate }: Said): number | null {
  const [window, hop] = [Math.round(WINDOW_S * sampleRate), Math.round(HOP_S * sampleRate)];
  const [least, most] = [Math.floor(sampleRate / MOST_HZ), Math.ceil(sampleRate / LEAST_HZ)];
  const energyAt = (from: number): number => {
    let energy = 0;
    for (let i = from; i < from + window; i += 1) energy += samples[i]! ** 2;
    return energy;
  };
  const moments: { from: number; energy: number }[] = [];
  for (let from = 0; from + window + most < samples.length; from += hop) moments.push({ from, energy: energyAt(from) });
  const loudest = Math.max(0, ...moments.map(({ energy }) => energy));
  const found: number[] = [];
  for (const { from, energy } of moments) {
    if (energy <= SILENCE * loudest) continue;
    let [best, bestLag] = [0, 0];
    for (let lag = least; lag <= most; lag += 1) {
      let [product, shifted] = [0, 0];
      for (let i = from; i < from + window; i += 1) {
        product += samples[i]! * samples[i + lag]!;
        shifted += samples[i + lag]! ** 2;
      }
      const likeness = product / Math.sqrt(energy * shifted + Number.EPSILON);
      if (likeness > best * OCTAVE_COST) [best, bestLag] = [likeness, lag];
    }
    if (best >= VOICED) found.push(sampleRate / bestLag);
  }
  if (found.length === 0) return null;
  return found.sort((a, b) => a - b)[Math.floor(found.length / 2)]!;
}

/** dB between what a first-order filter at 1.5 kHz lets through above and below. */
export function brightness({ samples, sampleRate }: Said): number {
  const pole = Math.exp((-2 * Math.PI * SPLIT_HZ) / sampleRate);
  let [low, lowEnergy, highEnergy] = [0, 0, 0];
  for (const sample of samples) {
    low = (1 - pole) * sample + pole * low;
    lowEnergy += low ** 2;
    highEnergy += (sample - low) ** 2;
  }
  return lowEnergy === 0 ? 0 : 10 * Math.log10((highEnergy + Number.EPSILON) / lowEnergy);
}

export function characterOf(said: Said): Character {
  const measured = slower(said);
  return { f0Hz: medianF0(measured) ?? WHISPER.f0Hz, brightnessDb: brightness(measured) };
}

/** As the voice's brightness is measured, so that the two can be compared. */
export const brightnessOf = (said: Said): number => brightness(slower(said));
