/** Every effect of the chain; adding one adds its line here and its place in `CHAIN_ORDER`. */
import { compressor } from './compressor.ts';
import { equalizer } from './equalizer.ts';
import { exciter } from './exciter.ts';
import { gain } from './gain.ts';
import { limiter } from './limiter.ts';
import { matchFir } from './match-fir.ts';
import { pitchShift } from './pitch-shift.ts';
import { reverb } from './reverb.ts';
import { stereoWidth } from './stereo-width.ts';
import type { ValuesOf } from './effect.ts';

/** Effects with a processor in the engine. The order is the engine's id; styles are stored by name, never by id. */
export const EFFECTS = [equalizer, compressor, exciter, stereoWidth, reverb, pitchShift, gain, limiter, matchFir] as const;

export type EffectName = (typeof EFFECTS)[number]['name'];
export type EffectOf<N extends EffectName> = Extract<(typeof EFFECTS)[number], { name: N }>;
export type EffectValues<N extends EffectName> = ValuesOf<EffectOf<N>>;

export const effectNamed = <N extends EffectName>(name: N): EffectOf<N> =>
  EFFECTS.find((effect) => effect.name === name) as EffectOf<N>;
