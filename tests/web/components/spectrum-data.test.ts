import { expect, test } from 'vitest';
import { alignedLtasDb, CURVE_HZ, curveDb, levelRangeDb, nearestIndex } from '../../../web/components/spectrum-data.ts';
import { MEASURED_ROWS, sideToMidDb } from '../../../web/components/measured-rows.ts';
import { fakeFeatures, fakeStyle, REFERENCE_SOUND, TARGET_SOUND } from '../support/fake-features.ts';

test('the same sound at another level draws the same line, to 1e-9 dB', () => {
  const quiet = fakeFeatures(TARGET_SOUND, 10);
  const louder = { ...quiet, ltas: { ...quiet.ltas, midDb: quiet.ltas.midDb.map((db) => db + 9) }, loudness: { ...quiet.loudness, integratedLufs: TARGET_SOUND.lufs + 9 } };
  const [a, b] = [alignedLtasDb(quiet, 'third'), alignedLtasDb(louder, 'third')];
  a.forEach((db, band) => expect(b[band] === null ? null : b[band]!).toBeCloseTo(db ?? 0, 9));
});

test('bands over Nyquist are not drawn', () => {
  const line = alignedLtasDb({ ...fakeFeatures(TARGET_SOUND, 10), sampleRate: 8000 }, 'fine');
  const hz = fakeFeatures(TARGET_SOUND, 10).ltasFine.hz;
  expect(line.every((db, band) => hz[band]! <= 4000 || db === null)).toBe(true);
});

test('an equalizer that is off has a flat curve, and intensity scales it', () => {
  const { eq } = fakeStyle().modules;
  expect(Math.max(...curveDb({ ...eq, enabled: false }, 1, CURVE_HZ, 48000).map(Math.abs))).toBe(0);
  expect(Math.max(...curveDb(eq, 0, CURVE_HZ, 48000).map(Math.abs))).toBeLessThan(1e-9);
  const [half, whole] = [curveDb(eq, 0.5, [10_000], 48000), curveDb(eq, 1, [10_000], 48000)];
  expect(half[0]! / whole[0]!).toBeGreaterThan(0.4);
  expect(half[0]! / whole[0]!).toBeLessThan(0.6);
});

test('the plot has room for every line, in whole tens of dB', () => {
  expect(levelRangeDb([[-12, null, -41], [-3]])).toEqual([-50, 0]);
  expect(levelRangeDb([[null]])).toEqual([-60, 0]);
});

test('the nearest frequency is found by octaves', () => {
  expect(nearestIndex([100, 1000, 10_000], 400)).toBe(1);
  expect(nearestIndex([100, 1000, 10_000], 300)).toBe(0);
});

test('width is not measurable on a mono recording, and is the share of the side elsewhere', () => {
  expect(sideToMidDb({ ...fakeFeatures(REFERENCE_SOUND, 5), channels: 1 })).toBeNull();
  expect(sideToMidDb(fakeFeatures(REFERENCE_SOUND, 5))).toBeCloseTo(REFERENCE_SOUND.sideDb, 6);
});

test('the table reads the LTAS error of the target from before and that of the result from after', () => {
  const row = MEASURED_ROWS.find(({ key }) => key === 'ltasErrorDb')!;
  const metrics = { stftDist: null, melDist: null, lufsErr: null, tpDb: null, artifactsRate: 0, ltasErrorDb: 0.8, ltasErrorBeforeDb: 4.6 };
  const features = fakeFeatures(TARGET_SOUND, 5);
  expect([row.read(features, metrics, 'target'), row.read(features, metrics, 'result'), row.read(features, metrics, 'reference')]).toEqual([4.6, 0.8, 0]);
});
