import { pcmFromArrays } from '../../shared/pcm.ts';
import { analyzeFeatures } from '../../wasm/analysis/analyze.ts';
import { engineBinary } from '../support/engine.ts';
import { musicLike } from '../support/signals.ts';
import { type Bench, type BenchRow, fasterBy, median } from './bench.ts';
import { openEbur128 } from './ebur128.ts';

const RATE = 48_000;
const SECONDS = 60;
const ROUNDS = 4;

export const bench: Bench = {
  name: 'analysis',
  about: `measuring ${SECONDS} s of stereo at 48 kHz, one core`,
  yardstick: 'ebur128-wasm 3.0.0, integrated loudness and true peak only: a scale, not the same work',
  async run() {
    const engine = await engineBinary();
    const theirs = await openEbur128(RATE);
    const channels = musicLike(SECONDS, RATE, 1);
    const rows: BenchRow[] = [];
    for (const f0 of [false, true]) {
      const [ours, scale]: [number[], number[]] = [[], []];
      for (let round = 0; round < ROUNDS; round += 1) {
        const start = performance.now();
        await analyzeFeatures(pcmFromArrays(channels, RATE), { engine, contentHash: '', f0 });
        const between = performance.now();
        theirs.integratedLufs(...channels);
        theirs.truePeakDb(...channels);
        ours.push(between - start);
        scale.push(performance.now() - between);
      }
      const time = median(ours);
      rows.push(fasterBy(f0 ? 'all features and F0' : 'all features', [time, median(scale)], `${((1000 * SECONDS) / time).toFixed(0)} x real time`));
    }
    return rows;
  },
};
