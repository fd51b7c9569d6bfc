/** The equalizer's bands as other programs take them, and their joint response. */
import { type EqualizerBand, scaleEqualizer } from '../../shared/params/equalizer.ts';
import type { Style } from '../../shared/style.ts';
import { gainToDb } from '../../shared/units.ts';
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

/**
 * Response of one band at a frequency, dB.
 * Source: R. Bristow-Johnson, "Audio EQ cookbook", analogue prototypes H(s); Q as defined there.
 */
export function bandResponseDb({ type, fHz, q, gainDb }: EqualizerBand, hz: number): number {
  const w = hz / fHz;
  const a = 10 ** (gainDb / 40);
  // |x + iy| of numerator and denominator at s = i w
  const db = (x: number, y: number, u: number, v: number): number => gainToDb(Math.hypot(x, y) / Math.hypot(u, v));
  const slope = Math.sqrt(a) / q;
  switch (type) {
    case 'peak':
      return db(1 - w * w, (w * a) / q, 1 - w * w, w / (a * q));
    case 'low_shelf':
      return gainToDb(a) + db(a - w * w, slope * w, 1 - a * w * w, slope * w);
    case 'high_shelf':
      return gainToDb(a) + db(1 - a * w * w, slope * w, a - w * w, slope * w);
    case 'high_pass':
      return db(w * w, 0, 1 - w * w, w / q);
    case 'low_pass':
      return db(1, 0, 1 - w * w, w / q);
    default:
      return type satisfies never;
  }
}

/** Highest point of the joint curve between 20 Hz and 20 kHz, dB; never below 0. */
export function highestBoostDb(bands: readonly EqualizerBand[]): number {
  let highest = 0;
  for (let step = 0; step <= 240; step += 1) {
    const hz = 20 * 1000 ** (step / 240);
    highest = Math.max(highest, bands.reduce((sum, band) => sum + bandResponseDb(band, hz), 0));
  }
  return highest;
}
