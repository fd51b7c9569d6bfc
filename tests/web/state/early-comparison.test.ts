import { expect, test } from 'vitest';
import { pcmFromArrays } from '../../../shared/pcm.ts';
import { analyzeFeatures } from '../../../wasm/analysis/analyze.ts';
import { predictedSettings } from '../../../web/state/early-comparison.ts';
import { engineBinary } from '../../support/engine.ts';
import { renderArrays, styleWith } from '../../support/rendering.ts';
import { musicLike } from '../../support/signals.ts';

const RATE = 44_100;
const BRIGHT = { bands: [{ type: 'high_shelf', fHz: 3000, q: 0.7, gainDb: 9 }, { type: 'peak', fHz: 150, q: 1, gainDb: -6 }] } as const;

test.each([
  ['an equalizer', styleWith({ eq: { bands: [...BRIGHT.bands] }, lufs: { targetDb: -24 } })],
  ['a limiter that rests', styleWith({ eq: { bands: [...BRIGHT.bands] }, lufs: { targetDb: -32 }, limiter: { tpDb: -1, lookaheadMs: 3, releaseMs: 120 } })],
  ['nothing but loudness', styleWith({ lufs: { targetDb: -18 } })],
  ['nothing at all', styleWith({})],
])('the gain behind %s is predicted within 0.5 dB of what a render measures', async (_what, style) => {
  const engine = await engineBinary();
  const channels = musicLike(8, RATE, 4);
  const features = await analyzeFeatures(pcmFromArrays(channels, RATE), { engine, contentHash: '' });
  const { report } = await renderArrays(channels, RATE, style, { engine });
  const predicted = predictedSettings(style, features);
  expect(Math.abs(predicted.gainDb - report.settings.gainDb)).toBeLessThan(0.5);
  expect(predicted.targetLufs).toBe(report.settings.targetLufs);
});
