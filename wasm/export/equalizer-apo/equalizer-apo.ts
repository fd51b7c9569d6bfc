/**
 * Equalizer APO / AutoEq text: `Preamp` and `Filter` lines.
 *
 * PK, LSC, HSC, HPQ and LPQ are the cookbook filters with the cookbook's Q, as ours are; LSC and HSC take the frequency
 * half-way up the shelf, as we do (LS and HS take the corner).
 * Source: Equalizer APO, "Configuration reference".
 */
import type { EqualizerBand } from '../../../shared/params/equalizer.ts';
import type { Exporter } from '../contract.ts';
import { equalizerLosses, exportedBands, highestBoostDb } from '../equalizer-bands.ts';
import { leftOut } from '../left-out.ts';

const TYPES = { peak: 'PK', low_shelf: 'LSC', high_shelf: 'HSC', high_pass: 'HPQ', low_pass: 'LPQ' } as const;

function filterLine({ type, fHz, q, gainDb }: EqualizerBand, index: number): string {
  const gain = type === 'high_pass' || type === 'low_pass' ? '' : ` Gain ${gainDb.toFixed(2)} dB`;
  return `Filter ${index + 1}: ON ${TYPES[type]} Fc ${fHz.toFixed(1)} Hz${gain} Q ${q.toFixed(3)}`;
}

export const equalizerApo = {
  format: 'equalizer-apo',
  extension: 'txt',
  mediaType: 'text/plain',
  encode: (style, { name }) => {
    const bands = exportedBands(style);
    // Room for the highest boost, so that nothing clips on its way to the output.
    const preamp = -Math.ceil(highestBoostDb(bands) * 10) / 10;
    const lines = [`# ${name.replace(/[\r\n]/g, ' ')}`, `Preamp: ${(preamp || 0).toFixed(1)} dB`, ...bands.map(filterLine)];
    return Promise.resolve({
      bytes: new TextEncoder().encode(`${lines.join('\r\n')}\r\n`),
      losses: [...equalizerLosses(style, bands), ...leftOut(style, ['eq'])],
    });
  },
} as const satisfies Exporter;
