import { expect, test } from 'vitest';
import type { SpectralDifference } from '../../../../wasm/inversion/unpaired/material.ts';
import { spectralStyle } from '../../../../wasm/inversion/unpaired/spectral-style.ts';

/** A reference with 6 dB more at both ends: under 130 Hz and, as many octaves wide, over 4 kHz. */
const hz = Array.from({ length: 108 }, (_, k) => 33 * 2 ** (k / 12));
const db = hz.map((f) => (f < 130 || f > 4000 ? 6 : 0));
const bothEnds: SpectralDifference = { hz, db, fineDb: db, isKnown: hz.map(() => true), roughnessDb: 3 };

const liftsOf = (material: { onePiece: number; isVoice: boolean }) => {
  const style = spectralStyle(bothEnds, material, null);
  const mean = (low: number, high: number) => {
    const inside = Array.from(style.db).filter((_, k) => hz[k]! > low && hz[k]! < high);
    return inside.reduce((sum, v) => sum + v, 0) / inside.length;
  };
  const middle = mean(500, 1500);
  return { bottom: mean(40, 110) - middle, top: mean(5000, 14_000) - middle };
};

test('of two voices the bottom, where speakers differ, is followed at most 0.6 as far as the top', () => {
  const { bottom, top } = liftsOf({ onePiece: 0, isVoice: true });
  expect(top).toBeGreaterThan(1);
  expect(bottom).toBeLessThan(0.6 * top);
});

test('of music both ends are followed alike', () => {
  for (const onePiece of [0, 1]) {
    const { bottom, top } = liftsOf({ onePiece, isVoice: false });
    expect(top).toBeGreaterThan(2);
    expect(Math.abs(bottom - top)).toBeLessThan(0.25 * top);
  }
});
