/** What a style does to the spectrum: its equalizer and its match filter together, intensities included. */
import { equalizerResponseDb } from './equalizer-response.ts';
import { scaleEqualizer } from './params/equalizer.ts';
import { scaleMatchFir } from './params/match-fir.ts';
import type { Style } from './style.ts';

/** Under this a filter lets nothing through, as far as a picture goes. */
const FLOOR = 1e-6;

/** Magnitude of a linear-phase filter blended with the untouched sound, which is as late as the filter's centre. */
function blendedMagnitude(taps: Float32Array, amount: number, turn: number): number {
  const centre = (taps.length - 1) >> 1;
  let [re, im] = [1 - amount, 0];
  for (let k = 0; k < taps.length; k += 1) {
    const angle = turn * (k - centre);
    re += amount * taps[k]! * Math.cos(angle);
    im -= amount * taps[k]! * Math.sin(angle);
  }
  return Math.hypot(re, im);
}

/**
 * Response in dB for the middle of the stereo picture, one value per frequency of `hz`.
 * @param hz 0 to half of `sampleRate`
 * Cost: frequencies x taps of the match filter.
 */
export function styleResponseDb(style: Style, hz: readonly number[], sampleRate: number): Float64Array {
  const { eq, matchFir } = style.modules;
  const bands = eq.enabled ? scaleEqualizer(eq.values, eq.intensity * style.intensity).bands : [];
  const db = equalizerResponseDb(bands, hz, sampleRate);
  const { irKey, amount } = scaleMatchFir(matchFir.values, matchFir.intensity * style.intensity);
  const ir = matchFir.enabled && irKey !== null ? style.irs[irKey] : undefined;
  const taps = ir?.channels[0];
  if (!ir || !taps) return db;
  return db.map((value, i) => {
    const f = hz[i]!;
    // Over the filter's own Nyquist it says nothing.
    if (f >= ir.sampleRate / 2) return value;
    return value + 20 * Math.log10(Math.max(FLOOR, blendedMagnitude(taps, amount, (2 * Math.PI * f) / ir.sampleRate)));
  });
}
