import { type Chain, openEngine } from '../../wasm/host/engine.ts';
import { engineBinary } from '../support/engine.ts';
import { musicLike, randomNumbers, sine } from '../support/signals.ts';
import { toneFit } from '../support/tone-fit.ts';
import { type Bench, type BenchRow, fasterBy, timeInTurn } from './bench.ts';
import { openSignalsmith } from './signalsmith.ts';

const RATE = 48_000;
const SECONDS = 5;
const SEMITONES = 2;

type Shift = (left: Float32Array, right: Float32Array) => void;

/** Cents by which a tone comes out wrong, and everything that is not the tone. */
function tone(shift: Shift, hz: number): { cents: number; snrDb: number } {
  const left = sine(3 * RATE, hz, RATE);
  shift(left, left.slice());
  const steady = left.subarray(1.5 * RATE, 2 * RATE);
  const restAt = (cents: number) => toneFit(steady, hz * 2 ** (SEMITONES / 12 + cents / 1200), RATE).restDb;
  let cents = 0;
  for (let step = 8; step > 0.001; step /= 2) cents = [-3, -2, -1, 0, 1, 2, 3].map((k) => cents + k * step).reduce((a, b) => (restAt(b) < restAt(a) ? b : a));
  return { cents: Math.abs(cents), snrDb: -restAt(cents) };
}

/** Energy more than 3 ms ahead of the attack of a struck sound, re all of it. */
function preEchoDb(shift: Shift, late: number): number {
  const left = new Float32Array(2 * RATE);
  const random = randomNumbers(5);
  for (let i = 0; i < 6000; i += 1) left[RATE + i] = (random() - 0.5) * Math.exp(-i / 600);
  shift(left, left.slice());
  const energy = (from: number, to: number) => left.subarray(from, to).reduce((sum, x) => sum + x * x, 0);
  return 10 * Math.log10(energy(0, RATE + late - 144) / energy(0, left.length));
}

export const bench: Bench = {
  name: 'pitch-shift',
  about: `${SEMITONES} semitones up with formants kept, ${SECONDS} s of stereo at 48 kHz`,
  yardstick: 'signalsmith-stretch 1.3.2, default preset with formant compensation',
  async run() {
    const engine = await openEngine(await engineBinary());
    const theirs = await openSignalsmith(RATE);
    const chain: Chain = engine.createChain(RATE, [{ effect: 'pitch-shift', values: { semitones: SEMITONES } }]);
    const ourShift: Shift = (left, right) => {
      chain.reset();
      chain.process(left, right);
    };
    const theirShift: Shift = (left, right) => theirs.shift(left, right, SEMITONES);
    const [left, right] = musicLike(SECONDS, RATE, 1);
    const times = timeInTurn(() => ourShift(left.slice(), right.slice()), () => theirShift(left.slice(), right.slice()), { rounds: 7 });
    const rows: BenchRow[] = [fasterBy('speed', times, `${Math.round((SECONDS * 1000) / times[0])} x real time`)];
    for (const hz of [110, 440, 3000]) {
      const [our, their] = [tone(ourShift, hz), tone(theirShift, hz)];
      rows.push({ what: `tone at ${hz} Hz, out of tune by`, ours: our.cents, yardstick: their.cents, unit: 'cents', ratio: null });
      rows.push({ what: `tone at ${hz} Hz, signal to noise`, ours: our.snrDb, yardstick: their.snrDb, unit: 'dB', ratio: null });
    }
    const [our, their] = [preEchoDb(ourShift, chain.latencyFrames), preEchoDb(theirShift, theirs.latencyFrames)];
    rows.push({ what: 'energy ahead of an attack', ours: our, yardstick: their, unit: 'dB', ratio: null });
    return rows;
  },
};
