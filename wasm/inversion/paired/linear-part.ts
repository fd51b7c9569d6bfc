/**
 * The linear part between the recordings, for mid and side, found together with the gain that moved over it:
 * whichever of the two is known helps to find the other, so they take turns.
 */
import type { Engine } from '../../host/engine.ts';
import { RealFft } from '../../host/fft.ts';
import type { Stereo } from './excerpts.ts';
import { gainTrace, type GainTrace, smoothTrace, traceStatistics, withoutGain } from './gain-trace.ts';
import { transferFunction, type TransferFunction } from './transfer-function.ts';

export interface Curve {
  readonly hz: readonly number[];
  readonly db: Float64Array;
  /** 1 / variance, dB^-2; 0 where nothing is known. */
  readonly weight: Float64Array;
}

export interface LinearPart {
  readonly mid: Curve;
  /** Null for mono material. */
  readonly side: Curve | null;
  /** Standard deviation over time of the gain between the recordings, dB: 0 for a linear chain. */
  readonly gainDeviationDb: number;
  /** What the linear part alone makes of the inputs, phase and all; as loud as the output on average. */
  readonly model: readonly Stereo[];
  /** Mean coherence of the mid channel, weighted as it is heard: what a linear filter and a gain explain. */
  readonly coherence: number;
}

const SIZE = 16_384;
const TAPS = 4096;
const LEAD = 512;
/** Steps of the gain trace that is divided out: slower than a bass period, faster than most releases. */
const TRACE_HOP_SECONDS = 0.005;
const POINTS_PER_OCTAVE = 24;
/** Level changes under this are not worth a second turn. */
const STEADY_DB = 0.05;
const NEPERS_TO_DB = 20 / Math.LN10;

/** a + share * b, times `scale`; a loop, because a callback a sample costs more than all that is done with it. */
function mixed(a: Float32Array, b: Float32Array, share: number, scale: number): Float32Array {
  const out = new Float32Array(a.length);
  for (let i = 0; i < out.length; i += 1) out[i] = scale * (a[i]! + share * b[i]!);
  return out;
}

export const midOf = ([left, right]: Stereo): Float32Array => mixed(left, right, 1, 0.5);
export const sideOf = ([left, right]: Stereo): Float32Array => mixed(left, right, -1, 0.5);

/** Grid of a curve: 20 Hz to the end of the band. */
export function curveGrid(sampleRate: number): number[] {
  const count = Math.floor(Math.log2(Math.min(20_000, 0.45 * sampleRate) / 20) * POINTS_PER_OCTAVE) + 1;
  return Array.from({ length: count }, (_, k) => 20 * 2 ** (k / POINTS_PER_OCTAVE));
}

/** Averaged transfer function over several excerpts. */
function over(engine: Engine, pairs: readonly (readonly [Float32Array, Float32Array])[]): TransferFunction {
  const parts = pairs.map(([x, y]) => transferFunction(engine, x, y, x.length >= 4 * SIZE ? SIZE : SIZE / 4)).filter((p) => p.size === SIZE || pairs.length === 1);
  const first = parts[0]!;
  if (parts.length === 1) return first;
  const frames = parts.reduce((sum, p) => sum + p.frames, 0);
  const bins = first.re.length;
  const mix = (of: (p: TransferFunction, k: number) => number) => {
    const row = new Float32Array(bins);
    for (const p of parts) for (let k = 0; k < bins; k += 1) row[k]! += (p.frames / frames) * of(p, k);
    return row;
  };
  const sxx = mix((p, k) => p.inputPower[k]!);
  const syy = mix((p, k) => p.outputPower[k]!);
  const re = mix((p, k) => p.re[k]! * p.inputPower[k]!);
  const im = mix((p, k) => p.im[k]! * p.inputPower[k]!);
  return {
    size: first.size,
    frames,
    inputPower: sxx,
    outputPower: syy,
    coherence: re.map((r, k) => Math.min(1, (r * r + im[k]! ** 2) / Math.max(1e-30, sxx[k]! * syy[k]!))),
    re: re.map((r, k) => r / Math.max(1e-20, sxx[k]!)),
    im: im.map((r, k) => r / Math.max(1e-20, sxx[k]!)),
  };
}

/** Level of a transfer function on the grid, with what its coherence says about the error. */
export function curveOf(h: TransferFunction, sampleRate: number): Curve {
  const hz = curveGrid(sampleRate);
  const db = new Float64Array(hz.length);
  const weight = new Float64Array(hz.length);
  const strongest = h.inputPower.reduce((a, b) => Math.max(a, b), 0);
  // Level per octave, as bands are heard: where the input is 65 dB under its loudest octave, nobody hears an equalizer.
  const faint = 10 ** -6.5 * h.inputPower.reduce((most, p, k) => Math.max(most, p * k), 0);
  // Frames overlap by three quarters under a Hann window: about 2 in 5 are independent.
  const independent = Math.max(1, 0.4 * h.frames);
  const bin = sampleRate / h.size;
  hz.forEach((f, i) => {
    const from = Math.max(2, Math.floor(f * 2 ** (-0.5 / POINTS_PER_OCTAVE) / bin));
    const until = Math.min(h.re.length - 1, Math.ceil((f * 2 ** (0.5 / POINTS_PER_OCTAVE)) / bin));
    let [w, wl, content] = [0, 0, 0];
    for (let k = from; k <= until; k += 1) {
      content += (h.inputPower[k]! * k) / (until - from + 1);
      if (h.inputPower[k]! < 1e-10 * strongest) continue;
      const c = Math.min(0.9999, h.coherence[k]!);
      if (c < 0.1) continue;
      // Variance of the log magnitude of H1 (Bendat, Piersol): (1 - c) / (2 c n).
      const inverse = (2 * c * independent) / (1 - c);
      w += inverse;
      wl += inverse * 0.5 * Math.log(h.re[k]! ** 2 + h.im[k]! ** 2 + 1e-30);
    }
    if (w <= 0) return;
    db[i] = NEPERS_TO_DB * (wl / w);
    weight[i] = (content / (content + faint)) / (NEPERS_TO_DB ** 2 / w + 0.02 ** 2);
  });
  return { hz, db, weight };
}

/** Impulse response of a transfer function, `LEAD` frames of it before its cause: exciters and codecs are not minimum phase. */
function responseOf(engine: Engine, h: TransferFunction): Float32Array {
  const whole = new Float32Array(h.size);
  new RealFft(engine, h.size).inverse(h.re, h.im, whole);
  const fade = LEAD / 2;
  return Float32Array.from({ length: Math.min(TAPS, h.size / 2) }, (_, n) => {
    const lag = n - LEAD;
    const edge = Math.min(n, Math.min(TAPS, h.size / 2) - 1 - n);
    const window = edge < fade ? 0.5 - 0.5 * Math.cos((Math.PI * (edge + 0.5)) / fade) : 1;
    return whole[(lag + h.size) % h.size]! * window;
  });
}

/**
 * Convolution with a response that begins some frames early, by overlap and add.
 * @param response at most 12 000 taps
 */
export function filtered(engine: Engine, signal: Float32Array, response: Float32Array, lead = LEAD): Float32Array {
  const size = SIZE;
  const fft = new RealFft(engine, size);
  const row = () => new Float32Array(size / 2 + 1);
  const [hr, hi, xr, xi] = [row(), row(), row(), row()];
  fft.forward(response, hr, hi);
  const step = size - response.length;
  const output = new Float32Array(signal.length);
  const block = new Float32Array(size);
  for (let at = 0; at < signal.length; at += step) {
    fft.forward(signal.subarray(at, Math.min(signal.length, at + step)), xr, xi);
    for (let k = 0; k < xr.length; k += 1) {
      const re = xr[k]! * hr[k]! - xi[k]! * hi[k]!;
      xi[k] = xr[k]! * hi[k]! + xi[k]! * hr[k]!;
      xr[k] = re;
    }
    fft.inverse(xr, xi, block);
    for (let i = Math.max(0, lead - at); i < size && at + i - lead < output.length; i += 1) output[at + i - lead]! += block[i]!;
  }
  return output;
}

/**
 * @param before inputs of the chain, per excerpt
 * @param after  what came out of it
 * @param known  how the level moved, where that is known better than it can be seen here; then one turn is enough
 *
 * Cost: some 60 transforms of 16 384 a second of audio and turn; at most four turns.
 * Source: alternating least squares for a Hammerstein-like model (gain over time after a filter); H1 per step.
 */
export function linearPart(engine: Engine, before: readonly Stereo[], after: readonly Stereo[], sampleRate: number, known: readonly GainTrace[] | null = null): LinearPart {
  const mids = before.map(midOf);
  const sides = before.map(sideOf);
  const energy = (rows: readonly Float32Array[]) => rows.reduce((sum, row) => sum + row.reduce((s, x) => s + x * x, 0), 0);
  const isMono = energy(sides) < 1e-7 * energy(mids);
  let still = known ? after.map((y, e) => level(y, known[e]!.gainDb, traceStatistics(known[e]!).meanDb, known[e]!.hopFrames)) : after;
  let part: LinearPart | null = null;
  const hop = Math.max(16, Math.round(TRACE_HOP_SECONDS * sampleRate));
  for (let turn = 0; turn < (known ? 1 : 4); turn += 1) {
    const hMid = over(engine, mids.map((x, e) => [x, midOf(still[e]!)] as const));
    const hSide = isMono ? null : over(engine, sides.map((x, e) => [x, sideOf(still[e]!)] as const));
    const midFir = responseOf(engine, hMid);
    const sideFir = hSide ? responseOf(engine, hSide) : null;
    let deviation = 0;
    const model = before.map((_, e): Stereo => {
      const m = filtered(engine, mids[e]!, midFir);
      const s = sideFir ? filtered(engine, sides[e]!, sideFir) : new Float32Array(m.length);
      return [mixed(m, s, 1, 1), mixed(m, s, -1, 1)];
    });
    still = after.map((y, e) => {
      const trace = gainTrace(model[e]!, y, hop);
      const { meanDb, deviationDb } = traceStatistics(trace);
      deviation += deviationDb / after.length;
      const smooth = smoothTrace(trace, 1);
      return level(y, smooth, meanDb, hop);
    });
    part = { mid: curveOf(hMid, sampleRate), side: hSide ? curveOf(hSide, sampleRate) : null, gainDeviationDb: deviation, model, coherence: heardCoherence(hMid, sampleRate) };
    if (deviation < STEADY_DB) break;
  }
  return part!;
}

const level = ([left, right]: Stereo, gainDb: ArrayLike<number>, meanDb: number, hop: number): Stereo => [
  withoutGain(left, gainDb, meanDb, hop),
  withoutGain(right, gainDb, meanDb, hop),
];

/** Coherence with each octave between 60 Hz and 12 kHz counting the same. */
function heardCoherence(h: TransferFunction, sampleRate: number): number {
  let [w, wc] = [1e-30, 0];
  for (let k = 1; k < h.coherence.length; k += 1) {
    const f = (k * sampleRate) / h.size;
    if (f < 60 || f > Math.min(12_000, 0.45 * sampleRate)) continue;
    w += 1 / k;
    wc += h.coherence[k]! / k;
  }
  return wc / w;
}
