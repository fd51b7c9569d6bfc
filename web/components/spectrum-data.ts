/** The lines of the spectrum plot: levels relative to each recording's loudness, on one grid. */
import { equalizerResponseDb } from '../../shared/equalizer-response.ts';
import { scaleEqualizer } from '../../shared/params/equalizer.ts';
import type { EqualizerValues } from '../../shared/params/equalizer.ts';
import type { Features, Ltas } from '../../shared/features.ts';

export type Resolution = 'third' | 'fine';

/** What lies further below the loudest band is drawn at the foot of the plot. */
const RANGE_DB = 66;

const ltasOf = (features: Features, resolution: Resolution): Ltas => (resolution === 'third' ? features.ltas : features.ltasFine);

/** Mid level per band minus the integrated loudness; null over Nyquist and where nothing was measured. */
export function alignedLtasDb(features: Features, resolution: Resolution): (number | null)[] {
  const { hz, midDb } = ltasOf(features, resolution);
  const offsetDb = features.loudness.integratedLufs ?? 0;
  const foot = Math.max(...midDb) - RANGE_DB;
  return midDb.map((db, band) => ((hz[band] ?? 0) > features.sampleRate / 2 || db < foot ? null : db - offsetDb));
}

export const gridHz = (features: Features, resolution: Resolution): readonly number[] => ltasOf(features, resolution).hz;

/** Where the equalizer's curve is computed: finer than any band, 20 Hz to 20 kHz. */
export const CURVE_HZ: readonly number[] = Array.from({ length: 240 }, (_, k) => 20 * 1000 ** (k / 239));

/** Index of the grid's frequency nearest to `hz`, in octaves. */
export const nearestIndex = (grid: readonly number[], hz: number): number =>
  grid.reduce((best, f, index) => (Math.abs(Math.log(f / hz)) < Math.abs(Math.log((grid[best] ?? f) / hz)) ? index : best), 0);

/** The equalizer's response as it is rendered, intensity included; zeros where it is off. */
export function curveDb(module: { readonly enabled: boolean; readonly intensity: number; readonly values: EqualizerValues }, intensity: number, hz: readonly number[], sampleRate: number): readonly number[] {
  if (!module.enabled || module.values.bands.length === 0) return hz.map(() => 0);
  return [...equalizerResponseDb(scaleEqualizer(module.values, module.intensity * intensity).bands, [...hz], sampleRate)];
}

/** Range of the plot, rounded outward to 10 dB. */
export function levelRangeDb(lines: readonly (readonly (number | null)[])[]): readonly [low: number, high: number] {
  const levels = lines.flat().filter((db): db is number => db !== null);
  if (levels.length === 0) return [-60, 0];
  // + 0: never minus zero, which would be written so.
  return [Math.floor(Math.min(...levels) / 10) * 10 + 0, Math.ceil((Math.max(...levels) + 2) / 10) * 10 + 0];
}
