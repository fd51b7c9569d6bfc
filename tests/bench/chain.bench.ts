import type { EqualizerBand } from '../../shared/params/equalizer.ts';
import { equalizerSection } from '../../shared/equalizer-response.ts';
import { type ChainStep, openEngine } from '../../wasm/host/engine.ts';
import { engineBinary } from '../support/engine.ts';
import { musicLike } from '../support/signals.ts';
import { type Bench, type BenchRow, median, timeInTurn } from './bench.ts';

const RATE = 48_000;
const SECONDS = 10;

const EQ: EqualizerBand[] = [60, 150, 400, 1000, 2200, 4500, 8000, 12_000].map((fHz, k) => ({ type: 'peak', fHz, q: 1, gainDb: k % 2 === 0 ? 3 : -3 }));
const BAND = { thresholdDb: -24, ratio: 2.5, lowThresholdDb: -96, lowRatio: 1, kneeDb: 6, attackMs: 15, releaseMs: 140, rmsMs: 10, makeupDb: 2 };
const dynamics = (count: number): ChainStep => ({
  effect: 'compressor',
  values: { crossover1Hz: 150, crossover2Hz: 2500, crossover3Hz: 8000, bands: Array.from({ length: count }, () => BAND) },
});
const WIDTH: ChainStep = { effect: 'stereo-width', values: { crossover1Hz: 250, crossover2Hz: 4000, widthLow: 0.8, widthMid: 1.2, widthHigh: 1.4 } };
const FINISH: ChainStep[] = [
  { effect: 'gain', values: { gainDb: 6 } },
  { effect: 'limiter', values: { tpDb: -1, lookaheadMs: 3, releaseMs: 120 } },
];

/** The same eight sections in plain JavaScript, doubles, transposed direct form II: what a page without an engine would do. */
function plainEqualizer(channels: readonly Float32Array[]): void {
  for (const channel of channels) {
    for (const band of EQ) {
      const { b0, b1, b2, a1, a2 } = equalizerSection(band, RATE);
      let [s1, s2] = [0, 0];
      for (let i = 0; i < channel.length; i += 1) {
        const x = channel[i]!;
        const y = b0 * x + s1;
        s1 = b1 * x - a1 * y + s2;
        s2 = b2 * x - a2 * y;
        channel[i] = y;
      }
    }
  }
}

export const bench: Bench = {
  name: 'chain',
  about: `${SECONDS} s of stereo at 48 kHz through the effects, one core`,
  yardstick: 'the same 8 equalizer sections in plain JavaScript (doubles)',
  async run() {
    const engine = await openEngine(await engineBinary());
    const input = musicLike(SECONDS, RATE, 3);
    const copy = () => input.map((row) => row.slice()) as [Float32Array, Float32Array];
    const runner = (steps: readonly ChainStep[]) => {
      const chain = engine.createChain(RATE, steps);
      return () => chain.process(...copy());
    };
    const [ours, plain] = timeInTurn(runner([{ effect: 'equalizer', values: { bands: EQ } }]), () => plainEqualizer(copy()), { rounds: 9 });
    const rows: BenchRow[] = [
      { what: 'equalizer, 8 bands', ours, yardstick: plain, unit: 'ms', ratio: plain / ours, note: `${((1000 * SECONDS) / ours).toFixed(0)} x real time; two lanes of double precision, bound by the recursion's latency` },
    ];
    for (const [what, steps] of [
      ['default chain, 1 band of dynamics', [{ effect: 'equalizer', values: { bands: EQ } }, dynamics(1), WIDTH, ...FINISH]],
      ['default chain, 3 bands of dynamics', [{ effect: 'equalizer', values: { bands: EQ } }, dynamics(3), WIDTH, ...FINISH]],
      ['exciter alone', [{ effect: 'exciter', values: { fHz: 4000, driveDb: 12, even: 0.3, amount: 0.3 } }]],
    ] as [string, ChainStep[]][]) {
      const work = runner(steps);
      work();
      const times = Array.from({ length: 7 }, () => {
        const start = performance.now();
        work();
        return performance.now() - start;
      });
      const time = median(times);
      rows.push({ what, ours: time, yardstick: plain, unit: 'ms', ratio: plain / time, note: `${((1000 * SECONDS) / time).toFixed(0)} x real time` });
    }
    return rows;
  },
};
