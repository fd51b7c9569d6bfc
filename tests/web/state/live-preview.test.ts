import { expect, test } from 'vitest';
import { guessSettings } from '../../../web/state/live-preview.ts';
import { styleWith } from '../../support/rendering.ts';

const last = { gainDb: 4, ceilingDbtp: null, measured: { integratedLufs: -16, truePeakDbtp: -3 }, targetLufs: -16 };
const limiter = { tpDb: -1.5, lookaheadMs: 3, releaseMs: 100 };

test('another loudness moves the gain by the difference', () => {
  expect(guessSettings(styleWith({ lufs: { targetDb: -14 } }), last, -20)).toEqual({
    gainDb: 6, ceilingDbtp: null, measured: { integratedLufs: -14, truePeakDbtp: -3 }, targetLufs: -14,
  });
});

test('without a loudness to reach the gain is taken back', () => {
  expect(guessSettings(styleWith({}), last, -20)).toMatchObject({ gainDb: 0, measured: { integratedLufs: -20 }, targetLufs: null });
});

test('a limiter that is on always keeps its ceiling, one that is off has none', () => {
  expect(guessSettings(styleWith({ lufs: { targetDb: -16 }, limiter }), last, -20).ceilingDbtp).toBe(-1.5);
  expect(guessSettings(styleWith({ lufs: { targetDb: -16 } }), last, -20).ceilingDbtp).toBe(null);
});
