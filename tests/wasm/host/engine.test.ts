import { expect, test } from 'vitest';
import { type Engine, openEngineAtOnce } from '../../../wasm/host/engine.ts';
import { bodySteps } from '../../../wasm/rendering/style-chain.ts';
import { engineBinary, freshEngine } from '../../support/engine.ts';
import { difference } from '../../support/samples.ts';
import { whiteNoise } from '../../support/signals.ts';
import { STYLE_WITH_EVERYTHING } from '../../support/styles.ts';

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

test('a chain that was released leaves its memory to the next one, which starts from nothing', async () => {
  const binary = await engineBinary();
  const engine = openEngineAtOnce(binary);
  const { irs } = STYLE_WITH_EVERYTHING;
  const steps = bodySteps(STYLE_WITH_EVERYTHING, 2);
  const heard = (from: Engine): Float32Array => {
    const chain = from.createChain(48_000, steps, irs);
    const left = whiteNoise(20_000, 1);
    chain.process(left, whiteNoise(20_000, 2));
    chain.release();
    return left;
  };
  const first = heard(engine);
  const bytes = engine.raw.memory.buffer.byteLength;
  for (let round = 0; round < 20; round += 1) heard(engine);
  expect(engine.raw.memory.buffer.byteLength).toBe(bytes);
  expect(difference(heard(engine), first).first).toBe(-1);
  expect(difference(heard(await freshEngine()), first).first).toBe(-1);
});
