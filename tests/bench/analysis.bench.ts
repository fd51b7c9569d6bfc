import { pcmFromArrays } from '../../shared/pcm.ts';
import { analyzeFeatures } from '../../wasm/analysis/analyze.ts';
import { programmeLoudness } from '../../wasm/analysis/programme-loudness.ts';
import { openEngine } from '../../wasm/host/engine.ts';
import { engineBinary } from '../support/engine.ts';
import { musicLike } from '../support/signals.ts';
import { type Bench, fasterBy, median, timeInTurn } from './bench.ts';
import { openEbur128 } from './ebur128.ts';

const RATE = 48_000;
const SECONDS = 60;

export const bench: Bench = {
  name: 'analysis',
  about: `measuring ${SECONDS} s of stereo at 48 kHz`,
  yardstick: 'ebur128-wasm 3.0.0',
  async run() {
    const binary = await engineBinary();
    const theirs = await openEbur128(RATE);
    const [left, right] = musicLike(SECONDS, RATE, 1);
    const engine = await openEngine(binary);
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
    const rows = [
      fasterBy('integrated loudness', timeInTurn(integrated, () => theirs.integratedLufs(left, right), { rounds: 7 }), `${apartLu.toFixed(3)} LU apart`),
      fasterBy('true peak', timeInTurn(truePeak, () => theirs.truePeakDb(left, right), { rounds: 7 }), `${apartDb.toFixed(3)} dB apart`),
    ];
    for (const f0 of [false, true]) {
      const times: number[] = [];
      for (let round = 0; round < 4; round += 1) {
        const start = performance.now();
        await analyzeFeatures(pcmFromArrays([left, right], RATE), { engine: binary, contentHash: '', f0 });
        times.push(performance.now() - start);
      }
      const ours = median(times);
      rows.push({ what: f0 ? 'all features and F0' : 'all features', ours, yardstick: null, unit: 'ms', ratio: null, note: `${((1000 * SECONDS) / ours).toFixed(0)} x real time` });
    }
    return rows;
  },
};
