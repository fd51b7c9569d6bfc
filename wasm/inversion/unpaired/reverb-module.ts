/**
 * A room for the target where the reference clearly has a longer one. The response is made, not measured: two
 * decorrelated rows of noise, shaped per octave band to the decay times found.
 * Source for the noise model: J. A. Moorer, About this reverberation business, Computer Music Journal 3(2), 1979.
 */
import type { Features } from '../../../shared/features.ts';
import { reverb, type ReverbValues } from '../../../shared/params/reverb.ts';
import { type ImpulseResponse, type Module, neutralStyle } from '../../../shared/style.ts';
import { irKey } from '../ir-key.ts';
import { estimated, notIdentifiable, rounded, unchanged } from '../paired/modules.ts';

/** A room shorter than this is no reverb that anybody chose; the reference's must last this much longer than ours. */
const LEAST_SECONDS = 0.45;
const LONGER = 1.4;
/** The interval must be narrower than this share of the estimate. */
const SURE = 0.45;
/** Sound in the reference must also get out of the way more slowly. */
const SLOWER_FALL = 0.88;
const PRE_DELAY_MS = 15;
const OCTAVES_HZ = [250, 500, 1000, 2000, 4000, 8000] as const;

export interface FoundReverb {
  readonly module: Module<ReverbValues>;
  readonly ir: { readonly key: string; readonly response: ImpulseResponse } | null;
}

export async function reverbModule(reference: Features, target: Features): Promise<FoundReverb> {
  const idle = neutralStyle('', 'B').modules.reverb.values;
  const room = reference.reverb;
  if (room.rt60Seconds === null || room.rt60Interval === null || room.fallDbPerSecond === null || target.reverb.fallDbPerSecond === null) {
    return { module: notIdentifiable(idle), ir: null };
  }
  const own = target.reverb.rt60Seconds ?? 0.2;
  const isSure = room.rt60Interval[1] - room.rt60Interval[0] < SURE * room.rt60Seconds;
  const fallRatio = room.fallDbPerSecond / target.reverb.fallDbPerSecond;
  if (room.rt60Seconds < LEAST_SECONDS || room.rt60Seconds < LONGER * own || fallRatio > SLOWER_FALL) {
    return { module: unchanged(idle, isSure ? 0.7 : 0.4), ir: null };
  }
  if (!isSure) return { module: notIdentifiable(idle), ir: null };
  const response = shapedNoise(room.rt60BandSeconds.map((seconds) => seconds ?? room.rt60Seconds!), target.sampleRate);
  const key = await irKey(response);
  // The slower sound falls, the more of what is heard is room: wet energy from -24 dB (just there) to -9 dB.
  const wetDb = Math.max(-24, Math.min(-9, -24 + (1 - fallRatio) * 40));
  const mix = 10 ** (wetDb / 20);
  const module = estimated(
    { irKey: key, mix, preDelayMs: PRE_DELAY_MS, ringOutSeconds: reverb.parameters.ringOutSeconds.default },
    0.5,
    { code: 'reverb/free-decays', args: { rt60Seconds: rounded(room.rt60Seconds, 2), ownSeconds: rounded(own, 2) } },
    { mix: [mix * 0.4, mix * 2] },
  );
  return { module, ir: { key, response } };
}

/** Unit energy; each octave band of the noise dies away at its own rate. Deterministic. */
function shapedNoise(bandSeconds: readonly number[], sampleRate: number): ImpulseResponse {
  const frames = Math.round(Math.min(4, Math.max(...bandSeconds)) * sampleRate);
  const channels = [1, 2].map((seed) => {
    const sum = new Float32Array(frames);
    OCTAVES_HZ.forEach((hz, band) => {
      if (hz * Math.SQRT2 > sampleRate / 2) return;
      const noise = bandNoise(frames, hz, sampleRate, seed * 100 + band);
      const perFrame = -6.908 / (bandSeconds[band]! * sampleRate);
      for (let i = 0; i < frames; i += 1) sum[i]! += noise[i]! * Math.exp(perFrame * i);
    });
    return sum;
  });
  const energy = channels.reduce((total, row) => total + row.reduce((e, x) => e + x * x, 0), 0) / channels.length;
  return { sampleRate, channels: channels.map((row) => row.map((x) => x / Math.sqrt(energy))) };
}

/** White noise through a two-pole band-pass one octave wide (R. Bristow-Johnson, constant peak gain). */
function bandNoise(frames: number, hz: number, sampleRate: number, seed: number): Float32Array {
  const w = (2 * Math.PI * hz) / sampleRate;
  const alpha = Math.sin(w) / (2 * Math.SQRT2);
  const [b, a1, a2] = [alpha / (1 + alpha), (-2 * Math.cos(w)) / (1 + alpha), (1 - alpha) / (1 + alpha)];
  let state = (seed * 2654435761) >>> 0;
  let [x1, x2, y1, y2] = [0, 0, 0, 0];
  return Float32Array.from({ length: frames }, () => {
    // xorshift32 (Marsaglia 2003)
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const x = (state >>> 0) / 2147483648 - 1;
    const y = b * (x - x2) - a1 * y1 - a2 * y2;
    [x2, x1, y2, y1] = [x1, x, y1, y];
    return y;
  });
}
