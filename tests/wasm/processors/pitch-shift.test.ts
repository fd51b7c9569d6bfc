import { expect, test } from 'vitest';
import { obeysTheLaws } from '../../contracts/processor-laws.ts';
import { freshEngine } from '../../support/engine.ts';
import { nullDb, rmsDb } from '../../support/samples.ts';
import { randomNumbers, sine, whiteNoise } from '../../support/signals.ts';
import { toneFit } from '../../support/tone-fit.ts';

const RATE = 48_000;

obeysTheLaws({
  effect: 'pitch-shift',
  neutral: { semitones: 0 },
  neutralNullDb: -Infinity,
  working: { 'two semitones up': { semitones: 2 }, 'three semitones down': { semitones: -3 }, 'half a semitone up': { semitones: 0.5 } },
  commutesWithSwap: true,
  notFaults: {
    'pre-echo': 'the window of a phase vocoder reaches before an onset: found, and a limit of the method',
  },
});

type Stereo = [Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>];

/** Shifted, on time. */
async function shifted(left: Float32Array, right: Float32Array, semitones: number, sampleRate = RATE): Promise<Stereo> {
  const chain = (await freshEngine()).createChain(sampleRate, [{ effect: 'pitch-shift', values: { semitones } }]);
  const late = chain.latencyFrames;
  const [l, r] = [left, right].map((channel) => {
    const padded = new Float32Array(channel.length + late);
    padded.set(channel);
    return padded;
  }) as Stereo;
  chain.process(l, r);
  return [l.slice(late), r.slice(late)];
}

/** Cents by which a tone is out of tune: the frequency near `hz` that leaves the least. */
function outOfTuneCents(samples: Float32Array, hz: number, sampleRate: number): number {
  const restAt = (cents: number) => toneFit(samples, hz * 2 ** (cents / 1200), sampleRate).restDb;
  let best = 0;
  for (let step = 1; step > 0.001; step /= 4) {
    const around = [-4, -3, -2, -1, 0, 1, 2, 3, 4].map((k) => best + k * step);
    best = around.reduce((a, b) => (restAt(b) < restAt(a) ? b : a));
  }
  return best;
}

test.each([44_100, 48_000, 96_000])('a tone comes out at the new pitch, within 0.01 cents, as loud, with everything else under -75 dB of it (%i Hz)', async (sampleRate) => {
  for (const [hz, semitones] of [[110, -0.5], [110, 3], [440, 2], [1000, -3], [3000, 0.07]] as const) {
    const tone = sine(sampleRate, hz, sampleRate);
    const [left] = await shifted(tone, tone, semitones, sampleRate);
    const steady = left.subarray(sampleRate * 0.4, sampleRate * 0.8);
    const target = hz * 2 ** (semitones / 12);
    const { amplitude, restDb } = toneFit(steady, target, sampleRate);
    expect(restDb).toBeLessThan(-75);
    expect(Math.abs(20 * Math.log10(amplitude / 0.5))).toBeLessThan(0.1);
    expect(Math.abs(outOfTuneCents(steady.subarray(0, 8000), target, sampleRate))).toBeLessThan(0.01);
  }
});

/** A sung vowel: a pulse train through three resonances (formants of an "a", Peterson and Barney 1952, a man's). */
function vowel(frames: number, f0Hz: number): Float32Array<ArrayBuffer> {
  const samples = new Float32Array(frames);
  for (let h = 1; h * f0Hz < 8000; h += 1) {
    const level = vowelLevel(h * f0Hz);
    for (let i = 0; i < frames; i += 1) samples[i]! += 0.05 * level * Math.sin((2 * Math.PI * h * f0Hz * i) / RATE + h * h);
  }
  return samples;
}

const FORMANTS = [[730, 90], [1090, 110], [2440, 140]] as const;

/** Of the envelope at one frequency, source and resonances together. */
const vowelLevel = (hz: number): number => FORMANTS.reduce((sum, [f, width]) => sum + 1 / Math.hypot(1, (hz - f) / width), 0) * (200 / (200 + hz));

test.each([3, -3])('a vowel shifted by %i semitones keeps its formants: harmonics have the level of the envelope where they land, within 2 dB on average', async (semitones) => {
  const f0 = 120;
  const input = vowel(RATE, f0);
  const [left] = await shifted(input, input, semitones);
  const steady = left.subarray(RATE / 2, RATE * 0.9);
  const ratio = 2 ** (semitones / 12);
  const kept: number[] = [];
  const moved: number[] = [];
  for (let h = 2; h * f0 * ratio < 3500; h += 1) {
    const level = toneFit(steady, h * f0 * ratio, RATE).amplitude;
    kept.push(20 * Math.log10(level / vowelLevel(h * f0 * ratio)));
    moved.push(20 * Math.log10(level / vowelLevel(h * f0)));
  }
  expect(spread(kept)).toBeLessThan(2);
  expect(spread(moved)).toBeGreaterThan(2 * spread(kept));
});

/** Standard deviation. */
function spread(values: readonly number[]): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length);
}

test('a delay between the channels stays a delay, and silence on one side stays silence', async () => {
  const random = randomNumbers(8);
  const notes = Array.from({ length: 6 }, () => 150 * 2 ** (random() * 4));
  const voice = new Float32Array(RATE);
  for (const hz of notes) sine(RATE, hz, RATE, 0.1, random() * 6).forEach((x, i) => (voice[i]! += x));
  const inverted = voice.map((x) => -0.5 * x);
  const [l, r] = await shifted(voice, inverted, 2.3);
  expect(nullDb(r, l.map((x) => -0.5 * x))).toBeLessThan(-110);
  const [alone, silent] = await shifted(voice, new Float32Array(RATE), -1.7);
  expect(rmsDb(alone)).toBeGreaterThan(-30);
  expect(silent.every((x) => x === 0)).toBe(true);
});

test.each([3, -3, 1])('an attack shifted by %i semitones stays an attack, in its place within 3 ms', async (semitones) => {
  const input = new Float32Array(RATE);
  const random = randomNumbers(5);
  const at = 24_000;
  for (let i = 0; i < 6000; i += 1) input[at + i] = (random() - 0.5) * Math.exp(-i / 600);
  const [left] = await shifted(input, input, semitones);
  const energy = (from: number, to: number) => left.subarray(from, to).reduce((sum, x) => sum + x * x, 0);
  const total = energy(0, RATE);
  expect(10 * Math.log10(energy(0, at - 144) / total)).toBeLessThan(-30);
  expect(energy(at - 144, at + 1200) / total).toBeGreaterThan(0.95);
});

test('switching the shift on and off on the way does not click', async () => {
  const chain = (await freshEngine()).createChain(RATE, [{ effect: 'pitch-shift', values: { semitones: 0 } }]);
  const tone = sine(RATE, 300, RATE, 0.5);
  const out = tone.slice();
  const right = tone.slice();
  for (let part = 0; part < 6; part += 1) {
    chain.setValues(0, { semitones: [0, 1, 1, 0, -2, 0][part]! });
    chain.process(out.subarray(part * 8000, (part + 1) * 8000), right.subarray(part * 8000, (part + 1) * 8000));
  }
  // A sine of 0.5 at 356 Hz moves by 0.0233 from one sample to the next; a click by more.
  const steps = out.subarray(9000).map((x, i) => Math.abs(x - out[8999 + i]!));
  expect(Math.max(...steps)).toBeLessThan(0.035);
});

test('noise keeps its level', async () => {
  const [l, r] = [whiteNoise(RATE, 3), whiteNoise(RATE, 4)];
  const [left] = await shifted(l, r, 2);
  expect(Math.abs(rmsDb(left.subarray(8000, 40_000)) - rmsDb(l.subarray(8000, 40_000)))).toBeLessThan(2);
});

test('a constant under a low tone stays what it is', async () => {
  const input = sine(RATE, 60, RATE, 0.2).map((x) => x + 0.3);
  const [left] = await shifted(input, input, 2);
  const steady = left.subarray(12_000, 36_000);
  expect(Math.abs(steady.reduce((sum, x) => sum + x, 0) / steady.length - 0.3)).toBeLessThan(0.005);
});
