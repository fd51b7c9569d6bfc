import { expect, test } from 'vitest';
import { equalLoudnessGainsDb } from '../../../web/audio/loudness-match.ts';

const track = (integratedLufs: number | null, truePeakDbtp: number | null) => ({ integratedLufs, truePeakDbtp });
const levels = [
  [track(-23, -6), track(-14, -1), track(-13.5, -0.2)],
  [track(-40, -20), track(-14, -1), track(-9, 0.8)],
  [track(-16, -1), track(-16, -1)],
];

test.each(levels.map((tracks) => [tracks] as const))('all tracks are played at one loudness, to 1e-9 LU', (tracks) => {
  const played = equalLoudnessGainsDb(tracks).map((gain, index) => gain + tracks[index]!.integratedLufs!);
  for (const level of played) expect(level).toBeCloseTo(played[0]!, 9);
});

test.each(levels.map((tracks) => [tracks] as const))('no track is raised over -1 dBTP', (tracks) => {
  equalLoudnessGainsDb(tracks).forEach((gain, index) => expect(gain <= 0 || gain + tracks[index]!.truePeakDbtp! <= -1 + 1e-9).toBe(true));
});

test('nothing is played louder than the loudest is in its file', () => {
  const gains = equalLoudnessGainsDb([track(-30, -25), track(-24, -20)]);
  expect(gains[1]).toBeCloseTo(0, 9);
  expect(gains[0]).toBeCloseTo(6, 9);
});

test('a track without a loudness is left as it is', () => {
  expect(equalLoudnessGainsDb([track(null, null), track(-20, -3)])).toEqual([0, 0]);
});

test('tracks without any loudness all stay as they are', () => {
  expect(equalLoudnessGainsDb([track(null, null), track(null, -6)])).toEqual([0, 0]);
});
