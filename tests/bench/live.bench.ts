import type { Style, StyleModules } from '../../shared/style.ts';
import { LiveChain, type LiveInput } from '../../wasm/rendering/live-chain.ts';
import { engineBinary } from '../support/engine.ts';
import { styleWith } from '../support/rendering.ts';
import { musicLike, whiteNoise } from '../support/signals.ts';
import { type Bench, type BenchRow, timeInTurn } from './bench.ts';
import { EIGHT_BANDS, plainEqualizer } from './plain-equalizer.ts';

const RATE = 48_000;
const SECONDS = 10;
const QUANTUM = 128;

const BAND = { thresholdDb: -24, ratio: 2.5, lowThresholdDb: -96, lowRatio: 1, kneeDb: 6, attackMs: 15, releaseMs: 140, rmsMs: 10, makeupDb: 2 };
const dynamics = (count: number): StyleModules['dynamics']['values'] => ({
  crossover1Hz: 150, crossover2Hz: 2500, crossover3Hz: 8000,
  bands: Array.from({ length: count }, () => BAND),
});
const defaultChain = (bands: number): Parameters<typeof styleWith>[0] => ({
  eq: { bands: [...EIGHT_BANDS] },
  dynamics: dynamics(bands),
  stereo: { crossover1Hz: 250, crossover2Hz: 4000, widthLow: 0.8, widthMid: 1.2, widthHigh: 1.4 },
  limiter: { tpDb: -1, lookaheadMs: 3, releaseMs: 120 },
});
const room = { sampleRate: RATE, channels: [1, 2].map((seed) => whiteNoise(2 * RATE, seed).map((x, i) => x * Math.exp(-i / 15_000))) };

const STYLES: readonly { what: string; style: Style }[] = [
  { what: 'default chain, 1 band of dynamics', style: styleWith(defaultChain(1)) },
  { what: 'default chain, 4 bands of dynamics', style: styleWith(defaultChain(4)) },
  { what: 'default chain and a room of 2 s', style: styleWith({ ...defaultChain(1), reverb: { irKey: 'room', mix: 0.3, preDelayMs: 10, ringOutSeconds: 30 } }, { room }) },
];

export const bench: Bench = {
  name: 'live',
  about: `stereo at ${RATE / 1000} kHz in quanta of ${QUANTUM} frames, as an AudioWorklet runs it, one core; goal for the default chain: under 5 % of it`,
  yardstick: 'the 8 equalizer sections alone in plain JavaScript (doubles), whole',
  async run() {
    const engine = await engineBinary();
    const rows = musicLike(SECONDS, RATE, 3);
    const frames = SECONDS * RATE;
    const input: LiveInput = {
      channels: 2,
      frames,
      oldestFrame: 0,
      read(frame, left, right) {
        const from = Math.max(0, frame);
        left.set(rows[0].subarray(from, from + left.length));
        right.set(rows[1].subarray(from, from + right.length));
        return true;
      },
    };
    const [left, right] = [new Float32Array(QUANTUM), new Float32Array(QUANTUM)];
    return STYLES.map(({ what, style }): BenchRow => {
      const chain = new LiveChain(engine, RATE, input, { style, settings: { gainDb: 6, ceilingDbtp: -1 } });
      const play = () => {
        chain.seek();
        for (let at = 0; at < frames; at += QUANTUM) chain.render(at, left, right);
      };
      const [ours, plain] = timeInTurn(play, () => plainEqualizer(rows.map((row) => row.slice()) as [Float32Array, Float32Array], RATE), { rounds: 7 });
      const share = (ms: number) => ms / (10 * SECONDS);
      return { what, ours: share(ours), yardstick: share(plain), unit: '% of one core', ratio: plain / ours, note: `${((1000 * SECONDS) / ours).toFixed(0)} x real time` };
    });
  },
};
