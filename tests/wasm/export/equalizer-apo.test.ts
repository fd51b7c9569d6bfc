import { expect, test } from 'vitest';
import { equalizerApo } from '../../../wasm/export/equalizer-apo/equalizer-apo.ts';
import type { ExportContext } from '../../../wasm/export/contract.ts';
import { obeysTheLawsOfAnExporter } from '../../contracts/exporter.ts';
import { engineBinary } from '../../support/engine.ts';
import { styleWith } from '../../support/rendering.ts';

obeysTheLawsOfAnExporter(equalizerApo, ['eq']);

const context = async (): Promise<ExportContext> => ({ engine: await engineBinary(), sampleRate: 48_000, name: 'My\npreset' });

test('each band becomes one filter line, and the preamp makes room for the highest boost', async () => {
  const style = styleWith({
    eq: {
      bands: [
        { type: 'peak', fHz: 1000, q: 1.41, gainDb: 6 },
        { type: 'low_shelf', fHz: 105, q: 0.7, gainDb: -3.5 },
        { type: 'high_shelf', fHz: 5000, q: 0.7, gainDb: 2 },
        { type: 'high_pass', fHz: 30, q: 0.707, gainDb: 0 },
        { type: 'low_pass', fHz: 18000, q: 0.707, gainDb: 0 },
      ],
    },
  });
  const { bytes, losses } = await equalizerApo.encode(style, await context());
  const [title, preamp, ...filters] = new TextDecoder().decode(bytes).trimEnd().split('\r\n');
  expect(title).toBe('# My preset');
  expect(preamp).toMatch(/^Preamp: -6\.[0-3] dB$/);
  expect(filters).toEqual([
    'Filter 1: ON PK Fc 1000.0 Hz Gain 6.00 dB Q 1.410',
    'Filter 2: ON LSC Fc 105.0 Hz Gain -3.50 dB Q 0.700',
    'Filter 3: ON HSC Fc 5000.0 Hz Gain 2.00 dB Q 0.700',
    'Filter 4: ON HPQ Fc 30.0 Hz Q 0.707',
    'Filter 5: ON LPQ Fc 18000.0 Hz Q 0.707',
  ]);
  expect(losses).toEqual([{ code: 'eq/near-nyquist', args: { count: 1 } }]);
});

test('intensity is folded into the gains and said', async () => {
  const style = styleWith({ eq: { bands: [{ type: 'peak', fHz: 1000, q: 1, gainDb: 6 }] } });
  style.intensity = 0.5;
  const { bytes, losses } = await equalizerApo.encode(style, await context());
  expect(new TextDecoder().decode(bytes)).toContain('Gain 3.00 dB');
  expect(losses).toEqual([{ code: 'intensity/folded-in', args: {} }]);
});
