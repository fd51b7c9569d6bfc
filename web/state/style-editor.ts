/** A style being edited: values move, the estimate stays as it was. */
import { createMemo } from 'solid-js';
import { createStore, reconcile, unwrap } from 'solid-js/store';
import { effectNamed } from '../../shared/params/catalogue.ts';
import { isChoice, isNumber } from '../../shared/params/effect.ts';
import type { Effect, Parameters } from '../../shared/params/effect.ts';
import { loudness } from '../../shared/params/loudness.ts';
import type { Module, ModuleName, Style, StyleModules } from '../../shared/style.ts';

export type Scalar = number | string | null;
/** Values of any effect, as an editor sees them: scalars by name, and bands where the effect has them. */
export interface EditableValues {
  readonly [name: string]: Scalar | readonly Readonly<Record<string, Scalar>>[] | undefined;
  readonly bands?: readonly Readonly<Record<string, Scalar>>[];
}
export type EditableModule = Omit<Module<unknown>, 'values'> & { readonly values: EditableValues };

/** The schema behind each module of a style. */
export const MODULE_EFFECTS: Readonly<Record<ModuleName, Effect>> = {
  pitch: effectNamed('pitch-shift'),
  eq: effectNamed('equalizer'),
  matchFir: effectNamed('match-fir'),
  dynamics: effectNamed('compressor'),
  exciter: effectNamed('exciter'),
  stereo: effectNamed('stereo-width'),
  reverb: effectNamed('reverb'),
  lufs: loudness,
  limiter: effectNamed('limiter'),
};

const defaultsOf = (parameters: Parameters): Record<string, Scalar> =>
  Object.fromEntries(Object.entries(parameters).map(([name, parameter]) => [name, isNumber(parameter) || isChoice(parameter) ? parameter.default : null]));

/** Whether the values leave the sound alone: every parameter that has a neutral value is at it. */
function isNeutral(effect: Effect, values: EditableValues): boolean {
  const neutral = Object.entries(effect.parameters).flatMap(([name, parameter]) =>
    isNumber(parameter) && parameter.neutral !== undefined ? [values[name] === parameter.neutral] : [],
  );
  if (effect.bands) return (values.bands ?? []).length === 0;
  return neutral.length > 0 && neutral.every(Boolean);
}

export interface EditedStyle {
  intensity: number;
  modules: Record<ModuleName, EditableModule>;
}

const editedOf = (style: Style): EditedStyle => structuredClone({ intensity: style.intensity, modules: style.modules as unknown as Record<ModuleName, EditableModule> });

/** An editor that begins with `rendered`, the style that is heard. */
export function createStyleEditor(rendered: Style) {
  const [edited, setEdited] = createStore<EditedStyle>(editedOf(rendered));
  const before = JSON.stringify(editedOf(rendered));
  const change = (name: ModuleName, next: Partial<EditableModule>) => setEdited('modules', name, next);
  const byHand = { status: 'manual', reason: { code: 'module/by-hand', args: {} } } as const;
  const setBands = (name: ModuleName, bands: readonly Readonly<Record<string, Scalar>>[]) =>
    // Intervals name bands by their place, which has changed.
    setEdited('modules', name, (now) => ({ ...now, ...byHand, intervals: {}, values: { ...now.values, bands } }));

  return {
    edited,
    irs: rendered.irs,
    isDirty: createMemo(() => JSON.stringify(edited) !== before),
    setIntensity: (intensity: number) => setEdited('intensity', intensity),
    setModuleIntensity: (name: ModuleName, intensity: number) => change(name, { intensity }),
    /** A module without values of its own starts with the schema's. */
    setEnabled(name: ModuleName, enabled: boolean) {
      const module = edited.modules[name];
      const effect = MODULE_EFFECTS[name];
      if (enabled && module.status !== 'estimated' && isNeutral(effect, unwrap(module.values))) {
        const irKey = Object.keys(rendered.irs)[0] ?? null;
        const values: EditableValues = {
          ...defaultsOf(effect.parameters),
          ...('irKey' in effect.parameters ? { irKey } : {}),
          ...(effect.bands ? { bands: [defaultsOf(effect.bands.parameters)] } : {}),
        };
        change(name, { enabled, values, ...byHand });
      } else change(name, { enabled });
    },
    setValue: (name: ModuleName, parameter: string, value: Scalar) =>
      setEdited('modules', name, (now) => ({ ...now, ...byHand, values: { ...now.values, [parameter]: value } })),
    setBandValue: (name: ModuleName, index: number, parameter: string, value: Scalar) =>
      setEdited('modules', name, (now) => ({
        ...now,
        ...byHand,
        values: { ...now.values, bands: (now.values.bands ?? []).map((band, at) => (at === index ? { ...band, [parameter]: value } : band)) },
      })),
    addBand(name: ModuleName) {
      const { bands } = MODULE_EFFECTS[name];
      const now = edited.modules[name].values.bands ?? [];
      if (bands && now.length < bands.max) setBands(name, [...now, defaultsOf(bands.parameters)]);
    },
    removeBand: (name: ModuleName, index: number) => setBands(name, (edited.modules[name].values.bands ?? []).filter((_, at) => at !== index)),
    reset: (estimate: Style) => setEdited(reconcile(editedOf(estimate))),
    /** What was edited, free of the store, for `restore`. */
    snapshot: (): EditedStyle => structuredClone(unwrap(edited)),
    restore: (snapshot: EditedStyle) => setEdited(reconcile(structuredClone(snapshot))),
    /** The style as edited, free of the store. */
    style(): Style {
      const plain = structuredClone(unwrap(edited));
      return { ...rendered, intensity: plain.intensity, modules: plain.modules as unknown as StyleModules };
    },
  };
}

export type StyleEditor = ReturnType<typeof createStyleEditor>;
