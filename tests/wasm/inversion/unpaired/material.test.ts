import { expect, test } from 'vitest';
import { compareMaterial } from '../../../../wasm/inversion/unpaired/material.ts';
import { measure } from '../../../support/analyze.ts';
import { musicLike, pinkNoise } from '../../../support/signals.ts';

const RATE = 44_100;

/** Noise in syllables of 180 ms with gaps between them: what speech does to levels. */
const syllables = (seed: number): Float32Array[] => [
  pinkNoise(10 * RATE, seed).map((x, i) => x * (Math.floor(i / (0.18 * RATE)) % 2 === 0 ? 1 : 0.02)),
];

test('two stretches of one piece are taken for one piece, music and noise are not', async () => {
  const [first, second] = [await measure(musicLike(10, RATE, 11), RATE), await measure(musicLike(10, RATE, 12), RATE)];
  const noise = await measure([pinkNoise(10 * RATE, 1), pinkNoise(10 * RATE, 2)], RATE);
  expect(compareMaterial(first, second).onePiece).toBeGreaterThan(0.9);
  expect(compareMaterial(first, noise).onePiece).toBeLessThan(0.3);
});

test('levels that fall between syllables are a voice, steady ones are not', async () => {
  const [one, other] = [await measure(syllables(1), RATE), await measure(syllables(2), RATE)];
  const music = await measure(musicLike(10, RATE, 11), RATE);
  expect(compareMaterial(one, other).isVoice).toBe(true);
  expect(compareMaterial(one, music).isVoice).toBe(false);
});
