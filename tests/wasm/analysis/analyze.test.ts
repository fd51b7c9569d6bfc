import { expect, test } from 'vitest';
import { featuresSchema, featuresToDocument } from '../../../shared/features-document.ts';
import { pcmFromArrays } from '../../../shared/pcm.ts';
import { thirdOctaveHz } from '../../../shared/units.ts';
import { analyzeFeatures } from '../../../wasm/analysis/analyze.ts';
import { measure } from '../../support/analyze.ts';
import { engineBinary } from '../../support/engine.ts';
import { musicLike, pinkNoise, randomNumbers, sine, whiteNoise } from '../../support/signals.ts';

const RATE = 48_000;

const codeOf = (work: Promise<unknown>): Promise<string> => work.then(() => 'none', (error: { code: string }) => error.code);

test('pink noise has as much power in every third of an octave, within 1 dB', async () => {
  const { ltas } = await measure([pinkNoise(20 * RATE, 5)], RATE);
  const levels = ltas.midDb.slice(4, 26);
  const mean = levels.reduce((a, b) => a + b, 0) / levels.length;
  for (const level of levels) expect(Math.abs(level - mean)).toBeLessThan(1);
});

test.each([63, 250, 1000, 4000, 10_000])('a sine at %i Hz stands in its own third of an octave with its power', async (near) => {
  const k = Math.round(16 + 3 * Math.log2(near / 1000));
  const { ltas } = await measure([sine(4 * RATE, thirdOctaveHz(k), RATE, 0.5)], RATE);
  expect(ltas.midDb.indexOf(Math.max(...ltas.midDb))).toBe(k);
  expect(ltas.midDb[k]).toBeCloseTo(20 * Math.log10(0.5), 0);
});

test('silence between phrases does not colour the spectrum', async () => {
  const music = musicLike(6, RATE, 1)[0];
  const noise = whiteNoise(6 * RATE, 2, 0.0008);
  const withPauses = new Float32Array(12 * RATE);
  withPauses.set(music);
  withPauses.set(noise, 6 * RATE);
  const [plain, paused] = [await measure([music], RATE), await measure([withPauses], RATE)];
  plain.ltas.midDb.forEach((level, k) => {
    if (level > -70) expect(Math.abs(level - paused.ltas.midDb[k]!)).toBeLessThan(0.8);
  });
});

test('rumble between words does not colour the spectrum, though it holds more power than they do', async () => {
  const words = musicLike(6, RATE, 1)[0].map((x) => 0.2 * x);
  const withRumble = new Float32Array(12 * RATE);
  withRumble.set(words);
  // fades in over a second: a sudden start would be a click
  withRumble.set(sine(6 * RATE, 15, RATE, 0.1).map((x, i) => x * Math.min(1, i / RATE, (6 * RATE - i) / RATE)), 6 * RATE);
  const [plain, rumbling] = [await measure([words], RATE), await measure([withRumble], RATE)];
  plain.ltas.midDb.forEach((level, k) => {
    if (level > -70 && plain.ltas.hz[k]! > 60) expect(Math.abs(level - rumbling.ltas.midDb[k]!)).toBeLessThan(0.8);
  });
});

test('a logarithmic sweep reads level over the thirds and twelfths of an octave it passes', async () => {
  const frames = 20 * RATE;
  const rate = Math.log(1000);
  const sweep = Float32Array.from({ length: frames }, (_, i) => 0.5 * Math.sin(((2 * Math.PI * 20 * 20) / rate) * (Math.exp((rate * i) / frames) - 1)));
  const { ltas, ltasFine } = await measure([sweep], RATE);
  const flatness = (levels: readonly number[]) => Math.max(...levels) - Math.min(...levels);
  expect(flatness(ltas.midDb.slice(4, 28))).toBeLessThan(1);
  expect(flatness(ltasFine.midDb.slice(30, 112))).toBeLessThan(1.5);
  expect(ltas.midDb[16]! - ltasFine.midDb[68]!).toBeCloseTo(10 * Math.log10(4), 0);
});

test('side energy and coherence tell wide from narrow', async () => {
  const [a, b] = [whiteNoise(4 * RATE, 1), whiteNoise(4 * RATE, 2)];
  const wide = await measure([a, b], RATE);
  const mono = await measure([a, a.slice()], RATE);
  expect(wide.stereo.sideToMidDb[16]).toBeCloseTo(0, 0);
  expect(mono.stereo.sideToMidDb[16]).toBeLessThan(-50);
  expect(wide.stereo.coherence[16]).toBeLessThan(0.2);
  expect(mono.stereo.coherence[16]).toBeGreaterThan(0.99);
  expect(wide.stereo.correlation).toBeCloseTo(0, 1);
});

test.each([82, 110, 220, 440, 880])('a harmonic tone at %i Hz is heard at its pitch within 5 cents', async (hz) => {
  const tone = new Float32Array(2 * RATE);
  for (let h = 1; h <= 8; h += 1) sine(2 * RATE, hz * h, RATE, 0.3 / h).forEach((x, i) => (tone[i]! += x));
  const { f0 } = await measure([tone], RATE, { f0: true });
  expect(Math.abs(1200 * Math.log2(f0!.medianHz! / hz))).toBeLessThan(5);
  expect(f0!.hz.length).toBeGreaterThan(190);
  expect(f0!.voicedShare).toBeGreaterThan(0.95);
});

test('a sung vowel with vibrato is followed within 5 cents', async () => {
  const seconds = 3;
  const voice = new Float32Array(seconds * RATE);
  const formants = [[700, 110], [1220, 120], [2600, 160]] as const;
  const hzAt = (t: number) => 180 * 2 ** ((0.6 * Math.sin(2 * Math.PI * 5 * t)) / 12 + t / 12);
  let phase = 0;
  for (let i = 0; i < voice.length; i += 1) {
    const hz = hzAt(i / RATE);
    phase += (2 * Math.PI * hz) / RATE;
    for (let h = 1; h * hz < 4000; h += 1) {
      const gain = formants.reduce((sum, [centre, width]) => sum + 1 / (1 + ((h * hz - centre) / width) ** 2), 0.05);
      voice[i]! += 0.05 * gain * Math.sin(h * phase);
    }
  }
  const { f0 } = await measure([voice], RATE, { f0: true });
  // A value stands for the middle of its window and lag, about 16 ms after its start.
  const cents = f0!.hz.slice(5, 280).map((hz, i) => {
    const t = (i + 5) / 100;
    return Math.min(...[0.012, 0.014, 0.016, 0.018, 0.02].map((late) => Math.abs(1200 * Math.log2(hz / hzAt(t + late)))));
  });
  expect(cents.toSorted((a, b) => a - b)[Math.floor(cents.length / 2)]!).toBeLessThan(5);
  expect(f0!.voicedShare).toBeGreaterThan(0.98);
});

test('noise has no pitch', async () => {
  const { f0 } = await measure([whiteNoise(2 * RATE, 4)], RATE, { f0: true });
  expect(f0!.voicedShare).toBeLessThan(0.1);
});

/** Noise bursts that die away over `rt60Seconds`, with gaps. */
function bursts(rt60Seconds: number): Float32Array {
  const random = randomNumbers(9);
  const out = new Float32Array(16 * RATE);
  for (let burst = 0; burst < 8; burst += 1) {
    const start = burst * 2 * RATE;
    for (let i = 0; i < 1.9 * RATE; i += 1) {
      const level = i < 0.1 * RATE ? 1 : 10 ** ((-3 * (i - 0.1 * RATE)) / (rt60Seconds * RATE));
      out[start + i] = 0.3 * level * (random() * 2 - 1);
    }
  }
  return out;
}

test.each([0.4, 0.8, 1.6])('decays of %d s read as that reverberation time within 10 percent', async (seconds) => {
  const { reverb } = await measure([bursts(seconds)], RATE);
  expect(Math.abs(reverb.rt60Seconds! / seconds - 1)).toBeLessThan(0.1);
  expect(reverb.rt60Interval![0]).toBeLessThanOrEqual(reverb.rt60Seconds!);
  expect(reverb.rt60Interval![1]).toBeGreaterThanOrEqual(reverb.rt60Seconds!);
  expect(reverb.edcDb!.at(-1)!).toBeLessThan(-15);
});

test('a sustained chord shows no reverberation time', async () => {
  const chord = new Float32Array(10 * RATE);
  for (const hz of [220, 277, 330, 440]) sine(10 * RATE, hz, RATE, 0.1).forEach((x, i) => (chord[i]! += x * (1 + 0.3 * Math.sin(i / 9000))));
  expect((await measure([chord], RATE)).reverb.rt60Seconds).toBeNull();
});

test('plucked strings that are left to ring are not taken for a room', async () => {
  const random = randomNumbers(11);
  const out = new Float32Array(12 * RATE);
  for (let start = 0; start < 12; start += 1.5) {
    for (const root of [220, 277, 330]) {
      const hz = root * 2 ** (Math.floor(12 * random()) / 12);
      for (let h = 1; h <= 10; h += 1) {
        sine(1.5 * RATE, hz * h, RATE, 0.04 / h, 6 * random()).forEach((x, i) => (out[start * RATE + i]! += x * Math.min(1, i / 150) * 10 ** ((-3 * i) / (2 * RATE))));
      }
    }
  }
  expect((await measure([out], RATE)).reverb.rt60Seconds).toBeNull();
});

test('the bandwidth of a recording that ends at 7 kHz is found within 10 %', async () => {
  const tone = new Float32Array(4 * RATE);
  for (let hz = 100; hz < 7000; hz += 61) sine(4 * RATE, hz, RATE, 0.01, hz).forEach((x, i) => (tone[i]! += x));
  expect(Math.abs((await measure([tone], RATE)).bandwidthHz / 7000 - 1)).toBeLessThan(0.1);
});

test('compression narrows the level distribution that is measured', async () => {
  const music = musicLike(10, RATE, 3)[0];
  const squashed = music.map((x) => Math.tanh(40 * x));
  const spread = async (wave: Float32Array) => {
    const p = (await measure([wave], RATE)).dynamics.bands[0]!.levelPercentilesDb!;
    return p[6]! - p[1]!;
  };
  expect(await spread(squashed)).toBeLessThan((await spread(music)) - 2);
});

test('the noise floor is heard in the pauses, and unknown where there are none', async () => {
  const wave = whiteNoise(8 * RATE, 5, 0.001);
  for (let at = 0; at < 8; at += 2) wave.set(whiteNoise(RATE, at, 0.5), at * RATE);
  const floor = 20 * Math.log10(0.001 / Math.sqrt(3));
  expect(Math.abs((await measure([wave], RATE)).noiseFloorDb! - floor)).toBeLessThan(0.5);
  expect((await measure([whiteNoise(3 * RATE, 1)], RATE)).noiseFloorDb).toBeNull();
});

test('0.4 s are enough, and what they cannot show is null', async () => {
  const features = await measure([whiteNoise(0.4 * RATE, 2)], RATE);
  expect(features.loudness.integratedLufs).not.toBeNull();
  expect([features.loudness.lraLu, features.dynamics.bands[0]!.crestDb, features.reverb.rt60Seconds]).toEqual([null, null, null]);
  expect(features.ltas.midDb.every((level) => level > -100)).toBe(true);
  expect(featuresSchema.safeParse(featuresToDocument(features)).error?.issues ?? []).toEqual([]);
});

test('onsets are counted', async () => {
  const clicks = new Float32Array(10 * RATE);
  for (let k = 0; k < 40; k += 1) whiteNoise(2400, k).forEach((x, i) => (clicks[k * 12_000 + i + 500] = x * Math.exp(-i / 500)));
  expect((await measure([clicks], RATE)).onsetsPerSecond).toBeGreaterThan(3);
});

test('features do not depend on how the recording is read', async () => {
  const [left, right] = musicLike(3, 44_100, 8);
  const whole = pcmFromArrays([left, right], 44_100);
  const odd = { ...whole, read: (frame: number, frames: number) => whole.read(frame, Math.min(frames, 997)) };
  const options = { engine: await engineBinary(), contentHash: 'a' };
  expect(await analyzeFeatures(odd, options)).toEqual(await analyzeFeatures(whole, options));
});

test.each([8000, 44_100, 96_000, 192_000])('features at %i Hz hold numbers only and fit their document', async (sampleRate) => {
  const features = await measure(musicLike(2, sampleRate, 6), sampleRate, { f0: true });
  let broken = 0;
  JSON.stringify(features, (_, value: unknown) => {
    if (typeof value === 'number' && !Number.isFinite(value)) broken += 1;
    return value;
  });
  expect(broken).toBe(0);
  expect(featuresSchema.safeParse(featuresToDocument(features)).error?.issues ?? []).toEqual([]);
});

test('what cannot be measured is refused by name', async () => {
  expect(await codeOf(measure([new Float32Array(RATE)], RATE))).toBe('audio/silent');
  expect(await codeOf(measure([new Float32Array(RATE).fill(0.3)], RATE))).toBe('audio/dc-only');
  expect(await codeOf(measure([whiteNoise(RATE, 1, 1e-4).map((x) => x + 0.4)], RATE))).toBe('audio/dc-only');
  expect(await codeOf(measure([whiteNoise(RATE / 10, 1)], RATE))).toBe('audio/too-short');
  expect(await codeOf(measure([new Float32Array(0)], RATE))).toBe('audio/empty');
  expect(await codeOf(measure([whiteNoise(RATE, 1)], 4000))).toBe('audio/sample-rate');
  expect(await codeOf(measure([new Float32Array(RATE).fill(Number.NaN)], RATE))).toBe('audio/not-finite');
});

test('a few broken samples count as silence', async () => {
  const noise = whiteNoise(RATE, 1);
  noise[500] = Number.NaN;
  noise[900] = Number.POSITIVE_INFINITY;
  const features = await measure([noise], RATE);
  expect(features.loudness.integratedLufs).not.toBeNull();
  expect(features.ltas.midDb.every(Number.isFinite)).toBe(true);
});

test('an analysis stops when it is told to', async () => {
  expect(await codeOf(measure([whiteNoise(RATE, 1)], RATE, { signal: AbortSignal.abort() }))).toBe('job/cancelled');
});
