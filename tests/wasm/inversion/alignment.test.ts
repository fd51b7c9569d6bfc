import { describe, expect, test } from 'vitest';
import { type PcmSource, pcmFromArrays } from '../../../shared/pcm.ts';
import { equalizerSection } from '../../../shared/equalizer-response.ts';
import { alignRecordings } from '../../../wasm/inversion/alignment.ts';
import { readResampled } from '../../../wasm/inversion/paired/resampled-reader.ts';
import { engineBinary, freshEngine } from '../../support/engine.ts';
import { musicLike, whiteNoise } from '../../support/signals.ts';

const RATE = 44_100;
const music = (seed: number, seconds = 12) => pcmFromArrays(musicLike(seconds, RATE, seed), RATE);

/** The recording read again from another place and at another speed. */
async function warped(source: PcmSource, startFrame: number, step: number, sampleRate: number, sign = 1): Promise<PcmSource> {
  const frames = Math.floor(source.frames / step);
  const channels = await readResampled(source, { startFrame, step, frames });
  return pcmFromArrays(channels.map((c) => c.map((x) => sign * x)), sampleRate);
}

function equalized(source: Float32Array, sampleRate: number): Float32Array {
  const bands = [
    { type: 'low_shelf', fHz: 120, q: 0.7, gainDb: 5 },
    { type: 'peak', fHz: 1500, q: 1, gainDb: -6 },
    { type: 'high_shelf', fHz: 6000, q: 0.7, gainDb: 6 },
  ] as const;
  return bands.reduce((signal, band) => {
    const { b0, b1, b2, a1, a2 } = equalizerSection(band, sampleRate);
    let [x1, x2, y1, y2] = [0, 0, 0, 0];
    return signal.map((x) => {
      const y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2;
      [x2, x1, y2, y1] = [x1, x, y1, y];
      return y;
    });
  }, source);
}

describe('the same performance', () => {
  test('a recording lies on itself: no delay, no drift', async () => {
    const found = await alignRecordings(music(1), music(1), { engine: await engineBinary() });
    expect(found.paired).toBe(true);
    expect(found.confidence).toBeGreaterThan(0.9);
    expect(Math.abs(found.delayFrames)).toBeLessThan(0.001);
    expect(found.driftPpm).toBe(0);
  });

  test.each([
    [1234.4, 1],
    [-881.75, -1],
    [132_300.5, 1],
  ] as const)('a delay of %d frames with polarity %d is found within 0.05 frame', async (delay, polarity) => {
    const target = music(2, 14);
    const reference = await warped(target, -delay, 1, RATE, polarity);
    const found = await alignRecordings(reference, target, { engine: await engineBinary() });
    expect(found.paired).toBe(true);
    expect(Math.abs(found.delayFrames - delay)).toBeLessThan(0.05);
    expect(found.polarity).toBe(polarity);
  });

  test('a clock that runs 60 ppm apart is found within 2 ppm', async () => {
    const target = music(3, 20);
    const reference = await warped(target, -300, 1 / (1 + 60e-6), RATE);
    const found = await alignRecordings(reference, target, { engine: await engineBinary() });
    expect(found.paired).toBe(true);
    expect(Math.abs(found.driftPpm - 60)).toBeLessThan(2);
    expect(Math.abs(found.delayFrames - 300)).toBeLessThan(0.5);
  });

  test('a reference at 48 kHz is aligned with a target at 44.1 kHz within 0.05 frame', async () => {
    const target = music(4);
    const reference = await warped(target, -500, RATE / 48_000, 48_000);
    const found = await alignRecordings(reference, target, { engine: await engineBinary() });
    expect(found.paired).toBe(true);
    expect(Math.abs(found.delayFrames - 500)).toBeLessThan(0.05);
    expect(found.driftPpm).toBe(0);
  });

  test('a minimum-phase equalizer between the recordings does not count as delay', async () => {
    const [left, right] = musicLike(12, RATE, 5);
    const reference = pcmFromArrays([equalized(left, RATE), equalized(right, RATE)], RATE);
    const found = await alignRecordings(reference, pcmFromArrays([left, right], RATE), { engine: await engineBinary() });
    expect(found.paired).toBe(true);
    expect(Math.abs(found.delayFrames)).toBeLessThan(0.05);
  });
});

describe('different recordings', () => {
  test('two pieces with the same sounds are not paired', async () => {
    const found = await alignRecordings(music(6), music(7), { engine: await engineBinary() });
    expect(found.paired).toBe(false);
    expect(found.confidence).toBeLessThan(0.3);
  });

  test('music and noise are not paired', async () => {
    const noise = pcmFromArrays([whiteNoise(12 * RATE, 8)], RATE);
    expect((await alignRecordings(music(9), noise, { engine: await engineBinary() })).paired).toBe(false);
  });

  test('silence is not paired with anything', async () => {
    const silence = pcmFromArrays([new Float32Array(5 * RATE)], RATE);
    expect((await alignRecordings(silence, music(9), { engine: await engineBinary() })).paired).toBe(false);
    expect((await alignRecordings(music(9), silence, { engine: await engineBinary() })).paired).toBe(false);
  });
});

describe('another pitch', () => {
  /** Chords that swell and fade: next to no onsets. */
  const held = (seconds: number): [Float32Array, Float32Array] => {
    const row = new Float32Array(seconds * RATE);
    [0, 5, 7, 3, -2, 8, 0].forEach((root, chord) => {
      for (const note of [0, 4, 7, 12]) {
        for (let partial = 1; partial <= 6; partial += 1) {
          const w = (2 * Math.PI * 110 * partial * 2 ** ((root + note) / 12)) / RATE;
          for (let i = 0; i < 2 * RATE; i += 1) row[2 * chord * RATE + i]! += (0.06 / partial) * Math.sin(w * i) * Math.sin((Math.PI * i) / (2 * RATE)) ** 2;
        }
      }
    });
    return [row, row.slice()];
  };

  test.each([
    [1, 'music', musicLike(14, RATE, 10)],
    [-2.3, 'music', musicLike(14, RATE, 10)],
    [-0.4, 'music', musicLike(14, RATE, 10)],
    [1.3, 'held chords', held(14)],
  ])('a take shifted by %d semitones (%s) is the same performance, the interval known within 5 cents', async (semitones, _, [left, right]) => {
    const chain = (await freshEngine()).createChain(RATE, [{ effect: 'pitch-shift', values: { semitones } }]);
    const latency = chain.latencyFrames;
    const shifted = [left, right].map((row) => {
      const padded = new Float32Array(row.length + latency);
      padded.set(row);
      return padded;
    }) as [Float32Array, Float32Array];
    chain.process(...shifted);
    const reference = pcmFromArrays(shifted.map((row) => row.slice(latency)), RATE);
    const found = await alignRecordings(reference, pcmFromArrays([left, right], RATE), { engine: await engineBinary() });
    expect(found.paired).toBe(true);
    expect(Math.abs(found.pitchSemitones - semitones)).toBeLessThan(0.05);
    expect(Math.abs(found.delayFrames) / RATE).toBeLessThan(0.02);
  });
});
