/** A true-peak meter that shares nothing with the engine's: 4x, 48 taps a phase, Kaiser 8, cutoff 0.98 of Nyquist. */

function besselI0(x: number): number {
  let [sum, term] = [1, 1];
  for (let k = 1; k < 60; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

/** One row of taps per phase: a low pass at `cutoff` of Nyquist, `perPhase` taps a phase, with unit gain at 0 Hz. */
export function oversamplingPhases(factor: number, perPhase: number, beta: number, cutoff: number): Float64Array[] {
  const length = perPhase * factor + 1;
  const taps = Float64Array.from({ length }, (_, i) => {
    const t = i - (length - 1) / 2;
    const x = (Math.PI * cutoff * t) / factor;
    const window = besselI0(beta * Math.sqrt(1 - (t / ((length - 1) / 2)) ** 2)) / besselI0(beta);
    return (t === 0 ? 1 : Math.sin(x) / x) * window;
  });
  const sum = taps.reduce((a, b) => a + b, 0);
  return Array.from({ length: factor }, (_, phase) =>
    Float64Array.from({ length: Math.ceil((length - phase) / factor) }, (_, k) => (taps[phase + k * factor]! * factor) / sum),
  );
}

const PHASES = oversamplingPhases(4, 48, 8, 0.98);

/** Level in dBTP of the highest interpolated value (or sample). */
export function truePeakDb(samples: Float32Array, phases: readonly Float64Array[] = PHASES): number {
  let peak = samples.reduce((m, x) => Math.max(m, Math.abs(x)), 0);
  const largest = peak;
  for (let i = 0; i < samples.length + 48; i += 1) {
    let near = 0;
    for (let k = Math.max(0, i - 48); k <= Math.min(i, samples.length - 1); k += 1) near = Math.max(near, Math.abs(samples[k]!));
    if (near < largest * 0.35) continue;
    for (const taps of phases) {
      let sum = 0;
      for (let k = 0; k < taps.length; k += 1) sum += taps[k]! * (samples[i - k] ?? 0);
      peak = Math.max(peak, Math.abs(sum));
    }
  }
  return 20 * Math.log10(peak);
}
