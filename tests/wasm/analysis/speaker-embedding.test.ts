import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { pcmFromArrays } from '../../../shared/pcm.ts';
import { EMBEDDING_DIMENSIONS, normalised, similarity, statisticsEncoder } from '../../../wasm/analysis/speaker-embedding.ts';
import { activeFrames, readVoice, VOICE_RATE_HZ } from '../../../wasm/analysis/voice-frames.ts';
import { STATISTICS_COUNT, voiceStatistics } from '../../../wasm/analysis/voice-statistics.ts';
import { speakerProjection } from '../../../wasm/models/speaker/projection.ts';
import { freshEngine } from '../../support/engine.ts';
import { formantSpeech } from '../../support/formant-speech.ts';

const MAN = { f0Hz: 110, tract: 1 };
const WOMAN = { f0Hz: 205, tract: 1.17 };
const encoder = statisticsEncoder(freshEngine, speakerProjection());
const embed = (samples: Float32Array, sampleRate = 48_000) => encoder.embed(pcmFromArrays([samples], sampleRate));

test('an embedding is 256 numbers of length one, the same for the same samples, with the SHA-256 of its floats', async () => {
  const samples = formantSpeech(MAN, 6, 48_000, 1);
  const first = await embed(samples);
  const second = await embed(samples);
  expect(first.vector).toHaveLength(EMBEDDING_DIMENSIONS);
  expect(Math.sqrt(similarity(first.vector, first.vector))).toBeCloseTo(1, 3);
  expect(second).toEqual(first);
  expect(first.hash).toBe(createHash('sha256').update(new Uint8Array(first.vector.buffer)).digest('hex'));
  expect(first.version).toBe('tonetwin-statistics-1');
});

test('two recordings of one voice are nearer to each other than to another voice', async () => {
  const [a, b, c] = await Promise.all([embed(formantSpeech(MAN, 6, 48_000, 1)), embed(formantSpeech(MAN, 6, 48_000, 2)), embed(formantSpeech(WOMAN, 6, 48_000, 3))]);
  expect(similarity(a.vector, b.vector)).toBeGreaterThan(0.6);
  expect(similarity(a.vector, b.vector) - similarity(a.vector, c.vector)).toBeGreaterThan(0.3);
});

test('a copy 12 dB softer, at 44.1 kHz or as stereo is the same voice', async () => {
  const samples = formantSpeech(MAN, 6, 48_000, 1);
  const plain = await embed(samples);
  const softer = await embed(samples.map((value) => 0.25 * value));
  const stereo = await encoder.embed(pcmFromArrays([samples, samples], 48_000));
  const slower = await embed(formantSpeech(MAN, 6, 44_100, 1), 44_100);
  expect(similarity(plain.vector, softer.vector)).toBeGreaterThan(0.98);
  expect(stereo.hash).toBe(plain.hash);
  expect(similarity(plain.vector, slower.vector)).toBeGreaterThan(0.6);
});

test('silence around speech changes little, and less than a second of speech is too short', async () => {
  const samples = formantSpeech(MAN, 6, VOICE_RATE_HZ, 1);
  const padded = new Float32Array(samples.length + 3 * VOICE_RATE_HZ);
  padded.set(samples, 2 * VOICE_RATE_HZ);
  const [plain, later] = await Promise.all([embed(samples, VOICE_RATE_HZ), embed(padded, VOICE_RATE_HZ)]);
  expect(similarity(plain.vector, later.vector)).toBeGreaterThan(0.95);
  await expect(embed(formantSpeech(MAN, 0.7, VOICE_RATE_HZ, 1), VOICE_RATE_HZ)).rejects.toMatchObject({ code: 'audio/too-short' });
  await expect(embed(new Float32Array(3 * VOICE_RATE_HZ), VOICE_RATE_HZ)).rejects.toMatchObject({ code: 'audio/too-short' });
});

test('statistics are finite, and the fundamental is within 3 % of what was spoken', async () => {
  const frames = readVoice(await freshEngine(), formantSpeech({ ...WOMAN, wander: 0 }, 6, VOICE_RATE_HZ, 4));
  const statistics = voiceStatistics(frames);
  expect(statistics).toHaveLength(STATISTICS_COUNT);
  expect(statistics.every(Number.isFinite)).toBe(true);
  // After 20 means, 21 deviations and 21 slopes: percentiles 10, 25 and 50 of the logarithm of F0.
  expect(Math.exp(statistics[20 + 42 + 2]!) / WOMAN.f0Hz).toBeGreaterThan(0.97);
  expect(Math.exp(statistics[20 + 42 + 2]!) / WOMAN.f0Hz).toBeLessThan(1.03);
});

test('speech is what lies within 30 dB of the loud moments, 4 dB over steady noise', () => {
  const levels = Float32Array.from({ length: 100 }, (_, i) => (i < 50 ? -20 : -55));
  expect(Array.from(activeFrames(levels)).reduce((sum, value) => sum + value, 0)).toBe(50);
  const noisy = Float32Array.from({ length: 100 }, (_, i) => (i < 50 ? -20 : -38));
  expect(Array.from(activeFrames(noisy)).reduce((sum, value) => sum + value, 0)).toBe(50);
});

test('an embedding goes through JSON bit for bit: none of its zeros is negative', () => {
  const vector = normalised([1, -1e-6, 0, -0, 1e-6, -0.5]);
  const back = Float32Array.from(JSON.parse(JSON.stringify([...vector])) as number[]);
  expect([...back].map((value) => Object.is(value, -0))).toEqual([...vector].map((value) => Object.is(value, -0)));
  expect(new Uint8Array(back.buffer)).toEqual(new Uint8Array(vector.buffer));
});

test('what has no direction is no embedding', () => {
  expect(() => normalised(new Float32Array(4))).toThrow('direction');
  expect(() => normalised([Number.NaN, 1])).toThrow('direction');
});
