/**
 * How a room's energy falls, band by band, from powers alone: what a short filter leaves of the reference has, at every
 * time and frequency, the power of the target now and of a decaying sum of the target before. That holds too where the
 * room never answers twice alike, its delays being modulated, so that it has no impulse response to be found.
 * Source: K. Lebart, J. M. Boucher and P. N. Denbigh, "A new method based on spectral subtraction for speech
 * dereverberation", Acta Acustica 87, 2001 (Polack's model on spectra); the fit is the likeliest one for powers:
 * C. Fevotte and J. Idier, "Algorithms for nonnegative matrix factorization with the beta-divergence", 2011.
 */
import type { Engine } from '../../host/engine.ts';
import { RealFft } from '../../host/fft.ts';
import { hann } from './transfer-function.ts';

/**
 * Longer than two periods of the lowest octave, shorter than rooms: with the shorter one notes leak into each other's
 * bins and decays come out long, with the longer one too much of a short decay is over; their geometric mean is nearer
 * (27 rooms of other makers, `npm run bench -- identify`).
 */
export const WINDOWS_SECONDS = [0.046, 0.093] as const;
/** Bins of an octave; where there are more, neighbours are taken together. */
const MOST_BINS = 24;
const SHORTEST_SECONDS = 0.1;
const LONGEST_SECONDS = 10;

/** The decay in one octave. */
export interface BandDecay {
  readonly hz: number;
  readonly rt60Seconds: number;
  /** Energy of the response from the decay's start on, as a share of the direct sound's, per second of response. */
  readonly startPower: number;
  /** Where it starts, after the direct sound. */
  readonly startSeconds: number;
  /** Energy of all of it, as a share of the direct sound's. */
  readonly energy: number;
  /** How much likelier the powers are with the decay than with what sounds now alone: natural logarithm, per cell. */
  readonly gain: number;
  readonly cells: number;
}

interface Powers {
  readonly frames: number;
  readonly bins: number;
  /** Bin after bin, frames in a row. */
  readonly rows: readonly Float64Array[];
}

function powersOf(engine: Engine, signals: readonly Float32Array[], size: number, hop: number): Powers {
  const fft = new RealFft(engine, size);
  const window = hann(size);
  const bins = size / 2 + 1;
  const frames = Math.max(0, Math.floor((signals[0]!.length - size) / hop) + 1);
  const rows = Array.from({ length: bins }, () => new Float64Array(frames));
  const [frame, re, im] = [new Float32Array(size), new Float32Array(bins), new Float32Array(bins)];
  for (const signal of signals) {
    for (let t = 0; t < frames; t += 1) {
      for (let i = 0; i < size; i += 1) frame[i] = signal[t * hop + i]! * window[i]!;
      fft.forward(frame, re, im);
      for (let k = 0; k < bins; k += 1) rows[k]![t]! += re[k]! ** 2 + im[k]! ** 2;
    }
  }
  return { frames, bins, rows };
}

/** Components of the power: now, one hop ago (a window sees both), what never changes, and the decaying past. */
const PLAIN = 3;
/** Of energy in 60 dB. */
const NEPERS = 6 * Math.LN10;
const TURNS = 20;

interface Cells {
  /** What is left, and the components without the past. */
  readonly left: Float64Array;
  readonly now: Float64Array;
  readonly last: Float64Array;
  /** Where runs of consecutive frames of a bin begin. */
  readonly starts: readonly number[];
}

function fitShares(cells: Cells, past: Float64Array | null, shares: Float64Array, turns: number): number {
  const { left, now, last } = cells;
  const n = left.length;
  let divergence = 0;
  const [up, down] = [new Float64Array(4), new Float64Array(4)];
  for (let turn = 0; turn <= turns; turn += 1) {
    up.fill(0);
    down.fill(0);
    divergence = 0;
    const [a, b, c, d] = shares as unknown as [number, number, number, number];
    for (let i = 0; i < n; i += 1) {
      const inverse = 1 / (a * now[i]! + b * last[i]! + c + (past ? d * past[i]! : 0));
      const ratio = left[i]! * inverse;
      divergence += ratio - Math.log(inverse);
      const rise = ratio * inverse;
      up[0]! += now[i]! * rise;
      down[0]! += now[i]! * inverse;
      up[1]! += last[i]! * rise;
      down[1]! += last[i]! * inverse;
      up[2]! += rise;
      down[2]! += inverse;
      if (past) {
        up[3]! += past[i]! * rise;
        down[3]! += past[i]! * inverse;
      }
    }
    if (turn === turns) break;
    for (let j = 0; j < (past ? 4 : PLAIN); j += 1) shares[j]! *= Math.sqrt(up[j]! / Math.max(1e-300, down[j]!));
  }
  return divergence;
}

/** The past with a decay: what came in from two hops ago on. */
function pastOf(cells: Cells, into: Float64Array, keep: number): void {
  const { now, starts } = cells;
  starts.forEach((start, r) => {
    const end = starts[r + 1] ?? now.length;
    let sum = 0;
    for (let i = start; i < end; i += 1) {
      into[i] = sum;
      sum = keep * sum + (i - 1 >= start ? now[i - 1]! : 0);
    }
  });
}

/** The same as `energyDecays`, by one window: rougher, at half the cost. */
export function energyDecaysIn(engine: Engine, before: readonly (readonly Float32Array[])[], left: readonly (readonly Float32Array[])[], sampleRate: number, centresHz: readonly number[], windowSeconds: number): BandDecay[] {
  const size = 2 ** Math.round(Math.log2(windowSeconds * sampleRate));
  const hop = size / 2;
  const hopSeconds = hop / sampleRate;
  const x = before.map((channels) => powersOf(engine, channels, size, hop));
  const y = left.map((channels) => powersOf(engine, channels, size, hop));
  return centresHz.map((hz) => {
    const [from, to] = [hz / Math.SQRT2, hz * Math.SQRT2].map((f) => Math.round((f * size) / sampleRate)) as [number, number];
    const rows: { x: Float64Array; y: Float64Array }[] = [];
    const width = Math.max(1, Math.round((to - from) / MOST_BINS));
    for (let e = 0; e < x.length; e += 1) {
      for (let k = Math.max(1, from); k < Math.min(x[e]!.bins, Math.max(from + 1, to)); k += width) {
        const group = (powers: Powers) => powers.rows[k]!.map((_, t) => {
          let sum = 0;
          for (let j = k; j < Math.min(powers.bins, k + width); j += 1) sum += powers.rows[j]![t]!;
          return sum;
        });
        rows.push({ x: group(x[e]!), y: group(y[e]!) });
      }
    }
    const count = rows.reduce((sum, r) => sum + r.x.length, 0);
    const cells = { left: new Float64Array(count), now: new Float64Array(count), last: new Float64Array(count), starts: [] as number[] };
    let at = 0;
    for (const row of rows) {
      cells.starts.push(at);
      cells.left.set(row.y, at);
      cells.now.set(row.x, at);
      cells.last.set(row.x.subarray(0, row.x.length - 1), at + 1);
      at += row.x.length;
    }
    const total = (row: Float64Array) => row.reduce((a, b) => a + b, 0) / count + 1e-30;
    const level = total(cells.left);
    for (let i = 0; i < count; i += 1) cells.left[i]! += 1e-6 * level;
    const drive = total(cells.now);
    const fresh = () => Float64Array.of(0.3 * level / drive, 0.2 * level / drive, 0.01 * level, 0);
    const plain = fresh();
    const without = fitShares(cells, null, plain, 2 * TURNS);
    const past = new Float64Array(count);
    const tried = new Map<number, { score: number; share: number }>();
    const warm = fresh();
    const score = (logSeconds: number): number => {
      const known = tried.get(logSeconds);
      if (known) return known.score;
      pastOf(cells, past, 10 ** ((-6 * hopSeconds) / Math.exp(logSeconds)));
      if (!(warm[3]! > 0)) warm[3] = (0.3 * level) / total(past);
      const shares = warm.slice();
      shares[3] = Math.max(shares[3]!, (0.02 * level) / total(past));
      const found = fitShares(cells, past, shares, TURNS);
      warm.set(shares);
      tried.set(logSeconds, { score: found, share: shares[3]! });
      return found;
    };
    // A grid, then golden sections around its best.
    const grid = Array.from({ length: 8 }, (_, k) => Math.log(SHORTEST_SECONDS) + (k / 7) * Math.log(LONGEST_SECONDS / SHORTEST_SECONDS));
    const best = grid.reduce((b, v) => (score(v) < score(b) ? v : b));
    const golden = (Math.sqrt(5) - 1) / 2;
    const gap = grid[1]! - grid[0]!;
    let [low, high] = [best - gap, best + gap];
    let [c, d] = [high - golden * (high - low), low + golden * (high - low)];
    while (high - low > 0.03) {
      if (score(c) < score(d)) [high, d, c] = [d, c, d - golden * (d - low)];
      else [low, c, d] = [c, d, c + golden * (high - c)];
    }
    const [seconds, { score: found, share }] = [...tried].reduce((b, one) => (one[1].score < b[1].score ? one : b));
    return { hz, rt60Seconds: Math.exp(seconds), startPower: share / hopSeconds, startSeconds: 2 * hopSeconds, energy: (share / hopSeconds) * (Math.exp(seconds) / NEPERS), gain: (without - found) / count, cells: count };
  });
}

/**
 * @param before what enters the room: excerpts of channels
 * @param left   what a short filter leaves of the reference
 * @param centresHz middles of octaves
 *
 * Cost: about 1 s for 14 s of stereo.
 */
export function energyDecays(engine: Engine, before: readonly (readonly Float32Array[])[], left: readonly (readonly Float32Array[])[], sampleRate: number, centresHz: readonly number[]): BandDecay[] {
  const [shorter, longer] = WINDOWS_SECONDS.map((seconds) => energyDecaysIn(engine, before, left, sampleRate, centresHz, seconds)) as [BandDecay[], BandDecay[]];
  return shorter.map((decay, b) => {
    // Each counts as much as it sees of the decay.
    const seen = ({ startSeconds, rt60Seconds }: BandDecay) => 10 ** ((-6 * startSeconds) / rt60Seconds) + 1e-9;
    const share = seen(longer[b]!) / (seen(longer[b]!) + seen(decay));
    return { ...decay, rt60Seconds: decay.rt60Seconds ** (1 - share) * longer[b]!.rt60Seconds ** share };
  });
}

/** Reverberation time as one number: the mean of the octaves of 500 Hz and 1 kHz (ISO 3382-1), of all where these are not there. */
export function middleRt60(decays: readonly BandDecay[]): number | null {
  const middle = decays.filter((d) => d.hz === 500 || d.hz === 1000);
  const asked = middle.length > 0 ? middle : decays;
  return asked.length > 0 ? asked.reduce((sum, d) => sum + d.rt60Seconds, 0) / asked.length : null;
}
