/**
 * Makes the projection of speaker embeddings, `table.ts`, from the training half of the corpus:
 * `npx tsx wasm/models/speaker/train.ts`. Needs ffmpeg, apt and dpkg; the same corpus gives the same table.
 *
 * Linear discriminant analysis with a ridge, then within-class whitening: directions in which speakers differ and one
 * speaker does not, each with the share of its variance that speakers account for.
 * Sources: R. Fisher, 1936; A. Hatch, S. Kajarekar, A. Stolcke, Within-class covariance normalization, Interspeech 2006.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { EMBEDDING_DIMENSIONS, levelled } from '../../analysis/speaker-embedding.ts';
import { readVoice, VOICE_RATE_HZ } from '../../analysis/voice-frames.ts';
import { STATISTICS_COUNT, voiceStatistics } from '../../analysis/voice-statistics.ts';
import { compileEngine, openEngine } from '../../host/engine.ts';
import { SPEAKERS, speechOf } from './corpus.ts';
import { generalisedEigen } from './linear-algebra.ts';
import { otherMicrophone, seededRandom } from './other-microphone.ts';
import { pieceOf, pieceRanges } from './pieces.ts';

const VERSION = 'tonetwin-statistics-1';
const SECONDS = 150;
const MOST_PIECES = 30;
/** Copies of each piece behind other microphones. */
const COPIES = 2;
/** Share of an even spread in the covariances: with 35 speakers they are not known better. Found by leaving speakers of the training half out in turn, with the power below. */
const WITHIN_RIDGE = 0.1;
const BETWEEN_RIDGE = 0.02;
/** Directions count with (λ / (1 + λ)) to this power. */
const SHARE_POWER = 0.5;

const n = STATISTICS_COUNT;

async function statisticsOfSpeakers(): Promise<Float64Array[][]> {
  const binary = await compileEngine(new Uint8Array(readFileSync(new URL('../../build/out/engine.wasm', import.meta.url))));
  const random = seededRandom(1);
  const speakers: Float64Array[][] = [];
  for (const speaker of SPEAKERS.filter(({ half }) => half === 'train')) {
    const frames = readVoice(await openEngine(binary), levelled(speechOf(speaker, VOICE_RATE_HZ, SECONDS)));
    const pieces = pieceRanges(frames, MOST_PIECES).map((range) => pieceOf(frames, range));
    console.log(`${speaker.name}: ${pieces.length} pieces`);
    if (pieces.length < 2) continue;
    speakers.push(pieces.flatMap((piece) => [piece, ...Array.from({ length: COPIES }, () => otherMicrophone(piece, random))].map(voiceStatistics)));
  }
  return speakers;
}

function meanOf(rows: readonly Float64Array[]): Float64Array {
  const mean = new Float64Array(n);
  for (const row of rows) for (let k = 0; k < n; k += 1) mean[k]! += row[k]! / rows.length;
  return mean;
}

/** Adds weight x (row - centre)(row - centre)'. */
function addOuter(matrix: Float64Array, row: Float64Array, centre: Float64Array, weight: number): void {
  for (let i = 0; i < n; i += 1) {
    const d = weight * (row[i]! - centre[i]!);
    for (let j = 0; j < n; j += 1) matrix[i * n + j]! += d * (row[j]! - centre[j]!);
  }
}

function ridged(matrix: Float64Array, keep: number, ridge: number): Float64Array {
  let trace = 0;
  for (let i = 0; i < n; i += 1) trace += matrix[i * n + i]!;
  return matrix.map((value, at) => keep * value + (at % (n + 1) === 0 ? (ridge * trace) / n : 0));
}

export function makeProjection(speakers: readonly (readonly Float64Array[])[]): { mean: Float64Array; scale: Float64Array; rows: Float64Array[] } {
  const all = speakers.flat();
  const mean = meanOf(all);
  const scale = new Float64Array(n);
  for (const row of all) for (let k = 0; k < n; k += 1) scale[k]! += (row[k]! - mean[k]!) ** 2 / all.length;
  for (let k = 0; k < n; k += 1) scale[k] = Math.sqrt(scale[k]!) + 1e-6;
  const even = speakers.map((rows) => rows.map((row) => row.map((value, k) => (value - mean[k]!) / scale[k]!)));
  const centres = even.map(meanOf);
  const within = new Float64Array(n * n);
  const between = new Float64Array(n * n);
  const middle = meanOf(centres);
  even.forEach((rows, s) => {
    for (const row of rows) addOuter(within, row, centres[s]!, 1 / (rows.length * even.length));
    addOuter(between, centres[s]!, middle, 1 / even.length);
  });
  const { values, rows } = generalisedEigen(ridged(between, 1, BETWEEN_RIDGE), ridged(within, 1 - WITHIN_RIDGE, WITHIN_RIDGE), n);
  return { mean, scale, rows: rows.slice(0, EMBEDDING_DIMENSIONS).map((row, k) => row.map((weight) => weight * (values[k]! / (1 + values[k]!)) ** SHARE_POWER)) };
}

const base64 = (view: ArrayBufferView): string => Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString('base64');

/** Weights in 8 bits: a row's largest is ±127. */
function tableText({ mean, scale, rows }: ReturnType<typeof makeProjection>): string {
  const steps = Float32Array.from(rows, (row) => row.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0) / 127);
  const weights = Int8Array.from(rows.flatMap((row, r) => Array.from(row, (weight) => Math.round(weight / steps[r]!))));
  const lines = Object.entries({ MEAN: Float32Array.from(mean), SCALE: Float32Array.from(scale), STEPS: steps, WEIGHTS: weights });
  return [
    '/* Generated by wasm/models/speaker/train.ts; see the card beside it. Do not edit. */',
    `export const VERSION = '${VERSION}';`,
    ...lines.map(([name, view]) => `export const ${name} =\n  '${base64(view)}';`),
    '',
  ].join('\n');
}

const isMain = process.argv[1] === fileURLToPath(import.meta.url);
if (isMain) {
  void statisticsOfSpeakers().then((speakers) => {
    writeFileSync(new URL('table.ts', import.meta.url), tableText(makeProjection(speakers)));
    console.log(`${speakers.length} speakers, ${speakers.flat().length} rows`);
  });
}
