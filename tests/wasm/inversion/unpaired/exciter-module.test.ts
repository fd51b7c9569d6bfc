import { expect, test } from 'vitest';
import type { Features } from '../../../../shared/features.ts';
import { dbToPower, powerToDb } from '../../../../shared/units.ts';
import { exciterModule } from '../../../../wasm/inversion/unpaired/exciter-module.ts';
import { piece } from '../../../bench/figures/music.ts';
import { bandLimited, RATE, type Stereo } from '../../../bench/figures/sound.ts';
import { measure } from '../../../support/analyze.ts';
import { engineBinary, freshEngine } from '../../../support/engine.ts';
import { invert } from '../../../support/invert.ts';
import { renderArrays } from '../../../support/rendering.ts';

const [OWN, OTHER] = [46, 5];
const END_HZ = 7000;
const dull = async (): Promise<Stereo> => bandLimited(await freshEngine(), piece(OWN), END_HZ);

/** Level between two frequencies over the loudness, dB. */
const levelOf = ({ ltas, loudness }: Features, fromHz: number, toHz: number): number =>
  powerToDb(ltas.hz.reduce((sum, hz, k) => (hz >= fromHz && hz < toHz ? sum + dbToPower(ltas.midDb[k]!) : sum), 1e-14)) - loudness.integratedLufs!;

test('what ends at 7 kHz is given harmonics above, and never more than the reference has there', async () => {
  const target = await dull();
  const style = await invert(piece(OTHER), target, RATE);
  expect(style.modules.exciter.enabled).toBe(true);
  const without = structuredClone(style);
  without.modules.exciter.enabled = false;
  const top = async (rows: readonly Float32Array[]) => levelOf(await measure(rows, RATE), 1.15 * END_HZ, 13_000);
  const rendered = async (one: typeof style) => (await renderArrays(target, RATE, one, { engine: await engineBinary() })).channels;
  const [plain, excited, wanted] = [await top(await rendered(without)), await top(await rendered(style)), await top(piece(OTHER))];
  expect(excited).toBeGreaterThan(plain + 3);
  expect(excited).toBeLessThan(wanted);
});

test.each([
  ['the target has as much above', async () => piece(OWN), async () => piece(OTHER)],
  ['the reference ends there too', dull, async () => bandLimited(await freshEngine(), piece(OTHER), END_HZ)],
])('nothing is added where %s', async (_, target, reference) => {
  const module = exciterModule(await measure(await reference(), RATE), await measure(await target(), RATE));
  expect(module.enabled).toBe(false);
});
