import { expect, test } from 'vitest';
import { vstPreset } from '../../../wasm/export/vstpreset/vst-preset.ts';
import { obeysTheLawsOfAnExporter } from '../../contracts/exporter.ts';
import { styleWith } from '../../support/rendering.ts';

obeysTheLawsOfAnExporter(vstPreset, ['eq']);

/** Reads a preset as a host and the plug-in do. */
function parse(bytes: Uint8Array): { classId: string; values: Map<string, number> } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const letters = (at: number, count: number) => String.fromCharCode(...bytes.subarray(at, at + count));
  expect(letters(0, 4)).toBe('VST3');
  expect(view.getInt32(4, true)).toBe(1);
  const list = Number(view.getBigInt64(40, true));
  expect(letters(list, 4)).toBe('List');
  expect(view.getInt32(list + 4, true)).toBe(1);
  expect(list + 8 + 20).toBe(bytes.length);
  expect(letters(list + 8, 4)).toBe('Comp');
  const from = Number(view.getBigInt64(list + 12, true));
  const size = Number(view.getBigInt64(list + 20, true));
  expect([letters(from, 4), view.getUint16(from + 4, true)]).toEqual(['LSPS', 2]);
  const values = new Map<string, number>();
  let at = from + 6;
  while (at < from + size) {
    const length = view.getUint8(at);
    const id = letters(at + 1, length);
    expect(letters(at + 1 + length, 1)).toBe('f');
    values.set(id, view.getFloat32(at + 2 + length, true));
    at += length + 6;
  }
  expect(at).toBe(from + size);
  return { classId: letters(8, 32), values };
}

test('bands become filters in the direct (cookbook) mode, the rest of the 16 are off', async () => {
  const style = styleWith({
    eq: {
      bands: [
        { type: 'peak', fHz: 1000, q: 2, gainDb: 6 },
        { type: 'low_shelf', fHz: 150, q: 0.7, gainDb: -5 },
        { type: 'high_shelf', fHz: 3000, q: 0.9, gainDb: 4 },
        { type: 'high_pass', fHz: 40, q: 0.8, gainDb: 0 },
        { type: 'low_pass', fHz: 16000, q: 0.7, gainDb: 0 },
      ],
    },
  });
  const { classId, values } = parse((await vstPreset.encode(style)).bytes);
  expect(classId).toBe('64737020706531367320202061356572');
  // Bell, lo-shelf, hi-shelf, hi-pass, lo-pass; then off
  expect([0, 1, 2, 3, 4, 5, 15].map((i) => values.get(`ft_${i}`))).toEqual([1, 5, 3, 2, 4, 0, 0]);
  expect(values.get('fm_0')).toBe(6);
  expect(values.get('f_0')).toBe(1000);
  expect(values.get('q_0')).toBe(2);
  expect(values.get('g_0')).toBeCloseTo(10 ** (6 / 20), 6);
  expect(values.get('g_3')).toBe(1);
  expect([...values.values()].every(Number.isFinite)).toBe(true);
});
