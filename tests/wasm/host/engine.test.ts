import { expect, test } from 'vitest';
import { freshEngine } from '../../support/engine.ts';
import { difference } from '../../support/samples.ts';
import { whiteNoise } from '../../support/signals.ts';

test('a gain of -6 dB scales every sample, whatever the chunk length', async () => {
  const engine = await freshEngine();
  const input = whiteNoise(40_000, 1);
  const run = (chunk: number) => {
    const chain = engine.createChain(48_000, [{ effect: 'gain', values: { gainDb: -6 } }]);
    const left = input.slice();
    const right = input.slice();
    for (let at = 0; at < left.length; at += chunk) {
      chain.process(left.subarray(at, at + chunk), right.subarray(at, at + chunk));
    }
    return left;
  };
  const whole = run(40_000);
  expect(whole[123]).toBeCloseTo(input[123]! * 10 ** (-6 / 20), 6);
  expect(difference(whole, run(7)).first).toBe(-1);
});
