/** Plain processors, written down from their definitions: chains of the figures that share no effect with the engine. */
import type { Engine } from '../../../wasm/host/engine.ts';
import { addProduct, emptySpectrum, LongFft, transformSize } from '../../../wasm/inversion/paired/long-fft.ts';
import { Draw } from '../identify/draw.ts';
import type { Stereo } from '../identify/processors.ts';

export type { Stereo };
export const RATE = 48_000;

export interface Filter {
  readonly type: 'peak' | 'low_shelf' | 'high_shelf' | 'low_pass' | 'high_pass';
  readonly hz: number;
  readonly q: number;
  readonly db?: number;
}

/** Coefficients b0 b1 b2 a1 a2. Source: R. Bristow-Johnson, "Audio EQ Cookbook". */
function coefficients({ type, hz, q, db = 0 }: Filter): readonly [number, number, number, number, number] {
  const a = 10 ** (db / 40);
  const w = (2 * Math.PI * hz) / RATE;
  const [cos, alpha] = [Math.cos(w), Math.sin(w) / (2 * q)];
  const root = 2 * Math.sqrt(a) * alpha;
  const rows = {
    peak: () => [1 + alpha * a, -2 * cos, 1 - alpha * a, 1 + alpha / a, -2 * cos, 1 - alpha / a],
    low_shelf: () => [a * (a + 1 - (a - 1) * cos + root), 2 * a * (a - 1 - (a + 1) * cos), a * (a + 1 - (a - 1) * cos - root), a + 1 + (a - 1) * cos + root, -2 * (a - 1 + (a + 1) * cos), a + 1 + (a - 1) * cos - root],
    high_shelf: () => [a * (a + 1 + (a - 1) * cos + root), -2 * a * (a - 1 + (a + 1) * cos), a * (a + 1 + (a - 1) * cos - root), a + 1 - (a - 1) * cos + root, 2 * (a - 1 - (a + 1) * cos), a + 1 - (a - 1) * cos - root],
    low_pass: () => [(1 - cos) / 2, 1 - cos, (1 - cos) / 2, 1 + alpha, -2 * cos, 1 - alpha],
    high_pass: () => [(1 + cos) / 2, -1 - cos, (1 + cos) / 2, 1 + alpha, -2 * cos, 1 - alpha],
  }[type]();
  const [b0, b1, b2, a0, a1, a2] = rows as [number, number, number, number, number, number];
  return [b0 / a0, b1 / a0, b2 / a0, a1 / a0, a2 / a0];
}

export const eachRow = ([left, right]: Stereo, work: (row: Float32Array) => Float32Array): Stereo => [work(left), work(right)];

export const filtered = (row: Float32Array, filters: readonly Filter[]): Float32Array =>
  filters.reduce((signal, filter) => {
    const [b0, b1, b2, a1, a2] = coefficients(filter);
    let [s1, s2] = [0, 0];
    return signal.map((x) => {
      const y = b0 * x + s1;
      s1 = b1 * x - a1 * y + s2;
      s2 = b2 * x - a2 * y;
      return y;
    });
  }, row);

export const equalized = (sound: Stereo, filters: readonly Filter[]): Stereo => eachRow(sound, (row) => filtered(row, filters));

export const responseDb = (filters: readonly Filter[], hz: number): number =>
  filters.reduce((sum, filter) => {
    const [b0, b1, b2, a1, a2] = coefficients(filter);
    const w = (2 * Math.PI * hz) / RATE;
    const power = (c0: number, c1: number, c2: number) => (c0 + c1 * Math.cos(w) + c2 * Math.cos(2 * w)) ** 2 + (c1 * Math.sin(w) + c2 * Math.sin(2 * w)) ** 2;
    return sum + 10 * Math.log10(power(b0, b1, b2) / power(1, a1, a2));
  }, 0);

export const louder = (sound: Stereo, db: number): Stereo => eachRow(sound, (row) => row.map((x) => x * 10 ** (db / 20)));

/** Side times a gain per frequency, which a shelf makes. */
export function widened([left, right]: Stereo, width: number, shelves: readonly Filter[] = []): Stereo {
  const side = filtered(left.map((l, i) => (width * (l - right[i]!)) / 2), shelves);
  return [left.map((l, i) => (l + right[i]!) / 2 + side[i]!), right.map((r, i) => (left[i]! + r) / 2 - side[i]!)];
}

export interface Compression {
  readonly thresholdDb: number;
  readonly ratio: number;
  readonly attackMs: number;
  readonly releaseMs: number;
  readonly makeupDb: number;
}

/**
 * Feed-forward, peaks of both channels, one smoothing of the gain in dB, hard knee.
 * Source: D. Giannoulis, M. Massberg, J. D. Reiss, JAES 60 (2012), the smooth branching detector.
 * @returns the sound, and the gain at every frame, dB
 */
export function compressed([left, right]: Stereo, { thresholdDb, ratio, attackMs, releaseMs, makeupDb }: Compression): { sound: Stereo; gainDb: Float32Array } {
  const [rise, fall] = [attackMs, releaseMs].map((ms) => Math.exp(-1000 / (ms * RATE))) as [number, number];
  let reduction = 0;
  const gainDb = left.map((l, i) => {
    const level = 20 * Math.log10(Math.max(Math.abs(l), Math.abs(right[i]!), 1e-6));
    const wanted = Math.max(0, level - thresholdDb) * (1 - 1 / ratio);
    const keep = wanted > reduction ? rise : fall;
    reduction = keep * reduction + (1 - keep) * wanted;
    return makeupDb - reduction;
  });
  const turned = (row: Float32Array) => row.map((x, i) => x * 10 ** (gainDb[i]! / 20));
  return { sound: [turned(left), turned(right)], gainDb };
}

/** Bent softly at full scale after a gain, and turned down by it again. */
export const saturated = (row: Float32Array, driveDb: number): Float32Array => {
  const drive = 10 ** (driveDb / 20);
  return row.map((x) => Math.tanh(drive * x) / drive);
};

/** Decaying noise, a response of its own per channel, 60 dB in `seconds`, the first `lateMs` of it silent. Energy 1. */
export function room(seconds: number, lateMs: number, seed: number): Stereo {
  const draw = new Draw(seed);
  const late = (lateMs * RATE) / 1000;
  const row = () => {
    const noise = Float32Array.from({ length: Math.round(1.1 * seconds * RATE) }, (_, i) => (i < late ? 0 : draw.between(-1, 1) * 10 ** ((-3 * (i - late)) / (seconds * RATE))));
    const energy = noise.reduce((sum, x) => sum + x * x, 0);
    return noise.map((x) => x / Math.sqrt(energy));
  };
  return [row(), row()];
}

/** The sound and, `wetDb` under it, the sound in a room. */
export function inRoom(engine: Engine, sound: Stereo, response: Stereo, wetDb: number): Stereo {
  const size = transformSize(sound[0].length + response[0].length);
  const fft = new LongFft(engine, size);
  const wet = 10 ** (wetDb / 20);
  const row = (c: 0 | 1): Float32Array => {
    const [x, h, product] = [emptySpectrum(size), emptySpectrum(size), emptySpectrum(size)];
    fft.forward(sound[c], x);
    fft.forward(response[c], h);
    addProduct(x, h, product);
    const convolved = new Float32Array(size);
    fft.inverse(product, convolved);
    return sound[c].map((dry, i) => dry + wet * convolved[i]!);
  };
  return [row(0), row(1)];
}

/** Nothing above a frequency, as a codec leaves it. */
export function bandLimited(engine: Engine, sound: Stereo, hz: number): Stereo {
  const size = transformSize(sound[0].length);
  const fft = new LongFft(engine, size);
  const spectrum = emptySpectrum(size);
  const from = Math.round((hz * size) / RATE);
  return eachRow(sound, (row) => {
    fft.forward(row, spectrum);
    spectrum.re.fill(0, from);
    spectrum.im.fill(0, from);
    const limited = new Float32Array(size);
    fft.inverse(spectrum, limited);
    return limited.slice(0, row.length);
  });
}

/** Energy that is still to come, of all rows, dB, `steps` a second. Source: M. R. Schroeder, JASA 37 (1965). */
export function decayDb(rows: readonly Float32Array[], steps: number): number[] {
  const hop = Math.round(RATE / steps);
  const count = Math.floor(rows[0]!.length / hop);
  const left = new Float64Array(count + 1);
  for (let k = count - 1; k >= 0; k -= 1) {
    left[k] = left[k + 1]! + rows.reduce((sum, row) => sum + row.subarray(k * hop, (k + 1) * hop).reduce((s, x) => s + x * x, 0), 0);
  }
  return Array.from(left.subarray(0, count), (energy) => 10 * Math.log10(energy + 1e-12));
}

/** Between frames, by a windowed sinc of 64 frames. */
export function delayed(row: Float32Array, frames: number): Float32Array {
  const [whole, half] = [Math.floor(frames), 32];
  const taps = Float64Array.from({ length: 2 * half }, (_, k) => {
    const t = k - half + 1 - (frames - whole);
    const sinc = t === 0 ? 1 : Math.sin(Math.PI * t) / (Math.PI * t);
    return sinc * (0.5 + 0.5 * Math.cos((Math.PI * t) / half));
  });
  const late = new Float32Array(row.length + whole + half);
  for (let i = 0; i < late.length; i += 1) {
    let sum = 0;
    for (let k = 0; k < taps.length; k += 1) sum += taps[k]! * (row[i - whole - k + half - 1] ?? 0);
    late[i] = sum;
  }
  return late;
}
