/**
 * Reverberation time of an impulse response, as a room's is measured: backward integration of its energy, a straight line
 * from -5 to -25 dB (T20), in the octaves of 500 Hz and 1 kHz, their mean.
 * Sources: M. R. Schroeder, "New method of measuring reverberation time", JASA 37, 1965; ISO 3382-1:2009, annex on
 * single numbers. The octave filter is the band-pass of R. Bristow-Johnson's cookbook, one octave wide, twice.
 */
const OCTAVES_HZ = [500, 1000] as const;
const FROM_DB = -5;
const TO_DB = -25;
/** Points of the decay this far apart. */
const STEP_SECONDS = 0.001;
const FEWEST_POINTS = 8;

function bandpassed(signal: Float32Array, hz: number, sampleRate: number): Float32Array {
  const w = (2 * Math.PI * hz) / sampleRate;
  const alpha = Math.sin(w) * Math.sinh(((Math.LN2 / 2) * w) / Math.sin(w));
  const gain = alpha / (1 + alpha);
  const a1 = (-2 * Math.cos(w)) / (1 + alpha);
  const a2 = (1 - alpha) / (1 + alpha);
  let [x1, x2, y1, y2] = [0, 0, 0, 0];
  return signal.map((x) => {
    const y = gain * (x - x2) - a1 * y1 - a2 * y2;
    [x2, x1, y2, y1] = [x1, x, y1, y];
    return y;
  });
}

/** One octave of a signal. @param hz its middle */
export const octaveBand = (signal: Float32Array, hz: number, sampleRate: number): Float32Array => bandpassed(bandpassed(signal, hz, sampleRate), hz, sampleRate);

/** Seconds in which the energy of all channels would fall by 60 dB, from how it falls by 20; null where it does not fall so far. */
function t20Of(channels: readonly Float32Array[], sampleRate: number): number | null {
  const frames = channels[0]!.length;
  const left = new Float64Array(frames + 1);
  for (let n = frames - 1; n >= 0; n -= 1) left[n] = left[n + 1]! + channels.reduce((sum, c) => sum + c[n]! ** 2, 0);
  const step = Math.max(1, Math.round(STEP_SECONDS * sampleRate));
  const points: { seconds: number; db: number }[] = [];
  for (let n = 0; n < frames && left[n]! > 0; n += step) {
    const db = 10 * Math.log10(left[n]! / left[0]!);
    if (db < TO_DB) break;
    if (db <= FROM_DB) points.push({ seconds: n / sampleRate, db });
  }
  if (points.length < FEWEST_POINTS) return null;
  const [t, l] = [points.reduce((sum, p) => sum + p.seconds, 0) / points.length, points.reduce((sum, p) => sum + p.db, 0) / points.length];
  const slope = points.reduce((sum, p) => sum + (p.seconds - t) * (p.db - l), 0) / points.reduce((sum, p) => sum + (p.seconds - t) ** 2, 0);
  return slope < 0 ? -60 / slope : null;
}

/** @param channels impulse response without its direct sound @returns seconds; null where an octave's decay is too short to be measured */
export function reverberationTime(channels: readonly Float32Array[], sampleRate: number): number | null {
  const times = OCTAVES_HZ.map((hz) => t20Of(channels.map((c) => octaveBand(c, hz, sampleRate)), sampleRate));
  return times.every((time) => time !== null) ? times.reduce((sum, time) => sum + time, 0) / times.length : null;
}
