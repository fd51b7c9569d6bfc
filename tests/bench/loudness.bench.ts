import { programmeLoudness } from '../../wasm/analysis/programme-loudness.ts';
import { openEngine } from '../../wasm/host/engine.ts';
import { engineBinary } from '../support/engine.ts';
import { musicLike } from '../support/signals.ts';
import { type Bench, fasterBy, timeInTurn } from './bench.ts';
import { openEbur128 } from './ebur128.ts';

const RATE = 48_000;
const SECONDS = 60;

export const bench: Bench = {
  name: 'loudness',
  about: `integrated loudness and true peak of ${SECONDS} s of stereo at 48 kHz`,
  yardstick: 'ebur128-wasm 3.0.0',
  async run() {
    const theirs = await openEbur128(RATE);
    const [left, right] = musicLike(SECONDS, RATE, 1);
    const engine = await openEngine(await engineBinary());
    const integrated = () => {
      const blocks: number[] = [];
      engine.createMeter('loudness', RATE).process(left, right, (values) => blocks.push(...values));
      return programmeLoudness(blocks).integratedLufs!;
    };
    const truePeak = () => {
      const meter = engine.createMeter('true-peak', RATE);
      meter.process(left, right);
      return meter.finish()[0]!;
    };
    const apartLu = Math.abs(integrated() - theirs.integratedLufs(left, right));
    const apartDb = Math.abs(20 * Math.log10(truePeak()) - theirs.truePeakDb(left, right));
    return [
      fasterBy('integrated loudness', timeInTurn(integrated, () => theirs.integratedLufs(left, right), { rounds: 7 }), `${apartLu.toFixed(3)} LU apart`),
      fasterBy('true peak', timeInTurn(truePeak, () => theirs.truePeakDb(left, right), { rounds: 7 }), `${apartDb.toFixed(3)} dB apart`),
    ];
  },
};
