/** From a style to the row of effects that the engine runs: intensities applied, what changes nothing left out. */
import { scaleCompressor } from '../../shared/params/compressor.ts';
import { scaleEqualizer } from '../../shared/params/equalizer.ts';
import { scaleExciter } from '../../shared/params/exciter.ts';
import { type LimiterValues, scaleLimiter } from '../../shared/params/limiter.ts';
import { scaleLoudness } from '../../shared/params/loudness.ts';
import { scaleMatchFir } from '../../shared/params/match-fir.ts';
import { scalePitchShift } from '../../shared/params/pitch-shift.ts';
import { scaleReverb } from '../../shared/params/reverb.ts';
import { scaleStereoWidth } from '../../shared/params/stereo-width.ts';
import { CHAIN_ORDER, type ModuleName, type Style, type StyleModules } from '../../shared/style.ts';
import type { ChainStep } from '../host/engine.ts';

type BodyModule = Exclude<ModuleName, 'lufs' | 'limiter'>;
type StepOf<M extends BodyModule> = (values: StyleModules[M]['values'], amount: number, style: Style) => ChainStep | null;

/** Each module's step at an intensity; null where it would leave every sample as it is. */
const STEPS: { readonly [M in BodyModule]: StepOf<M> } = {
  pitch: (values, amount) => (values.semitones === 0 ? null : { effect: 'pitch-shift', values: scalePitchShift(values, amount) }),
  eq: (values, amount) => (values.bands.length === 0 ? null : { effect: 'equalizer', values: scaleEqualizer(values, amount) }),
  matchFir: (values, amount, style) =>
    isCarried(style, values.irKey) && values.amount !== 0 ? { effect: 'match-fir', values: scaleMatchFir(values, amount) } : null,
  dynamics: (values, amount) => (values.bands.length === 0 ? null : { effect: 'compressor', values: scaleCompressor(values, amount) }),
  exciter: (values, amount) => (values.amount === 0 ? null : { effect: 'exciter', values: scaleExciter(values, amount) }),
  stereo: (values, amount) =>
    values.widthLow === 1 && values.widthMid === 1 && values.widthHigh === 1
      ? null
      : { effect: 'stereo-width', values: scaleStereoWidth(values, amount) },
  reverb: (values, amount, style) =>
    isCarried(style, values.irKey) && values.mix !== 0 ? { effect: 'reverb', values: scaleReverb(values, amount) } : null,
};

const isCarried = (style: Style, key: string | null): boolean => key !== null && (style.irs[key]?.channels[0]?.length ?? 0) > 0;

/** A module's intensity within the whole; 0 where it is switched off. */
export function effectiveIntensity(style: Style, name: ModuleName): number {
  const module = style.modules[name];
  return module.enabled ? module.intensity * style.intensity : 0;
}

function stepOf<M extends BodyModule>(style: Style, name: M): ChainStep | null {
  const amount = effectiveIntensity(style, name);
  return amount > 0 ? STEPS[name](style.modules[name].values, amount, style) : null;
}

/**
 * Everything before loudness, in chain order.
 * @param channels of the recording: width means nothing to a mono one
 */
export function bodySteps(style: Style, channels: 1 | 2): ChainStep[] {
  return CHAIN_ORDER.filter((name): name is BodyModule => name in STEPS)
    .filter((name) => !(name === 'stereo' && channels === 1))
    .map((name) => stepOf(style, name))
    .filter((step) => step !== null);
}

/** A mono recording becomes stereo only through a reverb whose response is. */
export function outputChannels(style: Style, steps: readonly ChainStep[], channels: 1 | 2): 1 | 2 {
  const widens = steps.some(
    (step) => step.effect === 'reverb' && step.values.irKey !== null && (style.irs[step.values.irKey]?.channels.length ?? 1) > 1,
  );
  return channels === 2 || widens ? 2 : 1;
}

/**
 * LUFS to reach, or null where the style leaves the loudness alone. The module's intensity leads there from the loudness
 * that the other modules leave; that of the whole style from the recording's own.
 * @param bodyLufs  behind the other modules
 * @param inputLufs  of the recording; matters under 100 % of the whole only
 */
export function loudnessTarget(style: Style, bodyLufs: number | null, inputLufs: number | null): number | null {
  if (effectiveIntensity(style, 'lufs') === 0 || bodyLufs === null) return null;
  const { values, intensity } = style.modules.lufs;
  const whole = scaleLoudness(values, intensity, bodyLufs).targetDb;
  return needsInputLoudness(style) && inputLufs !== null ? scaleLoudness({ targetDb: whole }, style.intensity, inputLufs).targetDb : whole;
}

export const needsInputLoudness = (style: Style): boolean => style.intensity < 1 && effectiveIntensity(style, 'lufs') > 0;

/** The limiter's values, or null where it is off. Its ceiling holds at every intensity. */
export function limiterValues(style: Style): LimiterValues | null {
  const { enabled, values, intensity } = style.modules.limiter;
  return enabled ? scaleLimiter(values, intensity * style.intensity) : null;
}
