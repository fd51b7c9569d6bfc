import { expect, test } from 'vitest';
import { equalizerResponseDb } from '../../../shared/equalizer-response.ts';
import { irWav } from '../../../wasm/export/ir-wav/ir-wav.ts';
import { byteSourceFromArray } from '../../../wasm/formats/byte-source.ts';
import { openWav } from '../../../wasm/formats/wav-reader.ts';
import { obeysTheLawsOfAnExporter } from '../../contracts/exporter.ts';
import { engineBinary } from '../../support/engine.ts';
import { styleWith } from '../../support/rendering.ts';
import { FIR_KEY, STYLE_WITH_EVERYTHING } from '../../support/styles.ts';

obeysTheLawsOfAnExporter(irWav, ['eq', 'matchFir']);

/** Level of a response at a frequency, dB. */
function levelDb(response: Float32Array, hz: number, sampleRate: number): number {
  let [re, im] = [0, 0];
  response.forEach((value, i) => {
    const angle = (2 * Math.PI * hz * i) / sampleRate;
    re += value * Math.cos(angle);
    im -= value * Math.sin(angle);
  });
  return 20 * Math.log10(Math.hypot(re, im));
}

test.each([44_100, 96_000])('at %i Hz the response has the magnitude of the equalizer and starts at once', async (sampleRate) => {
  const bands = STYLE_WITH_EVERYTHING.modules.eq.values.bands;
  const { bytes } = await irWav.encode(styleWith({ eq: { bands } }), { engine: await engineBinary(), sampleRate, name: '' });
  const pcm = await openWav(byteSourceFromArray(bytes));
  expect(pcm).toMatchObject({ sampleRate, channels: 1 });
  const [response] = await pcm.read(0, pcm.frames);
  const hz = [50, 100, 500, 1000, 2500, 5000, 10_000, 16_000];
  equalizerResponseDb(bands, hz, sampleRate).forEach((expected, i) => expect(Math.abs(levelDb(response!, hz[i]!, sampleRate) - expected)).toBeLessThan(0.05));
  const loudest = response!.reduce((best, value, i) => (Math.abs(value) > Math.abs(response![best]!) ? i : best), 0);
  expect(loudest).toBeLessThan(4);
});

test('the match filter is folded in, without its delay; that the sides differ is said', async () => {
  const style = styleWith({ matchFir: { irKey: FIR_KEY, amount: 1 } }, STYLE_WITH_EVERYTHING.irs);
  const { bytes, losses } = await irWav.encode(style, { engine: await engineBinary(), sampleRate: 48_000, name: '' });
  expect(losses.map(({ code }) => code)).toEqual(['matchFir/mid-only']);
  const pcm = await openWav(byteSourceFromArray(bytes));
  const [response] = await pcm.read(0, pcm.frames);
  // 1 + 0.2 cos(w): the taps of the middle
  for (const hz of [1000, 12_000, 20_000]) {
    expect(levelDb(response!, hz, 48_000)).toBeCloseTo(20 * Math.log10(1 + 0.2 * Math.cos((2 * Math.PI * hz) / 48_000)), 1);
  }
});
