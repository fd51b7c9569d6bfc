import { type ChainStep, openEngine } from '../../wasm/host/engine.ts';
import { engineBinary } from '../support/engine.ts';
import { musicLike } from '../support/signals.ts';
import { type Bench, type BenchRow, fasterBy, least, timeInTurn } from './bench.ts';
import { ffmpegMsPerSecond, ffmpegVersion } from './ffmpeg.ts';
import { EIGHT_BANDS, EIGHT_BANDS_FFMPEG, plainEqualizer } from './plain-equalizer.ts';

const RATE = 48_000;
const SECONDS = 10;

const EQUALIZER: ChainStep = { effect: 'equalizer', values: { bands: [...EIGHT_BANDS] } };
const BAND = { thresholdDb: -24, ratio: 2.5, lowThresholdDb: -96, lowRatio: 1, kneeDb: 6, attackMs: 15, releaseMs: 140, rmsMs: 10, makeupDb: 2 };
const dynamics = (count: number): ChainStep => ({
  effect: 'compressor',
  values: { crossover1Hz: 150, crossover2Hz: 2500, crossover3Hz: 8000, bands: Array.from({ length: count }, () => BAND) },
});
const WIDTH: ChainStep = { effect: 'stereo-width', values: { crossover1Hz: 250, crossover2Hz: 4000, widthLow: 0.8, widthMid: 1.2, widthHigh: 1.4 } };
const FINISH: readonly ChainStep[] = [
  { effect: 'gain', values: { gainDb: 6 } },
  { effect: 'limiter', values: { tpDb: -1, lookaheadMs: 3, releaseMs: 120 } },
];

/** The nearest ffmpeg has: one width for all frequencies, and a limiter that looks at samples, not between them. */
const COMPRESSOR = 'acompressor=threshold=0.063:ratio=2.5:knee=2:attack=15:release=140:makeup=1.26:detection=rms';
const FINISH_FFMPEG = 'extrastereo=m=1.2:c=0,volume=6dB,alimiter=limit=0.891:attack=3:release=120:level=0';
const THREE_BANDS_FFMPEG =
  `acrossover=split=150 2500:order=4th[a][b][c];[a]${COMPRESSOR}[x];[b]${COMPRESSOR}[y];[c]${COMPRESSOR}[z];[x][y][z]amix=inputs=3:normalize=0`;

const CHAINS: readonly { what: string; steps: readonly ChainStep[]; filter: string }[] = [
  { what: 'default chain, 1 band of dynamics', steps: [EQUALIZER, dynamics(1), WIDTH, ...FINISH], filter: `${EIGHT_BANDS_FFMPEG},${COMPRESSOR},${FINISH_FFMPEG}` },
  { what: 'default chain, 3 bands of dynamics', steps: [EQUALIZER, dynamics(3), WIDTH, ...FINISH], filter: `${EIGHT_BANDS_FFMPEG},${THREE_BANDS_FFMPEG},${FINISH_FFMPEG}` },
  { what: 'exciter alone', steps: [{ effect: 'exciter', values: { fHz: 4000, driveDb: 12, even: 0.3, amount: 0.3 } }], filter: 'aexciter=freq=4000:drive=8:blend=0' },
];

export const bench: Bench = {
  name: 'chain',
  about: `${SECONDS} s of stereo at 48 kHz through the effects, one core`,
  get yardstick() {
    const version = ffmpegVersion();
    return version ? `${version}, native, the nearest filters on one thread` : 'the 8 equalizer sections alone in plain JavaScript (doubles); ffmpeg is not installed';
  },
  async run() {
    const engine = await openEngine(await engineBinary());
    const input = musicLike(SECONDS, RATE, 3);
    const copy = () => input.map((row) => row.slice()) as [Float32Array, Float32Array];
    const native = ffmpegVersion() ? ffmpegMsPerSecond(CHAINS.map(({ filter }) => filter), input, RATE) : null;
    return CHAINS.map(({ what, steps }, k): BenchRow => {
      const chain = engine.createChain(RATE, steps);
      const [ours, plain] = timeInTurn(() => chain.process(...copy()), () => plainEqualizer(copy(), RATE), { rounds: 25, pick: least });
      return fasterBy(what, [ours, native ? native[k]! * SECONDS : plain], `${((1000 * SECONDS) / ours).toFixed(0)} x real time`);
    });
  },
};
