import {
  EQUALIZER_TYPE_HIGH_PASS,
  EQUALIZER_TYPE_HIGH_SHELF,
  EQUALIZER_TYPE_LOW_PASS,
  EQUALIZER_TYPE_LOW_SHELF,
  EQUALIZER_TYPE_PEAK,
} from '../generated/abi';
import { setSection } from './biquad';

/**
 * Coefficients of the equalizer's sections. The formulas, their source and the departures from it are stated beside
 * their twin, shared/equalizer-response.ts: change both.
 */
const MATCH_LIMIT: f64 = 0.8 * Math.PI;
const POLE_LIMIT: f64 = 0.97 * Math.PI;
const ZERO_LIMIT: f64 = 0.6 * Math.PI;
const RESONANT_SHELF_Q: f64 = 1.5;

function quadratic(a: f64, b: f64, c: f64, x: f64): f64 {
  const real = c - a * x;
  return real * real + b * b * x;
}

function prototypePower(type: i32, q: f64, gainDb: f64, x: f64): f64 {
  const a = Math.pow(10.0, gainDb / 40.0);
  const slope = Math.sqrt(a) / q;
  if (type == EQUALIZER_TYPE_PEAK) return quadratic(1, a / q, 1, x) / quadratic(1, 1 / (a * q), 1, x);
  if (type == EQUALIZER_TYPE_LOW_SHELF) return (a * a * quadratic(1, slope, a, x)) / quadratic(a, slope, 1, x);
  if (type == EQUALIZER_TYPE_HIGH_SHELF) return (a * a * quadratic(a, slope, 1, x)) / quadratic(1, slope, a, x);
  if (type == EQUALIZER_TYPE_HIGH_PASS) return (x * x) / quadratic(1, 1 / q, 1, x);
  return 1 / quadratic(1, 1 / q, 1, x);
}

function firstRoot(w: f64, damping: f64): f64 {
  const turn = w * Math.sqrt(Math.abs(1 - damping * damping));
  return -2 * Math.exp(-damping * w) * (damping <= 1 ? Math.cos(turn) : Math.cosh(turn));
}

function secondRoot(w: f64, damping: f64): f64 {
  const radius = Math.exp(-damping * w);
  return radius * radius;
}

function power(c0: f64, c1: f64, c2: f64, sine2: f64): f64 {
  const sum = c0 + c1 + c2;
  const difference = c0 - c1 + c2;
  return sum * sum * (1 - sine2) + difference * difference * sine2 - 16 * c0 * c2 * sine2 * (1 - sine2);
}

/** Whether a band leaves the sound alone, so that it need not run. */
export function isNeutralBand(type: i32, gainDb: f64): bool {
  return gainDb == 0 && type != EQUALIZER_TYPE_HIGH_PASS && type != EQUALIZER_TYPE_LOW_PASS;
}

/** Writes the coefficients of a band to a section (see biquad.ts); its memory of the past stays. */
export function designMatchedBiquad(section: usize, type: i32, fHz: f64, q: f64, bandGainDb: f64, sampleRate: f64): void {
  const passes = type == EQUALIZER_TYPE_HIGH_PASS || type == EQUALIZER_TYPE_LOW_PASS;
  if (isNeutralBand(type, bandGainDb)) {
    setSection(section, 1, 0, 0, 0, 0);
    return;
  }
  const w0 = (2 * Math.PI * fHz) / sampleRate;
  const turned = !passes && (type == EQUALIZER_TYPE_HIGH_SHELF ? bandGainDb > 0 : bandGainDb < 0);
  const gainDb = turned ? -bandGainDb : bandGainDb;
  const a = Math.pow(10.0, gainDb / 40.0);
  let shift: f64 = 1;
  if (type == EQUALIZER_TYPE_LOW_SHELF) shift = 1 / Math.sqrt(a);
  if (type == EQUALIZER_TYPE_HIGH_SHELF) shift = Math.sqrt(a);
  const damping = type == EQUALIZER_TYPE_PEAK ? 1 / (2 * a * q) : 1 / (2 * q);
  const pole = Math.min(w0 * shift, POLE_LIMIT);
  const a1 = firstRoot(pole, damping);
  const a2 = secondRoot(pole, damping);
  const w = Math.min(w0, MATCH_LIMIT);
  const sine = Math.sin(w / 2);
  const sine2 = sine * sine;
  const ratio = w / w0;
  const atMatch = prototypePower(type, q, gainDb, ratio * ratio) * power(1, a1, a2, sine2);
  let b0: f64 = 0;
  let b1: f64 = 0;
  let b2: f64 = 0;
  if (type == EQUALIZER_TYPE_HIGH_PASS) {
    b0 = Math.sqrt(atMatch) / (4 * sine2);
    b1 = -2 * b0;
    b2 = b0;
  } else if (shift != 1 && q > RESONANT_SHELF_Q && w0 / shift < ZERO_LIMIT) {
    const c1 = firstRoot(w0 / shift, damping);
    const c2 = secondRoot(w0 / shift, damping);
    b0 = (Math.sqrt(prototypePower(type, q, gainDb, 0)) * (1 + a1 + a2)) / (1 + c1 + c2);
    b1 = b0 * c1;
    b2 = b0 * c2;
  } else {
    const nyquist = Math.PI / w0;
    const atZero = Math.sqrt(prototypePower(type, q, gainDb, 0)) * (1 + a1 + a2);
    const atNyquist = Math.sqrt(prototypePower(type, q, gainDb, nyquist * nyquist)) * (1 - a1 + a2);
    const mean = (atZero + atNyquist) / 2;
    const rest = (atMatch - atZero * atZero * (1 - sine2) - atNyquist * atNyquist * sine2) / (4 * sine2 * (1 - sine2));
    const product = Math.max(rest, -(1 - 1e-12) * mean * mean);
    b0 = (mean + Math.sqrt(mean * mean + product)) / 2;
    b1 = (atZero - atNyquist) / 2;
    b2 = -product / (4 * b0);
  }
  if (turned) setSection(section, 1 / b0, a1 / b0, a2 / b0, b1 / b0, b2 / b0);
  else setSection(section, b0, b1, b2, a1, a2);
}
