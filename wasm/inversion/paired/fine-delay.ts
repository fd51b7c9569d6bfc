/** The last fraction of a frame between two signals that are almost aligned. */
import type { Engine } from '../../host/engine.ts';
import { RealFft } from '../../host/fft.ts';
import { MinimumPhase } from './minimum-phase.ts';
import { transferFunction, type TransferFunction } from './transfer-function.ts';

export interface FineDelay {
  /** Frames by which the output is late. */
  readonly delayFrames: number;
  readonly polarity: 1 | -1;
  /** Mean coherence where the input has most of its power, 0 to 1. */
  readonly coherence: number;
}

const SIZE = 8192;
/** Under this coherence a bin says nothing about the phase. */
const LEAST_COHERENCE = 0.3;
/** Radians off the line from which a bin counts as another path: what an exciter or a reverb turns is well over it. */
const PHASE_SCALE = 0.04;
/** Starts that are followed to their minimum: those whose phases are nearest to a line already. */
const FOLLOWED = 6;
const ROUNDS = 8;

/**
 * @param maxSeconds the delay is known to be smaller than this, either way (at most a twentieth of a second)
 *
 * The phase between the signals is that of the delay plus that of the filter between them. Filters of music production
 * are close to minimum phase, which the magnitude determines; what is left is a straight line through the origin
 * (or through pi: inverted polarity), fitted by least squares weighted with the coherence.
 */
export function fineDelay(engine: Engine, input: Float32Array, output: Float32Array, sampleRate: number, maxSeconds: number): FineDelay {
  const h = transferFunction(engine, input, output, SIZE);
  const weights = phaseWeights(h, sampleRate);
  const whole = wholeDelay(engine, h, weights, Math.ceil(maxSeconds * sampleRate));
  const minimum = new MinimumPhase(engine, SIZE).phase(reliableLogMagnitude(h, weights));
  // An exciter adds a path of its own and leaves the phase elsewhere alone: then no filter's phase is taken away.
  const starts = Array.from({ length: 33 }, (_, i) => whole.delay + (i - 16) / 4);
  const lines = [minimum, new Float32Array(minimum.length)].flatMap((phase) => {
    const bins = phaseBins(h, weights, phase, whole.sign);
    const looks = starts.map((start) => phaseLine(bins, start, 1)).sort((a, b) => a.cost - b.cost);
    return looks.slice(0, FOLLOWED).map((look) => phaseLine(bins, look.delay, ROUNDS));
  });
  const { delay } = lines.reduce((a, b) => (b.cost < a.cost ? b : a));
  let power = 0;
  let coherent = 0;
  for (let k = 1; k < weights.length; k += 1) {
    // Each octave counts the same, as it does to the ear.
    const weight = h.inputPower[k]! > 0 && (k * sampleRate) / SIZE > 100 && (k * sampleRate) / SIZE < 10_000 ? 1 / k : 0;
    power += weight;
    coherent += weight * h.coherence[k]!;
  }
  // With few frames even unrelated signals cohere by chance: a quarter hop makes about frames / 2.5 independent ones.
  const chance = Math.min(0.9, 2.5 / Math.max(1, h.frames));
  const coherence = power > 0 ? Math.max(0, (coherent / power - chance) / (1 - chance)) : 0;
  return { delayFrames: delay, polarity: whole.sign, coherence };
}

interface PhaseBins {
  readonly omega: Float64Array;
  readonly angle: Float64Array;
  readonly weight: Float64Array;
}

/** Phases of the bins that say something, a filter's phase taken away. */
function phaseBins(h: TransferFunction, weights: Float32Array, filterPhase: Float32Array, sign: 1 | -1): PhaseBins {
  const kept = Array.from(weights.keys()).filter((k) => weights[k]! > 0);
  return {
    omega: Float64Array.from(kept, (k) => (2 * Math.PI * k) / SIZE),
    angle: Float64Array.from(kept, (k) => Math.atan2(sign * h.im[k]!, sign * h.re[k]!) - filterPhase[k]!),
    weight: Float64Array.from(kept, (k) => weights[k]!),
  };
}

/** The straight line through the origin that is nearest to most of the phases, from a first guess of the delay. */
function phaseLine({ omega, angle, weight }: PhaseBins, start: number, rounds: number): { delay: number; cost: number } {
  let delay = start;
  let cost = Infinity;
  for (let round = 0; round < rounds; round += 1) {
    let [fw, ww] = [0, 0];
    cost = 0;
    for (let k = 0; k < omega.length; k += 1) {
      const turned = angle[k]! + omega[k]! * delay;
      const left = turned - 2 * Math.PI * Math.round(turned / (2 * Math.PI));
      // Cauchy weights: single bins far off the line are other sound, not delay.
      const off = 1 + (left / PHASE_SCALE) ** 2;
      cost += weight[k]! * Math.log(off);
      fw += (weight[k]! / off) * omega[k]! * left;
      ww += (weight[k]! / off) * omega[k]! * omega[k]!;
    }
    const change = ww > 0 ? -fw / ww : 0;
    delay += change;
    if (Math.abs(change) < 1e-4) break;
  }
  return { delay, cost };
}

function phaseWeights(h: TransferFunction, sampleRate: number): Float32Array {
  const strongest = h.inputPower.reduce((a, b) => Math.max(a, b), 0);
  return h.coherence.map((c, k) => {
    const hz = (k * sampleRate) / SIZE;
    if (hz < 150 || k > 0.42 * SIZE || c < LEAST_COHERENCE || h.inputPower[k]! < 1e-9 * strongest) return 0;
    // Each octave counts the same: exciters turn the phase of the top octaves, which hold most of the bins.
    return Math.min(20, c / (1.001 - c)) / k;
  });
}

/** Natural log magnitude, held through bins that are not reliable. */
function reliableLogMagnitude(h: TransferFunction, weights: Float32Array): Float32Array {
  const raw = h.re.map((re, k) => 0.5 * Math.log(re * re + h.im[k]! ** 2 + 1e-20));
  const smooth = new Float32Array(raw.length);
  // A twelfth of an octave, at least 3 bins: finer detail is noise and would alias in the cepstrum.
  const sums = new Float64Array(raw.length + 1);
  const counts = new Float64Array(raw.length + 1);
  for (let k = 0; k < raw.length; k += 1) {
    const weight = weights[k]! > 0 ? weights[k]! : 1e-12 * h.coherence[k]!;
    sums[k + 1] = sums[k]! + weight * raw[k]!;
    counts[k + 1] = counts[k]! + weight;
  }
  const average = (k: number): number | null => {
    const reach = Math.max(3, Math.round(k * 0.03));
    const from = Math.max(0, k - reach);
    const until = Math.min(raw.length, k + reach + 1);
    const count = counts[until]! - counts[from]!;
    return count > 1e-9 ? (sums[until]! - sums[from]!) / count : null;
  };
  let held = 0;
  for (let k = 0; k < raw.length; k += 1) {
    const value = average(k);
    if (value !== null) {
      held = value;
      break;
    }
  }
  for (let k = 0; k < raw.length; k += 1) {
    held = average(k) ?? held;
    smooth[k] = held;
  }
  return smooth;
}

/** Peak of the coherence-weighted, whitened correlation: whole frames and the sign. */
function wholeDelay(engine: Engine, h: TransferFunction, weights: Float32Array, reach: number): { delay: number; sign: 1 | -1 } {
  const re = new Float32Array(weights.length);
  const im = new Float32Array(weights.length);
  for (let k = 1; k < weights.length; k += 1) {
    const magnitude = Math.hypot(h.re[k]!, h.im[k]!);
    if (magnitude < 1e-12 || k < 8 || k > 0.45 * SIZE) continue;
    re[k] = (h.re[k]! / magnitude) * (h.coherence[k]! / Math.sqrt(k));
    im[k] = (h.im[k]! / magnitude) * (h.coherence[k]! / Math.sqrt(k));
  }
  const correlation = new Float32Array(SIZE);
  new RealFft(engine, SIZE).inverse(re, im, correlation);
  const at = (lag: number) => correlation[(lag + SIZE) % SIZE]!;
  let best = 0;
  for (let lag = -reach; lag <= reach; lag += 1) if (Math.abs(at(lag)) > Math.abs(at(best))) best = lag;
  const sign = at(best) < 0 ? -1 : 1;
  const [before, peak, after] = [at(best - 1) * sign, at(best) * sign, at(best + 1) * sign];
  const curve = before - 2 * peak + after;
  return { delay: best + (curve < 0 ? (0.5 * (before - after)) / curve : 0), sign };
}
