import { createRequire } from 'node:module';
import PFFFT from '@echogarden/pffft-wasm/simd';
import { openEngine } from '../../wasm/host/engine.ts';
import { engineBinary } from '../support/engine.ts';
import { whiteNoise } from '../support/signals.ts';
import { type Bench, fasterBy, timeInTurn } from './bench.ts';

interface FftJs {
  createComplexArray(): number[];
  realTransform(out: number[], input: ArrayLike<number>): void;
}
const FftJs = createRequire(import.meta.url)('fft.js') as new (size: number) => FftJs;

/** PFFFT_REAL, PFFFT_FORWARD of pffft.h. */
const REAL = 0;
const FORWARD = 0;

export const bench: Bench = {
  name: 'fft',
  about: 'real forward FFT, data already in the engine',
  yardstick: 'pffft-wasm 0.4.2 with SIMD, ordered; fft.js 4.0.4 for scale',
  async run() {
    const engine = await openEngine(await engineBinary());
    const pffft = await PFFFT();
    const rows = [];
    for (const size of [2048, 8192, 65_536]) {
      const input = whiteNoise(size, 1);
      const { raw } = engine;
      const plan = raw.allocate(raw.fftPlanBytes(size));
      const [from, to] = [raw.allocate(size * 4), raw.allocate((size + 8) * 4)];
      raw.fftPlan(plan, size);
      engine.f32(from, size).set(input);

      const setup = pffft._pffft_new_setup(size, REAL);
      const [theirFrom, theirTo, theirWork] = [0, 1, 2].map(() => pffft._pffft_aligned_malloc(size * 4)) as [number, number, number];
      new Float32Array(pffft.HEAPF32.buffer, theirFrom, size).set(input);

      const js = new FftJs(size);
      const out = js.createComplexArray();
      const callsPerRound = Math.ceil(2_000_000 / size);
      rows.push(
        fasterBy(
          `${size} points, pffft`,
          timeInTurn(
            () => raw.fftForward(plan, from, to),
            () => pffft._pffft_transform_ordered(setup, theirFrom, theirTo, theirWork, FORWARD),
            { callsPerRound, rounds: 31 },
          ),
        ),
        fasterBy(
          `${size} points, fft.js`,
          timeInTurn(() => raw.fftForward(plan, from, to), () => js.realTransform(out, input), { callsPerRound: callsPerRound >> 3 }),
        ),
      );
    }
    return rows;
  },
};
