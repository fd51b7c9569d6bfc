import type { Engine } from '../../host/engine.ts';
import type { Whitening } from './deconvolution.ts';
import { transferFunction } from './transfer-function.ts';

/** Inverse of the input's long-term level, held within 50 dB, so that every octave counts about the same. */
export function whiteningOf(engine: Engine, input: readonly Float32Array[], sampleRate: number): Whitening {
  const size = 4096;
  const powers = input.map((x) => transferFunction(engine, x, x, size).inputPower);
  const bins = size / 2 + 1;
  const power = Float64Array.from({ length: bins }, (_, k) => powers.reduce((sum, p) => sum + p[k]!, 0));
  const smooth = power.map((_, k) => {
    const reach = Math.max(2, Math.round(0.15 * k));
    let [sum, count] = [0, 0];
    for (let j = Math.max(1, k - reach); j <= Math.min(bins - 1, k + reach); j += 1, count += 1) sum += power[j]!;
    return sum / Math.max(1, count);
  });
  const strongest = smooth.reduce((a, b) => Math.max(a, b), 1e-20);
  const levels = smooth.map((p) => 1 / Math.sqrt(Math.max(p, strongest * 1e-5)));
  const mean = levels.reduce((a, b) => a + b, 0) / bins;
  return (hz) => {
    const position = Math.min(bins - 1, (hz * size) / sampleRate);
    const k = Math.min(bins - 2, Math.floor(position));
    const fade = hz < 30 ? hz / 30 : 1;
    return (fade * (levels[k]! + (levels[k + 1]! - levels[k]!) * (position - k))) / mean;
  };
}
