/** Which modules of a style do something, and so are missed where a format cannot carry them. */
import { CHAIN_ORDER, type ModuleName, type Style } from '../../shared/style.ts';
import { bodySteps, effectiveIntensity } from '../rendering/style-chain.ts';
import type { Loss } from './contract.ts';

const EFFECT_OF = {
  pitch: 'pitch-shift',
  eq: 'equalizer',
  matchFir: 'match-fir',
  dynamics: 'compressor',
  exciter: 'exciter',
  stereo: 'stereo-width',
  reverb: 'reverb',
} as const;

/** True where switching the module off would change the sound. */
export function isActive(style: Style, name: ModuleName): boolean {
  if (name === 'limiter') return style.modules.limiter.enabled;
  if (name === 'lufs') return effectiveIntensity(style, 'lufs') > 0;
  return bodySteps(style, 2).some((step) => step.effect === EFFECT_OF[name]);
}

/** One loss for each active module that is not carried. */
export const leftOut = (style: Style, carried: readonly ModuleName[]): Loss[] =>
  CHAIN_ORDER.filter((name) => !carried.includes(name) && isActive(style, name)).map((name) => ({ code: `${name}/left-out`, args: {} }));
