/**
 * How much the clean counterpart itself has that is new: the power of what its own past does not tell, over what is usual. A room
 * answers to it, and a drive, a compressor and a limiter move with it, which no short linear model tells.
 *
 * The filter is learnt once, on what is usual, and then left alone.
 * Source: J. P. Bello and others, A tutorial on onset detection in music signals, IEEE Trans. Speech and Audio Processing 13(5),
 * 2005 (an onset as what surprises a model of what came before). The reach in time is ours.
 */
import type { Rows } from './finding.ts';
import { addAutocorrelation, predictionError, residual } from './linear-prediction.ts';

const ORDER = 32;
/** Hops before that still count: 13 ms of a room's answer; and one after, which a limiter knows ahead. */
const EARLIER = 5;
const LATER = 1;
/** Mean square, -200 dBFS: news beside silence is finite. */
const TINY = 1e-20;
/** And a moment's peak over what 16 bits leave of silence, -140 dBFS. */
const TINY_NEWS = 1e-14;

/**
 * News by hop, 1 and up: the highest of the counterpart's channels, of their difference, and of the hops around.
 * @param start where hop 0 begins in the rows; the order's worth of frames before must be there
 * @param usual hops from 0 on that are learnt from
 */
export function newsOf(clean: Rows, start: number, hop: number, usual: number, hops: number): number[] {
  const rows = clean.map((row) => row.subarray(start - ORDER, start + hops * hop)) as [Float32Array, Float32Array];
  const error = new Float32Array(hops * hop);
  const news = Array.from({ length: hops }, () => 1);
  for (const row of clean[0] === clean[1] ? [rows[0]] : [...rows, sideOf(rows)]) {
    const correlation = new Float64Array(ORDER + 1);
    addAutocorrelation(row, ORDER, ORDER + usual * hop, correlation);
    const filter = predictionError(correlation);
    if (!filter) continue;
    residual(row, ORDER, row.length, filter, error);
    const powers = Array.from({ length: hops }, (_, k) => meanSquare(error, k * hop, (k + 1) * hop));
    const level = powers.slice(0, usual).toSorted((a, b) => a - b)[usual >> 1]! + TINY;
    for (let k = 0; k < hops; k += 1) news[k] = Math.max(news[k]!, powers[k]! / level);
  }
  return news.map((_, k) => Math.max(...news.slice(Math.max(0, k - EARLIER), k + LATER + 1)));
}

/**
 * How far the counterpart's own error stands out at a moment: the largest within `near` of it, over the highest level beside, at
 * least 1; the highest of the channels and of their difference. The filter is learnt on what lies beside.
 * @param beside where the level is read, frames from the moment
 */
export function newsAt(clean: Rows, at: number, near: number, side: number, beside: readonly (readonly [from: number, to: number])[]): number {
  const first = at - side;
  const rows = clean.map((row) => row.subarray(first - ORDER, at + side)) as [Float32Array, Float32Array];
  const error = new Float32Array(2 * side);
  let news = 1;
  for (const row of clean[0] === clean[1] ? [rows[0]] : [...rows, sideOf(rows)]) {
    const correlation = new Float64Array(ORDER + 1);
    addAutocorrelation(row, ORDER, ORDER + side - near, correlation);
    addAutocorrelation(row, ORDER + side + near, row.length, correlation);
    const filter = predictionError(correlation);
    if (!filter) continue;
    residual(row, ORDER, row.length, filter, error);
    const level = Math.sqrt(Math.max(...beside.map(([from, to]) => meanSquare(error, side + from, side + to))) + TINY_NEWS);
    const peak = error.subarray(side - near, side + near).reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    news = Math.max(news, peak / level);
  }
  return news;
}

/** What the channels do not share: where they are nearly the same, a model that takes one for the other is wrong by it. */
const sideOf = ([left, right]: Rows): Float32Array => left.map((x, i) => x - right[i]!);

/** Power of the samples from index `from` to `to`. */
export function meanSquare(samples: Float32Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i += 1) sum += samples[i]! ** 2;
  return sum / (to - from);
}
