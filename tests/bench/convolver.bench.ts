import PFFFT from '@echogarden/pffft-wasm/simd';
import { openEngine } from '../../wasm/host/engine.ts';
import { engineBinary } from '../support/engine.ts';
import { whiteNoise } from '../support/signals.ts';
import { decayingNoise } from '../support/styles.ts';
import { type Bench, fasterBy, timeInTurn } from './bench.ts';

const RATE = 48_000;
const SECONDS = 4;
/** PFFFT_REAL, PFFFT_FORWARD, PFFFT_BACKWARD of pffft.h. */
const [REAL, FORWARD, BACKWARD] = [0, 0, 1];

type Pffft = Awaited<ReturnType<typeof PFFFT>>;

/** The same algorithm from pffft's own parts: unordered spectra, and its product of spectra. One channel. */
function theirConvolver(pffft: Pffft, ir: Float32Array, block: number): (input: Float32Array) => void {
  const size = 2 * block;
  const partitions = Math.ceil(ir.length / block);
  const setup = pffft._pffft_new_setup(size, REAL);
  const allocate = (floats: number) => pffft._pffft_aligned_malloc(floats * 4);
  const [responses, ring, window, sum, out, work] = [size * partitions, size * partitions, size, size, size, size].map(allocate) as [number, number, number, number, number, number];
  const view = (at: number, floats: number) => new Float32Array(pffft.HEAPF32.buffer, at, floats);
  view(ring, size * partitions).fill(0);
  for (let p = 0; p < partitions; p += 1) {
    const piece = view(window, size);
    piece.fill(0);
    piece.set(ir.subarray(p * block, (p + 1) * block));
    pffft._pffft_transform(setup, window, responses + p * size * 4, work, FORWARD);
  }
  view(window, size).fill(0);
  let slot = 0;
  return (input) => {
    for (let at = 0; at + block <= input.length; at += block) {
      view(window + block * 4, block).set(input.subarray(at, at + block));
      slot = (slot + 1) % partitions;
      pffft._pffft_transform(setup, window, ring + slot * size * 4, work, FORWARD);
      view(window, size).copyWithin(0, block);
      view(sum, size).fill(0);
      for (let p = 0; p < partitions; p += 1) {
        pffft._pffft_zconvolve_accumulate(setup, ring + ((slot - p + partitions) % partitions) * size * 4, responses + p * size * 4, sum, 1 / size);
      }
      pffft._pffft_transform(setup, sum, out, work, BACKWARD);
      input.set(view(out + block * 4, block), at);
    }
  };
}

export const bench: Bench = {
  name: 'convolver',
  about: `${SECONDS} s of stereo at 48 kHz through the reverb, responses of 0.5, 2 and 6 s`,
  yardstick: 'the same partitions from pffft-wasm 0.4.2 with SIMD (dry sound, pre-delay and mix not counted)',
  async run() {
    const engine = await openEngine(await engineBinary());
    const pffft = await PFFFT();
    const key = 'a'.repeat(64);
    const [left, right] = [whiteNoise(SECONDS * RATE, 1), whiteNoise(SECONDS * RATE, 2)];
    return [0.5, 2, 6].map((seconds) => {
      const channels = [decayingNoise(seconds, RATE, 3), decayingNoise(seconds, RATE, 4)];
      const chain = engine.createChain(RATE, [{ effect: 'reverb', values: { irKey: key, mix: 0.3, preDelayMs: 10, ringOutSeconds: 30 } }], { [key]: { sampleRate: RATE, channels } });
      const block = chain.latencyFrames;
      const theirs = channels.map((ir) => theirConvolver(pffft, ir, block));
      const [l, r] = [left.slice(), right.slice()];
      const times = timeInTurn(
        () => {
          l.set(left);
          r.set(right);
          chain.process(l, r);
        },
        () => {
          l.set(left);
          r.set(right);
          theirs[0]!(l);
          theirs[1]!(r);
        },
      );
      return fasterBy(`response of ${seconds} s, blocks of ${block}`, times, `${Math.round((SECONDS * 1000) / times[0])} x real time`);
    });
  },
};
