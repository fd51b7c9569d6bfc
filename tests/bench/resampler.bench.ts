import libsamplerate from '@alexanderolsen/libsamplerate-js';
import { openEngine } from '../../wasm/host/engine.ts';
import { Resampler } from '../../wasm/host/resampler.ts';
import { engineBinary } from '../support/engine.ts';
import { toneFit } from '../support/tone-fit.ts';
import { sine, whiteNoise } from '../support/signals.ts';
import { type Bench, type BenchRow, fasterBy, timeInTurn } from './bench.ts';

const SECONDS = 5;

export const bench: Bench = {
  name: 'resampler',
  about: `${SECONDS} s of one channel, speed and signal to noise of a tone at 15 kHz`,
  yardstick: 'libsamplerate-js 2.1.2, medium sinc',
  async run() {
    const rows: BenchRow[] = [];
    for (const [from, to] of [[44_100, 48_000], [48_000, 44_100], [44_100, 96_000]] as const) {
      const ours = new Resampler(await openEngine(await engineBinary()), from, to);
      const theirs = await libsamplerate.create(1, from, to, { converterType: libsamplerate.ConverterType.SRC_SINC_MEDIUM_QUALITY });
      const noise = whiteNoise(SECONDS * from, 1);
      const tone = sine(2 * from, 15_000, from);
      const snrDb = (samples: Float32Array) => -toneFit(samples.subarray(0.5 * to, 1.5 * to), 15_000, to).restDb;
      rows.push(fasterBy(`${from} to ${to} Hz`, timeInTurn(() => ours.resampleAll(noise), () => theirs.full(noise), { rounds: 7 })));
      const [our, their] = [snrDb(ours.resampleAll(tone)), snrDb(theirs.simple(tone))];
      rows.push({ what: `${from} to ${to} Hz, signal to noise`, ours: our, yardstick: their, unit: 'dB', ratio: null });
    }
    return rows;
  },
};
