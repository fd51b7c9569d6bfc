/** The equalizer's bands as other programs take them, and their joint response. */
import { analogueResponseDb } from '../../shared/equalizer-response.ts';
import { type EqualizerBand, scaleEqualizer } from '../../shared/params/equalizer.ts';
import type { Style } from '../../shared/style.ts';
import { effectiveIntensity } from '../rendering/style-chain.ts';
import type { Loss } from './contract.ts';

/** Bands with the intensity folded in; none where the module is off. Passes that moved out of hearing are dropped. */
export function exportedBands(style: Style): EqualizerBand[] {
  const amount = effectiveIntensity(style, 'eq');
  if (amount === 0) return [];
  return scaleEqualizer(style.modules.eq.values, amount).bands.filter(
    (band) => !(band.type === 'high_pass' && band.fHz <= 10.5) && !(band.type === 'low_pass' && band.fHz >= 23_500),
  );
}

/** Above this a filter mapped by the plain bilinear transform, at 48 kHz, leaves the analogue curve by more than 0.3 dB. */
const BILINEAR_LIMIT_HZ = 6000;

export function equalizerLosses(style: Style, bands: readonly EqualizerBand[]): Loss[] {
  const bent = bands.filter((band) => band.fHz > BILINEAR_LIMIT_HZ && (band.gainDb !== 0 || band.type === 'low_pass')).length;
  const amount = effectiveIntensity(style, 'eq');
  return [
    ...(bent > 0 ? [{ code: 'eq/near-nyquist', args: { count: bent } } as const] : []),
    ...(amount > 0 && amount < 1 ? [{ code: 'intensity/folded-in', args: {} } as const] : []),
  ];
}

/** Highest point of the joint curve between 20 Hz and 20 kHz, dB; never below 0. */
export function highestBoostDb(bands: readonly EqualizerBand[]): number {
  const hz = Float64Array.from({ length: 241 }, (_, step) => 20 * 1000 ** (step / 240));
  return Math.max(0, ...analogueResponseDb(bands, hz));
}
