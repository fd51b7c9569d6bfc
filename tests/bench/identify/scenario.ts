/** A case: material, a chain of a kind, what came out. */
import { codecStep, compressorPart, equalizerPart, exciterPart, type Levels, limiterPart, multibandPart, type Part, pitchPart, reverbPart, saturatorPart, widthPart } from './chains.ts';
import { Draw } from './draw.ts';
import { type Material, materialFor } from './material.ts';
import { atRate, ffmpeg, processed, sox, type Step, type Stereo } from './processors.ts';

/** Kinds in the order in which cases take turns. */
export const KINDS = ['eq', 'compressor', 'limiter', 'reverb', 'width', 'exciter', 'saturation', 'pitch', 'delay', 'codec', 'combined', 'multiband', 'rate'] as const;
export type Kind = (typeof KINDS)[number];

export interface Scenario {
  readonly seed: number;
  readonly kind: Kind;
  readonly material: Material;
  readonly parts: readonly Part[];
  readonly reference: Stereo;
  readonly referenceRate: number;
  /** Frames of the target's rate by which the reference was delayed on purpose. */
  readonly delayFrames: number;
  readonly about: string;
}

export function levelsOf([left, right]: Stereo, sampleRate: number): Levels {
  let [sum, peak] = [1e-12, 1e-6];
  for (const channel of [left, right]) {
    for (const x of channel) {
      sum += x * x;
      peak = Math.max(peak, Math.abs(x));
    }
  }
  return { rmsDb: 10 * Math.log10(sum / (2 * left.length)), peakDb: 20 * Math.log10(peak), sampleRate };
}

const FIR_HALF = 64;

/** A delay that is no whole number of frames: a windowed sinc, through ffmpeg's afir. */
function fractionalDelay(fraction: number): Step {
  const response = Float32Array.from({ length: 2 * FIR_HALF }, (_, n) => {
    const t = n - FIR_HALF - fraction;
    const window = 0.5 + 0.5 * Math.cos((Math.PI * t) / FIR_HALF);
    return Math.abs(t) >= FIR_HALF ? 0 : (t === 0 ? 1 : Math.sin(Math.PI * t) / (Math.PI * t)) * window;
  });
  return { tool: 'fir', response: [response, response], name: 'afir' };
}

interface Plan {
  readonly parts: readonly Part[];
  /** Processors that are no effect: delays, polarity, codecs. */
  readonly after?: readonly Step[];
  readonly delayFrames?: number;
  readonly referenceRate?: number;
}

function combined(draw: Draw, levels: Levels): Part[] {
  const parts = [equalizerPart(draw, levels), compressorPart(draw, levels)];
  if (draw.chance(0.35)) parts.push(draw.chance(0.5) ? exciterPart(draw, levels) : saturatorPart(draw, levels));
  if (draw.chance(0.5)) parts.push(widthPart(draw, levels));
  if (draw.chance(0.25)) parts.push(reverbPart(draw, levels));
  if (draw.chance(0.5)) parts.push(limiterPart(draw, levels));
  return parts;
}

function planOf(kind: Kind, draw: Draw, levels: Levels): Plan {
  switch (kind) {
    case 'eq':
      return { parts: [equalizerPart(draw, levels)] };
    case 'compressor':
      return { parts: [compressorPart(draw, levels)] };
    case 'multiband':
      return { parts: [multibandPart(draw, levels)] };
    case 'limiter':
      return { parts: [limiterPart(draw, levels)] };
    case 'reverb':
      return { parts: [reverbPart(draw, levels)] };
    case 'width':
      return { parts: [widthPart(draw, levels)] };
    case 'exciter':
      return { parts: [exciterPart(draw, levels)] };
    case 'saturation':
      return { parts: [saturatorPart(draw, levels)] };
    case 'pitch':
      return { parts: [pitchPart(draw, levels)] };
    case 'delay': {
      const whole = Math.round(draw.ratio(1, 6 * levels.sampleRate));
      const fraction = draw.chance(0.5) ? draw.between(-0.45, 0.45) : 0;
      const polarity = draw.chance(0.3) ? [sox('vol -1')] : [];
      const parts = draw.chance(0.5) ? [equalizerPart(draw, levels)] : [];
      const latency = parts.reduce((sum, part) => sum + (part.latencyFrames ?? 0), 0);
      return { parts, after: [ffmpeg(`adelay=delays=${whole}S|${whole}S`), fractionalDelay(fraction), ...polarity], delayFrames: whole + fraction + FIR_HALF + latency };
    }
    case 'codec':
      return { parts: draw.chance(0.7) ? [equalizerPart(draw, levels)] : [], after: [codecStep(draw)] };
    case 'rate':
      return { parts: [equalizerPart(draw, levels)], after: draw.chance(0.5) ? [ffmpeg('adelay=delays=48000S|48000S')] : [], referenceRate: draw.pick([levels.sampleRate === 48_000 ? 44_100 : 48_000, 96_000]) };
    case 'combined':
      return { parts: combined(draw, levels) };
    default:
      return kind satisfies never;
  }
}

/** @param recordings files of which every second case takes an excerpt */
export function scenarioFor(seed: number, kind: Kind, recordings: readonly string[]): Scenario {
  const draw = new Draw(seed + 100_003);
  const material = materialFor(seed, recordings);
  const { sampleRate } = material;
  let signal = material.channels;
  const plan = planOf(kind, draw, levelsOf(signal, sampleRate));
  for (const part of plan.parts) signal = processed(signal, sampleRate, part.steps);
  if (plan.after) signal = processed(signal, sampleRate, plan.after);
  const referenceRate = plan.referenceRate ?? sampleRate;
  const steps = [...plan.parts.flatMap((part) => part.steps), ...(plan.after ?? [])];
  return {
    seed,
    kind,
    material,
    parts: plan.parts,
    reference: atRate(signal, sampleRate, referenceRate),
    referenceRate,
    delayFrames: plan.delayFrames ?? 0,
    about: `${material.about}: ${steps.map((s) => s.name).join(', ')}`,
  };
}
