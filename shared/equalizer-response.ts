/**
 * The equalizer's filters as numbers: the very sections the engine runs (wasm/assembly/kernels/matched-biquad.ts holds
 * the same formulas; a test compares the two), their response, and the analogue response they stand for.
 *
 * Source: M. Vicanek, "Matched Second Order Digital Filters", 2016: poles by impulse invariance, zeros from the analogue
 * power response at zero, at one frequency between and at Nyquist. The high pass keeps its double zero at 0 Hz.
 * Departs from it: shelves follow R. Bristow-Johnson's analogue prototypes ("Audio EQ Cookbook"); a filter whose poles
 * would lie above its zeros (a cut, or a raised high shelf) is the reciprocal of its counterpart, so that +g and -g dB
 * cancel exactly; shelves with q over 1.5 whose zeros are under 0.6 of Nyquist keep them where the matched z-transform
 * puts them; frequencies near and over Nyquist are matched at 0.8 of Nyquist, with poles held under 0.97 of it.
 */
import type { EqualizerBand } from './params/equalizer.ts';

/** Transfer function (b0 + b1 z^-1 + b2 z^-2) / (1 + a1 z^-1 + a2 z^-2). */
export interface Section {
  readonly b0: number;
  readonly b1: number;
  readonly b2: number;
  readonly a1: number;
  readonly a2: number;
}

const MATCH_LIMIT = 0.8 * Math.PI;
const POLE_LIMIT = 0.97 * Math.PI;
const ZERO_LIMIT = 0.6 * Math.PI;
const RESONANT_SHELF_Q = 1.5;

/** |a s^2 + b s + c|^2 at s = i sqrt(x). */
const quadratic = (a: number, b: number, c: number, x: number): number => (c - a * x) ** 2 + b * b * x;

/** Power response of the analogue prototype at (f / fHz)^2 = x. */
function prototypePower({ type, q, gainDb }: Pick<EqualizerBand, 'type' | 'q' | 'gainDb'>, x: number): number {
  const a = 10 ** (gainDb / 40);
  const slope = Math.sqrt(a) / q;
  switch (type) {
    case 'peak':
      return quadratic(1, a / q, 1, x) / quadratic(1, 1 / (a * q), 1, x);
    case 'low_shelf':
      return (a * a * quadratic(1, slope, a, x)) / quadratic(a, slope, 1, x);
    case 'high_shelf':
      return (a * a * quadratic(a, slope, 1, x)) / quadratic(1, slope, a, x);
    case 'high_pass':
      return (x * x) / quadratic(1, 1 / q, 1, x);
    case 'low_pass':
      return 1 / quadratic(1, 1 / q, 1, x);
    default:
      return type satisfies never;
  }
}

/** Coefficients of z^-1 and z^-2 with roots at the matched z-transform of s^2 + 2 damping w s + w^2. */
function matchedRoots(w: number, damping: number): [number, number] {
  const radius = Math.exp(-damping * w);
  const turn = w * Math.sqrt(Math.abs(1 - damping * damping));
  return [-2 * radius * (damping <= 1 ? Math.cos(turn) : Math.cosh(turn)), radius * radius];
}

/** |c0 + c1 z^-1 + c2 z^-2|^2 at the angle whose half has the squared sine `sine2`. */
const power = (c0: number, c1: number, c2: number, sine2: number): number =>
  (c0 + c1 + c2) ** 2 * (1 - sine2) + (c0 - c1 + c2) ** 2 * sine2 - 16 * c0 * c2 * sine2 * (1 - sine2);

/**
 * The digital filter of one band.
 * @param sampleRate Hz
 * Exact: up to 0.9 of Nyquist within 0.75 dB of the analogue response for bands up to 0.4 of Nyquist with q 0.3 to 4
 * and gains up to ±12 dB (shelves: q up to 1); see tests/wasm/processors/equalizer.test.ts.
 */
export function equalizerSection(band: EqualizerBand, sampleRate: number): Section {
  const { type, q } = band;
  const passes = type === 'high_pass' || type === 'low_pass';
  if (!passes && band.gainDb === 0) return { b0: 1, b1: 0, b2: 0, a1: 0, a2: 0 };
  const w0 = (2 * Math.PI * band.fHz) / sampleRate;
  const turned = !passes && (type === 'high_shelf' ? band.gainDb > 0 : band.gainDb < 0);
  const gainDb = turned ? -band.gainDb : band.gainDb;
  const a = 10 ** (gainDb / 40);
  const shift = type === 'low_shelf' ? 1 / Math.sqrt(a) : type === 'high_shelf' ? Math.sqrt(a) : 1;
  const damping = type === 'peak' ? 1 / (2 * a * q) : 1 / (2 * q);
  const [a1, a2] = matchedRoots(Math.min(w0 * shift, POLE_LIMIT), damping);
  const wanted = (w: number) => prototypePower({ type, q, gainDb }, (w / w0) ** 2);
  const w = Math.min(w0, MATCH_LIMIT);
  const sine2 = Math.sin(w / 2) ** 2;
  const atMatch = wanted(w) * power(1, a1, a2, sine2);
  let [b0, b1, b2] = [0, 0, 0];
  if (type === 'high_pass') {
    b0 = Math.sqrt(atMatch) / (4 * sine2);
    [b1, b2] = [-2 * b0, b0];
  } else if (shift !== 1 && q > RESONANT_SHELF_Q && w0 / shift < ZERO_LIMIT) {
    const [c1, c2] = matchedRoots(w0 / shift, damping);
    b0 = (Math.sqrt(wanted(0)) * (1 + a1 + a2)) / (1 + c1 + c2);
    [b1, b2] = [b0 * c1, b0 * c2];
  } else {
    const atZero = Math.sqrt(wanted(0)) * (1 + a1 + a2);
    const atNyquist = Math.sqrt(wanted(Math.PI)) * (1 - a1 + a2);
    const mean = (atZero + atNyquist) / 2;
    const rest = (atMatch - atZero ** 2 * (1 - sine2) - atNyquist ** 2 * sine2) / (4 * sine2 * (1 - sine2));
    // Below -mean^2 no real filter has this power response; just above, its zeros are still inside the circle.
    const product = Math.max(rest, -(1 - 1e-12) * mean * mean);
    b0 = (mean + Math.sqrt(mean * mean + product)) / 2;
    b1 = (atZero - atNyquist) / 2;
    b2 = -product / (4 * b0);
  }
  return turned ? { b0: 1 / b0, b1: a1 / b0, b2: a2 / b0, a1: b1 / b0, a2: b2 / b0 } : { b0, b1, b2, a1, a2 };
}

/** Power response of a section at a frequency in Hz. */
export const sectionPower = (section: Section, hz: number, sampleRate: number): number => powerAt(section, squaredSine(hz, sampleRate));

/** Of half the angle that a frequency turns by per frame. */
const squaredSine = (hz: number, sampleRate: number): number => Math.sin((Math.PI * hz) / sampleRate) ** 2;

const powerAt = ({ b0, b1, b2, a1, a2 }: Section, sine2: number): number => power(b0, b1, b2, sine2) / power(1, a1, a2, sine2);

/** What `bandResponseDb` needs to know of frequencies: for those that ask for many bands at the same ones. */
export const squaredSines = (hz: ArrayLike<number>, sampleRate: number): Float64Array => Float64Array.from(hz, (f) => squaredSine(f, sampleRate));

/** Response in dB of one band, as `equalizerResponseDb`. @param sines `squaredSines` of the frequencies */
export function bandResponseDb(band: EqualizerBand, sines: Float64Array, sampleRate: number): Float64Array {
  const section = equalizerSection(band, sampleRate);
  const db = new Float64Array(sines.length);
  for (let i = 0; i < db.length; i += 1) db[i] = 10 * Math.log10(Math.max(1e-30, powerAt(section, sines[i]!)));
  return db;
}

/**
 * Response in dB of the whole equalizer as the engine plays it, one value per frequency of `hz`.
 * @param hz 0 to half of `sampleRate`
 */
export function equalizerResponseDb(bands: readonly EqualizerBand[], hz: ArrayLike<number>, sampleRate: number): Float64Array {
  const db = new Float64Array(hz.length);
  const sines = squaredSines(hz, sampleRate);
  for (const band of bands) {
    const own = bandResponseDb(band, sines, sampleRate);
    for (let i = 0; i < db.length; i += 1) db[i]! += own[i]!;
  }
  return db;
}

/** Response in dB of the analogue filters that the bands name. */
export function analogueResponseDb(bands: readonly EqualizerBand[], hz: ArrayLike<number>): Float64Array {
  return Float64Array.from(hz, (f) =>
    bands.reduce((sum, band) => sum + 10 * Math.log10(Math.max(1e-30, prototypePower(band, (f / band.fHz) ** 2))), 0),
  );
}
