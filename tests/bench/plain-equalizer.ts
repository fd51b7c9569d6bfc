/** An equalizer without an engine: what a page would do in plain JavaScript, doubles, transposed direct form II. */
import type { EqualizerBand } from '../../shared/params/equalizer.ts';
import { equalizerSection } from '../../shared/equalizer-response.ts';

export const EIGHT_BANDS: readonly EqualizerBand[] = [60, 150, 400, 1000, 2200, 4500, 8000, 12_000].map((fHz, k) => ({
  type: 'peak',
  fHz,
  q: 1,
  gainDb: k % 2 === 0 ? 3 : -3,
}));

/** The same bands as ffmpeg says them; its sections are of the cookbook, as many products. */
export const EIGHT_BANDS_FFMPEG = EIGHT_BANDS.map(({ fHz, q, gainDb }) => `equalizer=f=${fHz}:t=q:w=${q}:g=${gainDb}:r=f64`).join(',');

/** In place. */
export function plainEqualizer(channels: readonly Float32Array[], sampleRate: number): void {
  for (const channel of channels) {
    for (const band of EIGHT_BANDS) {
      const { b0, b1, b2, a1, a2 } = equalizerSection(band, sampleRate);
      let [s1, s2] = [0, 0];
      for (let i = 0; i < channel.length; i += 1) {
        const x = channel[i]!;
        const y = b0 * x + s1;
        s1 = b1 * x - a1 * y + s2;
        s2 = b2 * x - a2 * y;
        channel[i] = y;
      }
    }
  }
}
