/** Laws that every preset format obeys. */
import { expect, test } from 'vitest';
import { neutralStyle } from '../../shared/style.ts';
import { type Exporter, LOSSES } from '../../wasm/export/contract.ts';
import { engineBinary } from '../support/engine.ts';
import { STYLE_WITH_EVERYTHING } from '../support/styles.ts';

/** @param carries modules the format holds */
export function obeysTheLawsOfAnExporter(exporter: Exporter, carries: readonly string[]): void {
  const encode = async (style = STYLE_WITH_EVERYTHING) =>
    exporter.encode(style, { engine: await engineBinary(), sampleRate: 48_000, name: 'A preset' });

  test('the same style gives the same bytes, and the style stays as it was', async () => {
    const before = structuredClone(STYLE_WITH_EVERYTHING);
    const [first, second] = [await encode(), await encode()];
    expect(Buffer.compare(Buffer.from(first.bytes), Buffer.from(second.bytes))).toBe(0);
    expect(STYLE_WITH_EVERYTHING).toEqual(before);
  });

  test('it says which active modules it left out, and only those', async () => {
    const { losses } = await encode();
    const missing = losses.map(({ code }) => code).filter((code) => code.endsWith('/left-out'));
    const all = ['pitch', 'eq', 'matchFir', 'dynamics', 'exciter', 'stereo', 'reverb', 'lufs', 'limiter'];
    expect(missing).toEqual(all.filter((name) => !carries.includes(name)).map((name) => `${name}/left-out`));
    expect(losses.every(({ code }) => code in LOSSES)).toBe(true);
  });

  test('a neutral style is carried without loss', async () => {
    const { bytes, losses } = await encode(neutralStyle('', 'B'));
    expect(losses).toEqual([]);
    expect(bytes.length).toBeGreaterThan(0);
  });
}
