/** STFT and mel bands as one would build them from npm: pffft-wasm for the transform, plain JavaScript around it. */
import PFFFT from '@echogarden/pffft-wasm/simd';
import { hzToMel, melToHz } from '../../../shared/units.ts';

const SIZE = 2048;
const HOP = 512;
const BANDS = 128;

/** @returns what measures the mid of two channels: mean power per bin and mel band */
export async function plainStft(sampleRate: number): Promise<(left: Float32Array, right: Float32Array) => Float64Array> {
  const pffft = await PFFFT();
  const setup = pffft._pffft_new_setup(SIZE, 0);
  const [from, to, work] = [0, 1, 2].map(() => pffft._pffft_aligned_malloc(SIZE * 4)) as [number, number, number];
  const window = Float32Array.from({ length: SIZE }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / SIZE));
  const edges = Array.from({ length: BANDS + 2 }, (_, k) => (melToHz(hzToMel(20) + ((hzToMel(20_000) - hzToMel(20)) * k) / (BANDS + 1)) * SIZE) / sampleRate);
  const filters = Array.from({ length: BANDS }, (_, k) => {
    const [low, middle, high] = [edges[k]!, edges[k + 1]!, edges[k + 2]!];
    const first = Math.ceil(low);
    const weights = Float32Array.from({ length: Math.max(1, Math.floor(high) - first + 1) }, (__, i) => Math.max(0, Math.min((first + i - low) / (middle - low), (high - first - i) / (high - middle))));
    return { first, weights };
  });
  return (left, right) => {
    const sums = new Float64Array(SIZE / 2 + 1 + BANDS);
    const powers = new Float32Array(SIZE / 2 + 1);
    const input = new Float32Array(pffft.HEAPF32.buffer, from, SIZE);
    const output = new Float32Array(pffft.HEAPF32.buffer, to, SIZE);
    for (let at = 0; at + SIZE <= left.length; at += HOP) {
      for (let i = 0; i < SIZE; i += 1) input[i] = 0.5 * (left[at + i]! + right[at + i]!) * window[i]!;
      pffft._pffft_transform_ordered(setup, from, to, work, 0);
      for (let k = 1; k < SIZE / 2; k += 1) powers[k] = output[2 * k]! ** 2 + output[2 * k + 1]! ** 2;
      for (let k = 0; k <= SIZE / 2; k += 1) sums[k]! += powers[k]!;
      for (let band = 0; band < BANDS; band += 1) {
        const { first, weights } = filters[band]!;
        let sum = 0;
        for (let i = 0; i < weights.length; i += 1) sum += weights[i]! * powers[first + i]!;
        sums[SIZE / 2 + 1 + band]! += sum;
      }
    }
    return sums;
  };
}
