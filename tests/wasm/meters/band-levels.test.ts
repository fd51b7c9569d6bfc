import { expect, test } from 'vitest';
import { freshEngine } from '../../support/engine.ts';
import { sine, whiteNoise } from '../../support/signals.ts';

const WHOLE = 0;

/** Mean squares of the 50 ms frames, and crests of the seconds: rows of six bands. */
async function records(left: Float32Array, right: Float32Array, sampleRate: number) {
  const meter = (await freshEngine()).createMeter('band-levels', sampleRate);
  const rows: number[][][] = [[], [], []];
  const take = (values: Float64Array) => {
    for (let at = 0; at < values.length; at += 7) rows[values[at]!]?.push([...values.subarray(at + 1, at + 7)]);
  };
  meter.process(left, right, take);
  take(meter.finish());
  return { short: rows[0]!, crests: rows[1]!, long: rows[2]! };
}

const db = (power: number): number => 10 * Math.log10(power);

test.each([44_100, 48_000, 96_000, 192_000])('a sine within a band has its level there and little elsewhere, at %i Hz', async (sampleRate) => {
  for (const [band, hz] of [[1, 40], [2, 245], [3, 1000], [4, 3464], [5, 15_000]] as const) {
    const { short } = await records(sine(2 * sampleRate, hz, sampleRate, 1), sine(2 * sampleRate, hz, sampleRate, 1), sampleRate);
    const middle = short[20]!;
    expect(db(middle[band]!) + 3.01).toBeCloseTo(0, 1);
    for (let other = 1; other < 6; other += 1) if (other !== band) expect(db(middle[other]!)).toBeLessThan(-15);
  }
});

test.each([[120, 1, 2], [500, 2, 3], [2000, 3, 4], [6000, 4, 5]] as const)('both neighbours of the edge at %i Hz hear it at -6 dB', async (hz, below, above) => {
  const wave = sine(96_000, hz, 48_000, 1);
  const { short } = await records(wave, wave, 48_000);
  for (const band of [below, above]) expect(db(short[20]![band]!) + 3.01).toBeCloseTo(-6.02, 1);
});

test('frames of 50 ms and of one second are whole, and none is lost at the end', async () => {
  const noise = whiteNoise(Math.round(3.49 * 44_100), 2);
  const { short, crests, long } = await records(noise, noise, 44_100);
  expect([short.length, crests.length, long.length]).toEqual([69, 3, 3]);
  expect(short.every((row) => row.every((power) => power > 0))).toBe(true);
});

test('the level of the whole is the mean square of the samples', async () => {
  const [left, right] = [whiteNoise(48_000, 7, 0.8), whiteNoise(48_000, 8, 0.2)];
  const { short } = await records(left, right, 48_000);
  short.forEach((row, frame) => {
    let sum = 0;
    for (let i = frame * 2400; i < (frame + 1) * 2400; i += 1) sum += left[i]! ** 2 + right[i]! ** 2;
    expect(db(row[WHOLE]!)).toBeCloseTo(db(sum / 4800), 4);
  });
});

test('a band is heard when it sounds: no filter delays it', async () => {
  for (const [band, hz] of [[1, 60], [2, 250], [3, 1000], [4, 3500], [5, 10_000]] as const) {
    const wave = sine(48_000, hz, 48_000, 1);
    // silence, then sound from the middle of frame 10 to the middle of frame 15
    wave.fill(0, 0, 10.5 * 2400);
    wave.fill(0, 15.5 * 2400);
    const { short } = await records(wave, wave, 48_000);
    expect(Math.abs(db(short[10]![band]!) - db(short[15]![band]!))).toBeLessThan(0.5);
  }
});

test('the crest of a sine is 3 dB in its band', async () => {
  for (const [band, hz] of [[WHOLE, 1000], [1, 50], [2, 300], [3, 1100], [4, 3100], [5, 9700]] as const) {
    const wave = sine(3 * 48_000, hz, 48_000, 0.5);
    const { crests } = await records(wave, wave, 48_000);
    expect(Math.abs(db(crests[1]![band]!) - 3.01)).toBeLessThan(0.1);
  }
});
