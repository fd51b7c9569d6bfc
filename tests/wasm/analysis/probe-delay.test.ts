import { beforeAll, expect, test } from 'vitest';
import { findProbe, HEARD_DB, probeSignal } from '../../../wasm/analysis/probe-delay.ts';
import type { Engine } from '../../../wasm/host/engine.ts';
import { freshEngine } from '../../support/engine.ts';
import { pinkNoise, whiteNoise } from '../../support/signals.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await freshEngine();
});

/** The probe, heard `delay` frames late, under noise. */
function heardAfter(delay: number, sampleRate: number, gain: number, noise: Float32Array): Float32Array {
  const probe = probeSignal(sampleRate);
  const out = noise.slice();
  for (let i = 0; i < probe.length; i += 1) out[delay + i]! += gain * probe[i]!;
  return out;
}

test.each([16_000, 44_100, 48_000, 96_000, 192_000])('a probe is found where it lies, to a frame, at %i Hz', (sampleRate) => {
  const delay = Math.round(0.1234 * sampleRate);
  const { delayFrames, clarityDb } = findProbe(engine, heardAfter(delay, sampleRate, 0.5, new Float32Array(Math.round(0.6 * sampleRate))), probeSignal(sampleRate));
  expect(Math.abs(delayFrames - delay)).toBeLessThan(0.5);
  expect(clarityDb).toBeGreaterThan(HEARD_DB);
});

test('a probe as quiet as the noise over it is found within 0.1 ms, also upside down', () => {
  for (const gain of [0.3, -0.3]) {
    for (let seed = 1; seed <= 5; seed += 1) {
      const { delayFrames, clarityDb } = findProbe(engine, heardAfter(9000, 48_000, gain, pinkNoise(48_000, seed, 0.1)), probeSignal(48_000));
      expect(Math.abs(delayFrames - 9000)).toBeLessThan(4.8);
      expect(clarityDb).toBeGreaterThan(HEARD_DB);
    }
  }
});

test('where no probe was played none is heard', () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    expect(findProbe(engine, whiteNoise(48_000, seed), probeSignal(48_000)).clarityDb).toBeLessThan(HEARD_DB);
    expect(findProbe(engine, pinkNoise(48_000, seed), probeSignal(48_000)).clarityDb).toBeLessThan(HEARD_DB);
  }
  expect(findProbe(engine, new Float32Array(48_000), probeSignal(48_000)).clarityDb).toBe(0);
});

test('a weaker echo behind the probe does not move it', () => {
  const recorded = heardAfter(9800, 48_000, 0.2, heardAfter(9000, 48_000, 0.4, whiteNoise(48_000, 3, 0.02)));
  expect(Math.abs(findProbe(engine, recorded, probeSignal(48_000)).delayFrames - 9000)).toBeLessThan(1);
});
