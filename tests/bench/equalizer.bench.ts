import { openEngine } from '../../wasm/host/engine.ts';
import { engineBinary } from '../support/engine.ts';
import { difference } from '../support/samples.ts';
import { musicLike } from '../support/signals.ts';
import { type Bench, type BenchRow, fasterBy, timeInTurn } from './bench.ts';
import { ffmpegMsPerSecond, ffmpegVersion } from './ffmpeg.ts';
import { EIGHT_BANDS, EIGHT_BANDS_FFMPEG, plainEqualizer } from './plain-equalizer.ts';

const RATE = 48_000;
const SECONDS = 10;

/**
 * What a frame of one section waits for: a sum, a product and a difference, each on the last one's result. No section
 * is faster than this; two that run side by side share the wait.
 */
function waitOfTheRecursion(frames: number): void {
  let s = 0.1;
  for (let i = 0; i < frames; i += 1) s = 0.3 - 0.7 * (0.2 + s);
  // Read, so that the loop is not left out.
  if (!Number.isFinite(s)) throw new Error('the recursion left the numbers');
}

export const bench: Bench = {
  name: 'equalizer',
  about: `8 bands on ${SECONDS} s of stereo at 48 kHz, one core`,
  yardstick: 'the same 8 sections in plain JavaScript (doubles); native ffmpeg too where installed',
  async run() {
    const engine = await openEngine(await engineBinary());
    const input = musicLike(SECONDS, RATE, 3);
    const copy = () => input.map((row) => row.slice()) as [Float32Array, Float32Array];
    const chain = engine.createChain(RATE, [{ effect: 'equalizer', values: { bands: [...EIGHT_BANDS] } }]);
    const [ours, plain] = [copy(), copy()];
    chain.process(...ours);
    plainEqualizer(plain, RATE);
    const apart = difference(ours[0], plain[0]).largest;
    const times = timeInTurn(() => chain.process(...copy()), () => plainEqualizer(copy(), RATE), { rounds: 9 });
    const waits = (EIGHT_BANDS.length / 2) * RATE * SECONDS;
    const [besideLimit, limit] = timeInTurn(() => chain.process(...copy()), () => waitOfTheRecursion(waits), { rounds: 9 });
    const rows: BenchRow[] = [
      fasterBy('against plain JavaScript', times, `${((1000 * SECONDS) / times[0]).toFixed(0)} x real time; samples ${apart.toExponential(0)} apart`),
      {
        what: 'against the wait of the recursion',
        ours: besideLimit,
        yardstick: limit,
        unit: 'ms',
        ratio: limit / besideLimit,
        note: `sum, product, difference per frame, sections two by two: ${Math.round((100 * limit) / besideLimit)} % of that limit`,
      },
    ];
    const version = ffmpegVersion();
    if (version) {
      const [theirs] = ffmpegMsPerSecond([EIGHT_BANDS_FFMPEG], input, RATE);
      rows.push(fasterBy(`against ${version}`, [times[0], theirs! * SECONDS], 'native; 8 equalizer filters in doubles, one thread'));
    }
    return rows;
  },
};
