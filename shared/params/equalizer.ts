import type { Effect, ValuesOf } from './effect.ts';
import { towards } from './effect.ts';

/** Parametric equalizer, up to 8 bands of second order, matched to the analogue response near Nyquist. */
export const equalizer = {
  name: 'equalizer',
  parameters: {},
  bands: {
    max: 8,
    parameters: {
      type: { choices: ['peak', 'low_shelf', 'high_shelf', 'high_pass', 'low_pass'], default: 'peak' },
      fHz: { unit: 'Hz', min: 10, max: 24000, default: 1000, scale: 'log', step: 1 },
      q: { unit: 'ratio', min: 0.1, max: 12, default: 0.9, scale: 'log', step: 0.01 },
      gainDb: { unit: 'dB', min: -24, max: 24, default: 0, neutral: 0, scale: 'linear', step: 0.1 },
    },
  },
} as const satisfies Effect;

export type EqualizerValues = ValuesOf<typeof equalizer>;
export type EqualizerBand = EqualizerValues['bands'][number];

/** Gains shrink with intensity; a high or low pass moves out of the audible range. */
export function scaleEqualizer(values: EqualizerValues, intensity: number): EqualizerValues {
  return {
    bands: values.bands.map((band) => {
      switch (band.type) {
        case 'high_pass':
          return { ...band, fHz: Math.max(10, 10 * (band.fHz / 10) ** intensity) };
        case 'low_pass':
          return { ...band, fHz: 24000 * (band.fHz / 24000) ** intensity };
        case 'peak':
        case 'low_shelf':
        case 'high_shelf':
          return { ...band, gainDb: towards(0, band.gainDb, intensity) };
        default:
          return band.type satisfies never;
      }
    }),
  };
}
