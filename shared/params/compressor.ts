import type { Effect, ValuesOf } from './effect.ts';
import { towards } from './effect.ts';

/**
 * Multiband compressor and expander: 1 to 4 bands, stereo-linked.
 *
 * Static curve per band, in dB of the detector: above `thresholdDb` the slope is 1 / `ratio`
 * (a ratio under 1 expands upwards), below `lowThresholdDb` it is 1 / `lowRatio` (under 1: downward
 * expansion, over 1: upward compression); both knees are `kneeDb` wide.
 */
export const compressor = {
  name: 'compressor',
  parameters: {
    crossover1Hz: { unit: 'Hz', min: 30, max: 16000, default: 120, scale: 'log', step: 1 },
    crossover2Hz: { unit: 'Hz', min: 30, max: 16000, default: 1000, scale: 'log', step: 1 },
    crossover3Hz: { unit: 'Hz', min: 30, max: 16000, default: 5000, scale: 'log', step: 1 },
  },
  bands: {
    max: 4,
    parameters: {
      thresholdDb: { unit: 'dB', min: -72, max: 6, default: -18, scale: 'linear', step: 0.1 },
      ratio: { unit: 'ratio', min: 0.4, max: 20, default: 2, neutral: 1, scale: 'log', step: 0.01 },
      lowThresholdDb: { unit: 'dB', min: -96, max: 0, default: -60, scale: 'linear', step: 0.1 },
      lowRatio: { unit: 'ratio', min: 0.25, max: 4, default: 1, neutral: 1, scale: 'log', step: 0.01 },
      kneeDb: { unit: 'dB', min: 0, max: 24, default: 6, scale: 'linear', step: 0.1 },
      attackMs: { unit: 'ms', min: 0.05, max: 300, default: 15, scale: 'log', step: 0.01 },
      releaseMs: { unit: 'ms', min: 2, max: 3000, default: 150, scale: 'log', step: 0.1 },
      /** 0: peak detector; above: mean square over this time constant. */
      rmsMs: { unit: 'ms', min: 0, max: 300, default: 10, scale: 'linear', step: 0.1 },
      makeupDb: { unit: 'dB', min: -24, max: 24, default: 0, neutral: 0, scale: 'linear', step: 0.1 },
    },
  },
} as const satisfies Effect;

export type CompressorValues = ValuesOf<typeof compressor>;
export type CompressorBand = CompressorValues['bands'][number];

/** The slope in dB per dB moves towards 1, the make-up towards 0. */
export function scaleCompressor(values: CompressorValues, intensity: number): CompressorValues {
  const scaleRatio = (ratio: number) => 1 / towards(1, 1 / ratio, intensity);
  return {
    ...values,
    bands: values.bands.map((band) => ({
      ...band,
      ratio: scaleRatio(band.ratio),
      lowRatio: scaleRatio(band.lowRatio),
      makeupDb: towards(0, band.makeupDb, intensity),
    })),
  };
}
