/**
 * How an effect states its parameters. Slider, validator, wasm ABI and reference page derive from it.
 */
export type Unit = 'dB' | 'dBTP' | 'LUFS' | 'Hz' | 'ms' | 's' | 'ratio' | 'semitones' | 'fraction' | 'count';

export interface NumberParameter {
  readonly unit: Unit;
  readonly min: number;
  readonly max: number;
  /** Starting value of a module that a person switches on by hand. */
  readonly default: number;
  /** Value at which the parameter leaves the sound alone, where it has one. */
  readonly neutral?: number;
  /** How a slider moves. */
  readonly scale: 'linear' | 'log';
  readonly step: number;
}

export interface ChoiceParameter {
  readonly choices: readonly string[];
  readonly default: string;
}

/** An array in the engine (impulse response), named by its SHA-256 in `style.irs`. */
export interface AssetParameter {
  readonly asset: 'ir';
}

export type Parameter = NumberParameter | ChoiceParameter | AssetParameter;
export type Parameters = Readonly<Record<string, Parameter>>;

export interface Effect<P extends Parameters = Parameters, B extends Parameters = Parameters> {
  /** kebab-case: the file's own name in shared/params, wasm/assembly/processors and tests. */
  readonly name: string;
  readonly parameters: P;
  readonly bands?: { readonly max: number; readonly parameters: B };
}

type ValueOf<P> = P extends { readonly choices: readonly (infer C)[] } ? C : P extends AssetParameter ? string | null : number;

type Scalars<P> = { -readonly [K in keyof P]: ValueOf<P[K]> };

/** The values of an effect: scalars by name, and `bands` where it has them. */
export type ValuesOf<E extends Effect> = Scalars<E['parameters']> &
  (E extends { readonly bands: { readonly parameters: infer B } } ? { bands: Scalars<B>[] } : unknown);

export const isNumber = (p: Parameter): p is NumberParameter => 'unit' in p;
export const isChoice = (p: Parameter): p is ChoiceParameter => 'choices' in p;
export const isAsset = (p: Parameter): p is AssetParameter => 'asset' in p;

export const clampTo = (p: NumberParameter, value: number): number => Math.min(p.max, Math.max(p.min, value));

/** Moves from neutral (0) to the value (1), linearly. */
export const towards = (neutral: number, value: number, amount: number): number => neutral + (value - neutral) * amount;
