import { expect, test } from 'vitest';
import { pcmFromArrays } from '../../../shared/pcm.ts';
import { FaultCounter, PumpCounter } from '../../../wasm/rendering/artifacts.ts';
import { measureArtifacts } from '../../../wasm/rendering/measure-result.ts';
import { pinkNoise, randomNumbers } from '../../support/signals.ts';

const RATE = 44_100;

/** Hits of tone and noise with attacks of 1 ms that ring out fully. */
function hits(seconds: number, seed: number): Float32Array {
  const random = randomNumbers(seed);
  const samples = new Float32Array(seconds * RATE);
  for (let start = 0; start < samples.length; start += Math.round(RATE * (0.1 + 0.3 * random()))) {
    const [hz, level] = [80 * 2 ** (5 * random()), 0.1 + 0.3 * random()];
    for (let i = 0; i < Math.min(RATE, samples.length - start); i += 1) {
      const envelope = Math.min(1, i / 44) * Math.exp(-i / (0.06 * RATE));
      samples[start + i]! += level * envelope * (Math.sin((2 * Math.PI * hz * i) / RATE) + 0.5 * (random() - 0.5));
    }
  }
  return samples;
}

const left = hits(20, 1);
const right = hits(20, 2);

function faults(rows: readonly [Float32Array, Float32Array]): [clicks: number, gaps: number] {
  const counter = new FaultCounter(RATE);
  // In pieces: nothing may depend on where they end.
  for (let at = 0; at < rows[0].length; at += 10_007) counter.add(rows[0].subarray(at, at + 10_007), rows[1].subarray(at, at + 10_007));
  return [counter.clicks, counter.gaps];
}

test('hits with sharp attacks and noise are no artefacts', () => {
  expect(faults([left, right])).toEqual([0, 0]);
  const noise = pinkNoise(10 * RATE, 3);
  expect(faults([noise, noise])).toEqual([0, 0]);
});

test('single wrong samples and steps are clicks, each once', () => {
  const broken = left.slice();
  for (const second of [3.1, 7.6, 12.9]) broken[Math.round(second * RATE)]! += 0.5;
  expect(faults([broken, right])[0]).toBe(3);
});

test('dropouts are gaps, each once; silence at both ends is none', () => {
  const noise = pinkNoise(10 * RATE, 4);
  for (const second of [2, 5.5]) noise.fill(noise[Math.round(second * RATE)]!, Math.round(second * RATE), Math.round((second + 0.01) * RATE));
  noise.fill(0, 0, RATE);
  noise.fill(0, 9 * RATE);
  expect(faults([noise, noise])[1]).toBe(2);
});

test('a gain that dips by 14 dB twice a second pumps; a fader move and a constant gain do not', () => {
  const noise = pinkNoise(20 * RATE, 5);
  const count = (gainDb: (seconds: number) => number): number => {
    const counter = new PumpCounter(RATE);
    const moved = noise.map((sample, i) => sample * 10 ** (gainDb(i / RATE) / 20));
    counter.add([moved, moved], [noise, noise]);
    return counter.events;
  };
  const pumping = count((t) => -14 * Math.max(0, 1 - (t % 0.5) / 0.3));
  expect(pumping).toBeGreaterThan(35);
  expect(pumping).toBeLessThan(42);
  expect(count((t) => -12 + t)).toBe(0);
  expect(count(() => 6)).toBe(0);
});

test('the rate is per minute, and what the target has itself does not count', async () => {
  const broken = left.slice();
  broken[5 * RATE]! += 0.5;
  const rate = (result: Float32Array, target: Float32Array) =>
    measureArtifacts(pcmFromArrays([result, right], RATE), pcmFromArrays([target, right], RATE), undefined);
  expect(await rate(broken, left)).toBeCloseTo(3, 5);
  expect(await rate(broken, broken)).toBe(0);
});
