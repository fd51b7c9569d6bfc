import { expect, test } from 'vitest';
import { pcmFromArrays } from '../../../shared/pcm.ts';
import { byteSourceFromArray } from '../../../wasm/formats/byte-source.ts';
import { openWav } from '../../../wasm/formats/wav-reader.ts';
import { bestStretch } from '../../../web/workers/voice-sample/best-stretch.ts';
import type { SampleMeasures } from '../../../web/workers/voice-sample/contract.ts';
import { lookAt, measureStretch, prepareSample } from '../../../web/workers/voice-sample/prepare-sample.ts';
import { sampleIssues } from '../../../web/workers/voice-sample/sample-issues.ts';
import { softenNoise } from '../../../web/workers/voice-sample/spectral-gate.ts';
import { freshEngine } from '../../support/engine.ts';
import { formantSpeech } from '../../support/formant-speech.ts';
import { whiteNoise } from '../../support/signals.ts';

const SPEAKER = { f0Hz: 120, tract: 1 };
const RATE = 48_000;
const measured = async (samples: Float32Array[], stretch = { start: 0, end: samples[0]!.length / RATE }) => measureStretch(pcmFromArrays(samples, RATE), await freshEngine(), stretch);
const good: SampleMeasures = { seconds: 8, speechSeconds: 6, channels: 1, integratedLufs: -23, signalToNoiseDb: 40, clippedSamples: 0, bytes: 352_844 };
const plain = { isNormalised: false, isDenoised: false };
const codes = (measures: Partial<SampleMeasures>, choices = plain) => sampleIssues({ ...good, ...measures }, choices).map(({ code, fix, isBlocking }) => `${code} ${fix}${isBlocking ? ' !' : ''}`);

const levelDb = (samples: Float32Array, from: number, until: number, rate: number): number => {
  const part = samples.subarray(Math.round(from * rate), Math.round(until * rate));
  return 10 * Math.log10(part.reduce((sum, value) => sum + value * value, 0) / part.length);
};

test('the best stretch is 8 s with most speech, and does not begin within a word', () => {
  // 20 s: speech from 9 s to 18 s with a pause at 9.5 to 10 s.
  const active = Uint8Array.from({ length: 2000 }, (_, i) => (i >= 900 && i < 1800 && !(i >= 950 && i < 1000) ? 1 : 0));
  const best = bestStretch(active)!;
  expect(best.end - best.start).toBeCloseTo(8, 9);
  expect(active[Math.round(best.start * 100)]).toBe(0);
  expect(best.start).toBeGreaterThanOrEqual(9.5);
  expect(bestStretch(new Uint8Array(2000))).toBeNull();
  expect(bestStretch(new Uint8Array(500).fill(1))).toEqual({ start: 0, end: 5 });
});

test('a recording is looked through for where its speaker speaks', async () => {
  const samples = new Float32Array(30 * RATE);
  samples.set(formantSpeech(SPEAKER, 9, RATE, 1), 15 * RATE);
  const look = await lookAt(pcmFromArrays([samples], RATE), await freshEngine());
  expect(look.seconds).toBe(30);
  expect(look.best!.start).toBeGreaterThan(14);
  expect(look.best!.end).toBeLessThan(24.1);
  expect((await lookAt(pcmFromArrays([new Float32Array(5 * RATE)], RATE), await freshEngine())).best).toBeNull();
});

test('each fault of a sample has its remedy; what is mended is no fault any more', () => {
  expect(codes({})).toEqual([]);
  expect(codes({ seconds: 4.9 })).toEqual(['too-short record-again !']);
  expect(codes({ seconds: 10.2 })).toEqual(['too-long trim !']);
  expect(codes({ bytes: 11_000_000 })).toEqual(['too-large trim !']);
  expect(codes({ clippedSamples: 30 })).toEqual(['clipped record-again']);
  expect(codes({ channels: 2 })).toEqual(['stereo mono']);
  expect(codes({ integratedLufs: -40, signalToNoiseDb: 12 })).toEqual(['noisy denoise', 'too-quiet normalise']);
  expect(codes({ integratedLufs: -40, signalToNoiseDb: 12 }, { isNormalised: true, isDenoised: true })).toEqual([]);
  expect(codes({ integratedLufs: null, speechSeconds: 0, channels: 2, seconds: 3 })).toEqual(['silent record-again !']);
});

test('a stretch is measured as it is: silence, clipping, channels and noise', async () => {
  const speech = formantSpeech(SPEAKER, 8, RATE, 1);
  const clean = await measured([speech]);
  expect(clean.speechSeconds).toBeGreaterThan(3);
  expect(clean.signalToNoiseDb).toBeGreaterThan(20);
  const noise = whiteNoise(speech.length, 2, 0.05);
  const noisy = await measured([speech.map((value, i) => value + noise[i]!)]);
  expect(noisy.signalToNoiseDb!).toBeLessThan(20);
  const clipped = await measured([speech.map((value) => Math.max(-1, Math.min(1, 6 * value))), speech]);
  expect(clipped.clippedSamples).toBeGreaterThan(8);
  expect(clipped.channels).toBe(2);
  expect((await measured([new Float32Array(6 * RATE)])).integratedLufs).toBeNull();
});

test('noise is 6 to 12 dB softer in pauses, and speech is as loud as before', async () => {
  const rate = 22_050;
  const speech = formantSpeech(SPEAKER, 6, rate, 3);
  speech.fill(0, 2 * rate, 4 * rate);
  const noise = whiteNoise(speech.length, 4, 0.02);
  const noisy = speech.map((value, i) => value + noise[i]!);
  const softer = softenNoise(await freshEngine(), noisy);
  const pauseDb = levelDb(softer, 2.3, 3.7, rate) - levelDb(noisy, 2.3, 3.7, rate);
  expect(pauseDb).toBeLessThan(-6);
  expect(pauseDb).toBeGreaterThan(-12.5);
  expect(Math.abs(levelDb(softer, 0.2, 1.8, rate) - levelDb(noisy, 0.2, 1.8, rate))).toBeLessThan(1);
});

test('a sample becomes a WAV of 16 bits, mono, 22.05 kHz, at one loudness; the same again is the same', async () => {
  const speech = formantSpeech(SPEAKER, 12, RATE, 5).map((value) => 0.05 * value);
  const pcm = pcmFromArrays([speech, speech], RATE);
  const choices = { start: 1, end: 9, isNormalised: true, isDenoised: true };
  const first = await prepareSample(pcm, await freshEngine(), choices);
  const second = await prepareSample(pcm, await freshEngine(), choices);
  expect(Buffer.from(second.wav).equals(Buffer.from(first.wav))).toBe(true);
  const written = await openWav(byteSourceFromArray(first.wav));
  expect([written.sampleRate, written.channels, written.frames]).toEqual([22_050, 1, 176_400]);
  const remeasured = await measureStretch(written, await freshEngine(), { start: 0, end: 8 });
  const peak = (await written.read(0, written.frames))[0]!.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(remeasured.integratedLufs!).toBeLessThan(-19.8);
  // Either the loudness is reached, or the ceiling is.
  expect(Math.abs(remeasured.integratedLufs! + 20) < 0.3 || Math.abs(20 * Math.log10(peak) + 1.5) < 0.1).toBe(true);
  const telephone = await prepareSample(pcmFromArrays([formantSpeech(SPEAKER, 6, 16_000, 6)], 16_000), await freshEngine(), { start: 0, end: 6, isNormalised: false, isDenoised: false });
  expect(telephone.sampleRate).toBe(16_000);
});
