import { expect, test } from 'vitest';
import { obeysTheLaws } from '../../contracts/processor-laws.ts';
import { freshEngine } from '../../support/engine.ts';

obeysTheLaws({
  effect: 'gain',
  neutral: { gainDb: 0 },
  neutralNullDb: -Infinity,
  working: { 'down 7 dB': { gainDb: -7 }, 'up 30 dB': { gainDb: 30 } },
  commutesWithSwap: true,
});

test('a gain of -6 dB is a factor of 0.5012', async () => {
  const chain = (await freshEngine()).createChain(48_000, [{ effect: 'gain', values: { gainDb: -6 } }]);
  const left = new Float32Array([1, -1, 0.5]);
  chain.process(left, new Float32Array(3));
  expect(left[0]).toBeCloseTo(0.501187, 6);
  expect(left[1]).toBeCloseTo(-0.501187, 6);
});
