/** From the responses between two recordings to what the chain can do: equalizer and width before, a tail after. */
import { reverb, type ReverbValues } from '../../../shared/params/reverb.ts';
import type { ImpulseResponse, Module } from '../../../shared/style.ts';
import type { Engine } from '../../host/engine.ts';
import { RealFft } from '../../host/fft.ts';
import { irKey } from '../ir-key.ts';
import { type BandDecay, middleRt60 } from './energy-decay.ts';
import { type Curve, curveGrid, type LinearPart } from './linear-part.ts';
import { estimated, NINETY_PERCENT, rounded } from './modules.ts';
import type { Responses, TailEvidence } from './reverb-tail.ts';
import { reverberationTime } from './reverberation-time.ts';
import { shapedTail } from './tail-shape.ts';

/** The direct sound and the equalizer's own ringing; a reverb's first echoes fall into the fade. */
const DIRECT_MS = [8, 20] as const;
/** As much of it as a short room leaves alone. */
const NEAREST_MS = [2, 5] as const;
/** Milliseconds that resolve 100 Hz. */
const RESOLVING_MS = 20;
const SIZE = 16_384;
/** Windowing and early echoes ripple the direct sound's spectrum by about this. */
const RIPPLE_DB = 0.5;

/** The linear part of the direct sound only, what an equalizer before the reverb does. */
export function directPart(engine: Engine, { taps, lead }: Responses, sampleRate: number, isShort = false): Pick<LinearPart, 'mid' | 'side'> {
  const [left, right] = taps as [readonly Float32Array[], readonly Float32Array[]];
  const mid = left[0]!.map((x, n) => (x + right[0]![n]!) / 2);
  const side = left[1] && right[1] ? left[1].map((x, n) => (x - right[1]![n]!) / 2) : null;
  const span = isShort ? NEAREST_MS : DIRECT_MS;
  const resolvedHz = (100 * RESOLVING_MS) / span[1];
  const curve = (response: Float32Array): Curve => {
    const [flat, end] = span.map((ms) => lead + (ms * sampleRate) / 1000) as [number, number];
    const windowed = response.subarray(0, Math.ceil(end)).map((x, n) => (n < flat ? x : x * (0.5 + 0.5 * Math.cos((Math.PI * (n - flat)) / (end - flat)))));
    const re = new Float32Array(SIZE / 2 + 1);
    const im = new Float32Array(SIZE / 2 + 1);
    new RealFft(engine, SIZE).forward(windowed, re, im);
    const hz = curveGrid(sampleRate);
    const db = Float64Array.from(hz, (f) => {
      const k = Math.round((f * SIZE) / sampleRate);
      return 10 * Math.log10(re[k]! ** 2 + im[k]! ** 2 + 1e-20);
    });
    // What lies lower the window does not resolve.
    return { hz, db, weight: Float64Array.from(hz, (f) => Math.min(1, (f / resolvedHz) ** 2) / RIPPLE_DB ** 2) };
  };
  return { mid: curve(mid), side: side ? curve(side) : null };
}

export interface Tail {
  readonly module: Module<ReverbValues>;
  readonly key: string;
  readonly ir: ImpulseResponse;
  /** Reverberation time of the response, as a room's is measured; null where it cannot be. */
  readonly rt60Seconds: number | null;
}

/** The strongest millisecond's share from which a response counts as begun (15 dB). */
const ONSET = 0.03;
/** Over what is found before the direct sound, which is noise, a millisecond stands out by this. */
const STANDS_OUT = 4;
/** Where none stands out early the room begins before its fall is measured, no more is known. */
const BEGUN_SECONDS = 0.05;

/** Frames until a room begins: the first millisecond that is no noise; and until when it surely has. */
function onsetOf(whole: readonly Float32Array[], lead: number, sampleRate: number): { frames: number; earliest: number; latest: number } {
  const block = Math.max(1, Math.round(0.001 * sampleRate));
  const energyAt = (at: number) => whole.reduce((sum, c) => sum + c.subarray(at, at + block).reduce((s, x) => s + x * x, 0), 0);
  const until = Math.floor((whole[0]!.length - lead) / block);
  const energies = Array.from({ length: until }, (_, k) => energyAt(lead + k * block));
  const before = Array.from({ length: Math.floor(lead / block) }, (_, k) => energyAt(lead - (k + 1) * block));
  const floor = [...before].sort((a, b) => a - b)[before.length >> 1] ?? 0;
  // The direct sound's own smear is alike on both sides of it.
  const noise = (k: number) => Math.max(floor, before[k] ?? 0, before[k - 1] ?? 0);
  const highest = Math.max(...energies.map((e, k) => Math.max(0, e - noise(k))));
  const first = energies.findIndex((e, k) => e > ONSET * highest && e > STANDS_OUT * noise(k));
  if (first >= 0 && first * block < BEGUN_SECONDS * sampleRate) return { frames: first * block, earliest: first * block, latest: first * block };
  const plain = Math.max(0, energies.findIndex((e, k) => e - noise(k) > ONSET * highest)) * block;
  return { frames: plain, earliest: 0, latest: Math.max(plain, BEGUN_SECONDS * sampleRate) };
}

/** How far the wet gain found lies from the true one, most where delays sway or an equalizer took part of it: standard deviation in nepers over 25 rooms of other makers (`npm run bench -- identify`). */
const MAKERS_MIX = 0.35;
/** Before this share of its energy a room has hardly begun: part of a pre-delay may lie in the response itself. */
const BEGUN = 0.05;

function quietFramesOf(channels: readonly Float32Array[]): number {
  const energies = Float64Array.from(channels[0]!, (_, n) => channels.reduce((sum, c) => sum + c[n]! ** 2, 0));
  const total = energies.reduce((a, b) => a + b, 0);
  let sum = 0;
  return Math.max(0, energies.findIndex((e) => (sum += e) > BEGUN * total));
}

/** What becomes of a response that falls otherwise than its room: nothing; noise falls as the room; all of it does. */
export type TailShape = 'found' | 'echoes' | 'decay';

/**
 * The tail as an impulse response of the chain's reverb, its direct sound taken out.
 * @param responses from what enters the reverb (mid, side) to the reference
 * @param decays how its energy falls
 * @param ringOutSeconds how long the reference goes on after the target's end
 */
export async function tailOf(engine: Engine, responses: Responses, decays: readonly BandDecay[], shape: TailShape, sampleRate: number, evidence: TailEvidence, ringOutSeconds: number): Promise<Tail | null> {
  const { taps, lead } = responses;
  const [left, right] = taps as [readonly Float32Array[], readonly Float32Array[]];
  const isStereo = left.length > 1;
  // mid = (left + right) / 2: a response from left is half of mid's and half of side's.
  const whole = isStereo
    ? [
        left[0]!.map((m, n) => (m + left[1]![n]!) / 2),
        right[0]!.map((m, n) => (m + right[1]![n]!) / 2),
        left[0]!.map((m, n) => (m - left[1]![n]!) / 2),
        right[0]!.map((m, n) => (m - right[1]![n]!) / 2),
      ]
    : [left[0]!, right[0]!];
  const straight = isStereo ? [whole[0]!, whole[3]!] : [whole[0]!, whole[1]!];
  const direct = straight.reduce((sum, c) => sum + c[lead]!, 0) / straight.length;
  if (!(Math.abs(direct) > 1e-6)) return null;
  const around = whole.map((c) => c.map((x) => x / direct));
  for (const row of around) row[lead] = 0;
  const { frames: begun, earliest, latest } = onsetOf(around, lead, sampleRate);
  const scaled = decays.map((d) => ({ ...d, startPower: d.startPower / direct ** 2 }));
  const shaped = shape === 'found' ? around.map((c) => c.subarray(lead)) : shapedTail(engine, around, lead, scaled, sampleRate, shape === 'echoes');
  const fadeIn = Math.round(0.0005 * sampleRate);
  // The first echo is not faded with what comes before it.
  const onset = Math.max(0, begun - fadeIn);
  const frames = shaped[0]!.length - onset;
  const fadeOut = Math.round(0.1 * frames);
  const cut = shaped.map((c) =>
    c.slice(onset).map((x, n) => x * Math.min(1, onset > 0 ? (n + 1) / fadeIn : 1) * (n > frames - fadeOut ? 0.5 - 0.5 * Math.cos((Math.PI * (frames - n)) / fadeOut) : 1)),
  );
  const energy = cut.reduce((sum, c) => sum + c.reduce((s, x) => s + x * x, 0), 0) / 2;
  if (!(energy > 0)) return null;
  const mix = Math.min(reverb.parameters.mix.max, Math.sqrt(energy));
  const ir = { sampleRate, channels: cut.map((c) => c.map((x) => x / mix)) };
  const key = await irKey(ir);
  const rt60Seconds = reverberationTime(ir.channels, sampleRate);
  const preDelayMs = (1000 * onset) / sampleRate;
  const wetDb = 10 * Math.log10(energy);
  // As much as is found before the direct sound, which is noise, may lie behind it too.
  const doubt = around.reduce((sum, c) => sum + c.subarray(0, lead).reduce((s, x) => s + x * x, 0), 0) / 2;
  const least = Math.sqrt(Math.max(0, mix ** 2 - 2 * doubt));
  const factor = Math.exp(NINETY_PERCENT * Math.hypot(10 ** (responses.remainderDb / 20), MAKERS_MIX));
  const module = estimated(
    { irKey: key, mix, preDelayMs, ringOutSeconds },
    Math.min(1, evidence.gainDb / 3),
    { code: 'reverb/deconvolution', args: { rt60Seconds: rounded(rt60Seconds ?? middleRt60(decays) ?? evidence.rt60Seconds, 2), wetDb: rounded(wetDb), preDelayMs: rounded(preDelayMs) } },
    { mix: [least / factor, Math.min(reverb.parameters.mix.max, mix * factor)], preDelayMs: [Math.max(0, (1000 * Math.min(earliest, onset)) / sampleRate - 2), (1000 * Math.max(latest, onset + quietFramesOf(cut))) / sampleRate + 2] },
  );
  return { module, key, ir, rt60Seconds };
}
