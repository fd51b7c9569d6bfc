import { expect, test } from 'vitest';
import { pcmFromArrays } from '../../../shared/pcm.ts';
import { Resampler, resamplePcm } from '../../../wasm/host/resampler.ts';
import { freshEngine } from '../../support/engine.ts';
import { difference } from '../../support/samples.ts';
import { sine, whiteNoise } from '../../support/signals.ts';

const PAIRS = [[44_100, 48_000], [48_000, 44_100], [96_000, 44_100], [8000, 48_000], [48_000, 8000], [44_101, 48_000], [192_000, 22_050]] as const;

test.each(PAIRS)('%i to %i Hz keeps a sine in time and level within -110 dB', async (from, to) => {
  const resampler = new Resampler(await freshEngine(), from, to);
  const hz = Math.min(from, to) * 0.31;
  const output = resampler.resampleAll(sine(from / 2, hz, from));
  const expected = sine(output.length, hz, to);
  const inner = [Math.round(output.length * 0.3), Math.round(output.length * 0.7)] as const;
  expect(output.length).toBe(Math.ceil((Math.floor(from / 2) * to) / from));
  expect(20 * Math.log10(difference(output.subarray(...inner), expected.subarray(...inner)).largest)).toBeLessThan(-110);
});

test('what lies above the new Nyquist frequency is gone by 110 dB', async () => {
  const resampler = new Resampler(await freshEngine(), 48_000, 32_000);
  const output = resampler.resampleAll(sine(48_000, 17_000, 48_000));
  expect(20 * Math.log10(difference(output.subarray(8000, 24_000), new Float32Array(16_000)).largest)).toBeLessThan(-110);
});

test('a resampled recording reads the same samples in any cut', async () => {
  const engine = await freshEngine();
  const pcm = resamplePcm(pcmFromArrays([whiteNoise(30_000, 3)], 44_100), 48_000, engine);
  const [whole] = await pcm.read(0, pcm.frames);
  const pieces = new Float32Array(pcm.frames);
  for (let at = 0; at < pcm.frames; at += 977) pieces.set((await pcm.read(at, 977))[0]!, at);
  expect(whole!.length).toBe(pcm.frames);
  expect(difference(whole!, pieces).first).toBe(-1);
});
