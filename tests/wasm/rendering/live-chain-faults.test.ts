/** What is heard while knobs and switches move, looked through by the artefact detector beside what plays. */
import { expect, test } from 'vitest';
import { pcmFromArrays } from '../../../shared/pcm.ts';
import type { Style } from '../../../shared/style.ts';
import { findFaults } from '../../../wasm/rendering/faults/find-faults.ts';
import type { Finding } from '../../../wasm/rendering/faults/finding.ts';
import { LiveChain, type LiveInput, type LiveSound } from '../../../wasm/rendering/live-chain.ts';
import { composedPiece } from '../../bench/identify/material.ts';
import { engineBinary } from '../../support/engine.ts';
import { styleWith } from '../../support/rendering.ts';

const RATE = 48_000;
const QUANTUM = 128;
const SECONDS = 8;

const piece = composedPiece(7).channels.map((row) => row.slice(0, SECONDS * RATE)) as [Float32Array, Float32Array];

const input: LiveInput = {
  channels: 2,
  frames: piece[0].length,
  oldestFrame: 0,
  read(frame, left, right) {
    [left, right].forEach((row, c) => {
      for (let i = 0; i < row.length; i += 1) row[i] = piece[c as 0 | 1][frame + i] ?? 0;
    });
    return true;
  },
};

const peak = (gainDb: number): Style => styleWith({ eq: { bands: [{ type: 'peak', fHz: 700, q: 1, gainDb }] } });
const full = (intensity: number): Style => ({
  ...styleWith({
    eq: { bands: [{ type: 'high_shelf', fHz: 3000, q: 0.7, gainDb: 6 }] },
    dynamics: {
      crossover1Hz: 120, crossover2Hz: 1000, crossover3Hz: 5000,
      bands: [{ thresholdDb: -24, ratio: 2, lowThresholdDb: -90, lowRatio: 1, kneeDb: 6, attackMs: 15, releaseMs: 150, rmsMs: 10, makeupDb: 3 }],
    },
    stereo: { crossover1Hz: 250, crossover2Hz: 4000, widthLow: 1, widthMid: 1.4, widthHigh: 0.7 },
  }),
  intensity,
});

const sound = (style: Style, gainDb = -6): LiveSound => ({ style, settings: { gainDb, ceilingDbtp: -1 } });

/** Quanta between changes, and what is set then. */
const MOVES: Readonly<Record<string, readonly [every: number, of: (turn: number) => LiveSound]>> = {
  // 0.5 dB every 16 ms: as fast as a slider reports.
  'an equaliser knob swept up and down': [6, (turn) => sound(peak(9 * Math.sin(turn / 18)))],
  'the gain swept up and down': [6, (turn) => sound(peak(3), -6 + 4 * Math.sin(turn / 12))],
  'the intensity swept up and down': [6, (turn) => sound(full(0.55 + 0.45 * Math.sin(turn / 15)))],
  'everything switched on and off': [113, (turn) => sound(turn % 2 === 0 ? full(1) : peak(0.5))],
};

async function played([every, of]: (typeof MOVES)[string]): Promise<[Float32Array, Float32Array]> {
  const chain = new LiveChain(await engineBinary(), RATE, input, of(0));
  const out: [Float32Array, Float32Array] = [new Float32Array(piece[0].length), new Float32Array(piece[0].length)];
  for (let at = 0, n = 1; at < out[0].length; at += QUANTUM, n += 1) {
    if (n % every === 0) chain.set(of(n / every));
    chain.render(at, out[0].subarray(at, at + QUANTUM), out[1].subarray(at, at + QUANTUM));
  }
  return out;
}

const faultsOf = async (result: readonly Float32Array[]): Promise<Finding[]> =>
  findFaults({ engine: await engineBinary(), result: pcmFromArrays(result, RATE), clean: pcmFromArrays(piece, RATE), kinds: ['click', 'gap', 'zipper'] });

test.each(Object.entries(MOVES))('%s: no click, no gap, no zipper noise is heard', { timeout: 60_000 }, async (_, move) => {
  expect(await faultsOf(await played(move))).toEqual([]);
});

test('the same knob moved under the sound that is heard is found: steps of 1 dB and more every 8 ms', { timeout: 60_000 }, async () => {
  const stepped = piece.map((row) => row.map((x, i) => x * 10 ** ((3 * Math.sin(Math.floor(i / 384) / 2)) / 20)));
  expect((await faultsOf(stepped)).map(({ kind }) => kind)).toContain('zipper');
});

test('a switch without a crossing is found as a click', { timeout: 60_000 }, async () => {
  const [one, other] = [await played([Infinity, () => sound(full(1))]), await played([Infinity, () => sound(peak(0.5))])];
  const hard = one.map((row, c) => row.map((x, i) => (Math.floor(i / (113 * QUANTUM)) % 2 === 0 ? x : other[c as 0 | 1][i]!)));
  expect((await faultsOf(hard)).filter(({ kind }) => kind === 'click').length).toBeGreaterThan(3);
});
