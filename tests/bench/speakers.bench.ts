import { levelled, normalised, project } from '../../wasm/analysis/speaker-embedding.ts';
import { readVoice, VOICE_FRAMES_PER_SECOND, VOICE_RATE_HZ } from '../../wasm/analysis/voice-frames.ts';
import { voiceStatistics } from '../../wasm/analysis/voice-statistics.ts';
import { type Engine, openEngine } from '../../wasm/host/engine.ts';
import { SPEAKERS, speechOf } from '../../wasm/models/speaker/corpus.ts';
import { PIECE_SPEECH_SECONDS, pieceRanges } from '../../wasm/models/speaker/pieces.ts';
import { speakerProjection } from '../../wasm/models/speaker/projection.ts';
import { engineBinary } from '../support/engine.ts';
import { pinkNoise, randomNumbers } from '../support/signals.ts';
import type { Bench, BenchRow } from './bench.ts';
import { errorRateOf, type Heard } from './speakers/equal-error-rate.ts';

const SECONDS = 150;
/** Of one speaker, so that those with hours of speech do not decide alone. */
const MOST_PIECES = 12;
/** Statistics 0 to 19 are the mean cepstra 1 to 20. */
const MEAN_CEPSTRA = 20;

/** Another microphone in another room: the engine's equalizer with bands drawn anew, and noise 15 to 25 dB under the speech. */
function throughAnotherMicrophone(engine: Engine, samples: Float32Array, seed: number): Float32Array {
  const random = randomNumbers(seed);
  const within = (least: number, most: number) => least + random() * (most - least);
  const bands = [
    { type: 'low_shelf', fHz: within(100, 300), q: 0.7, gainDb: within(-8, 8) },
    { type: 'peak', fHz: within(400, 1200), q: within(0.5, 1.2), gainDb: within(-5, 5) },
    { type: 'peak', fHz: within(1500, 3500), q: within(0.5, 1.2), gainDb: within(-5, 5) },
    { type: 'high_shelf', fHz: within(3000, 5000), q: 0.7, gainDb: within(-8, 8) },
  ] as const;
  const heard = samples.slice();
  engine.createChain(VOICE_RATE_HZ, [{ effect: 'equalizer', values: { bands: bands.slice() } }]).process(heard, heard.slice());
  const rms = Math.sqrt(heard.reduce((sum, value) => sum + value * value, 0) / heard.length);
  const noise = pinkNoise(heard.length, seed + 1);
  const noiseRms = Math.sqrt(noise.reduce((sum, value) => sum + value * value, 0) / noise.length);
  const gain = (rms / noiseRms) * 10 ** (-within(15, 25) / 20);
  return heard.map((value, i) => value + gain * noise[i]!);
}

interface Encodings {
  readonly ours: Heard[];
  readonly cepstra: Heard[];
  readonly centredCepstra: Heard[];
}

const none = (): Encodings => ({ ours: [], cepstra: [], centredCepstra: [] });

export const bench: Bench = {
  name: 'speakers',
  about: `telling apart held-out real speakers by ${PIECE_SPEECH_SECONDS} s of speech: equal-error rate of all pairs`,
  yardstick: 'cosine of mean MFCC 1 to 20',
  async run() {
    const binary = await engineBinary();
    const projection = speakerProjection();
    const [plain, other] = [none(), none()];
    const speakers = SPEAKERS.filter(({ half }) => half === 'held-out');
    for (const [s, { name: speaker, ...source }] of speakers.entries()) {
      let samples: Float32Array;
      try {
        samples = speechOf({ name: speaker, ...source }, VOICE_RATE_HZ, SECONDS);
      } catch (thrown) {
        return [{ what: `not measured: ${String(thrown)}`, ours: Number.NaN, yardstick: null, unit: '%', ratio: null }];
      }
      const hop = VOICE_RATE_HZ / VOICE_FRAMES_PER_SECOND;
      const ranges = pieceRanges(readVoice(await openEngine(binary), levelled(samples)), MOST_PIECES);
      for (const [piece, { start, end }] of ranges.entries()) {
        const cut = samples.slice(start * hop, end * hop);
        const engine = await openEngine(binary);
        for (const [to, heard] of [[plain, cut], [other, throughAnotherMicrophone(engine, cut, 1000 * s + piece)]] as const) {
          const statistics = voiceStatistics(readVoice(engine, levelled(heard)));
          to.ours.push({ speaker, piece, vector: normalised(project(projection, statistics)) });
          to.cepstra.push({ speaker, piece, vector: statistics.slice(0, MEAN_CEPSTRA) });
          to.centredCepstra.push({ speaker, piece, vector: statistics.slice(0, MEAN_CEPSTRA).map((value, k) => value - projection.mean[k]!) });
        }
      }
    }
    const rows: BenchRow[] = [];
    for (const [what, tried] of [['as recorded', plain], ['against another microphone and noise', other]] as const) {
      const { rate, same, different } = errorRateOf(plain.ours, tried.ours);
      for (const [against, row] of [['', 'cepstra'], [', yardstick less the mean of other speakers', 'centredCepstra']] as const) {
        const yardstick = errorRateOf(plain[row], tried[row]).rate;
        rows.push({ what: `${what}${against}`, ours: rate, yardstick, unit: '%', ratio: yardstick / rate, note: `${speakers.length} speakers, ${same} pairs of one, ${different} of two` });
      }
    }
    return rows;
  },
};
