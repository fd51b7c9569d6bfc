import { expect, test } from 'vitest';
import { equalizerResponseDb } from '../../shared/equalizer-response.ts';
import { neutralStyle, type Style } from '../../shared/style.ts';
import { styleResponseDb } from '../../shared/style-response.ts';

const HZ = [20, 200, 2000, 12_000, 20_000];
const KEY = 'c'.repeat(64);

function filtered(amount: number, rest: Partial<Style> = {}): Style {
  const style = { ...neutralStyle('0'.repeat(64), 'B'), ...rest, irs: { [KEY]: { sampleRate: 48_000, channels: [Float32Array.of(0.25, 1, 0.25)] } } };
  style.modules.matchFir = { ...style.modules.matchFir, enabled: true, values: { irKey: KEY, amount } };
  return style;
}

/** Of three taps a, 1, a around their centre: 1 + 2 a cos w. */
const threeTaps = (hz: number, a: number): number => 20 * Math.log10(Math.abs(1 + 2 * a * Math.cos((2 * Math.PI * hz) / 48_000)));

test('a style with everything off is flat', () => {
  expect([...styleResponseDb(neutralStyle('0'.repeat(64), 'B'), HZ, 48_000)]).toEqual([0, 0, 0, 0, 0]);
});

test('the match filter follows its taps within 0.001 dB, half of it a blend with the untouched sound', () => {
  const differences = [1, 0.5].flatMap((amount) => HZ.map((hz, i) => styleResponseDb(filtered(amount), HZ, 48_000)[i]! - threeTaps(hz, 0.25 * amount)));
  expect(Math.max(...differences.map(Math.abs))).toBeLessThan(0.001);
});

test('the equalizer and the match filter add up, and the intensity of the whole weakens both', () => {
  const style = filtered(1, { intensity: 0.5 });
  style.modules.eq = { ...style.modules.eq, enabled: true, values: { bands: [{ type: 'peak', fHz: 2000, q: 1, gainDb: 6 }] } };
  const wanted = equalizerResponseDb([{ type: 'peak', fHz: 2000, q: 1, gainDb: 3 }], HZ, 48_000);
  styleResponseDb(style, HZ, 48_000).forEach((db, i) => expect(db).toBeCloseTo(wanted[i]! + threeTaps(HZ[i]!, 0.125), 3));
});
