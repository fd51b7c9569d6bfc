/**
 * State of the LSP Parametric Equalizer x16 Stereo as its VST3 build saves it.
 *
 * "LSPS", version (u16 LE), then one record per parameter: identifier (varint length, bytes), type byte, value
 * ('f': f32 LE). Filters are set to mode APO (DR), which is the audio EQ cookbook's filter with its Q: ours.
 * Facts from: lsp-plugins-para-equalizer 1.0.36 (src/main/meta), lsp-plugin-fw (wrap/vst3), lsp-dsp-units (Filter.cpp),
 * and the ports of the LV2 build 1.2.5.
 */
import type { EqualizerBand } from '../../../shared/params/equalizer.ts';
import { dbToGain } from '../../../shared/units.ts';

/** The 16 letters of its class id, "dsp pe16s   a5er", in hexadecimal. */
export const LSP_EQUALIZER_CLASS_ID = Array.from('dsp pe16s   a5er', (letter) => letter.charCodeAt(0).toString(16).padStart(2, '0'))
  .join('')
  .toUpperCase();

const FILTERS = 16;
const STATE_VERSION = 2;
const FILTER_OFF = 0;
const FILTER_TYPES = { peak: 1, high_pass: 2, high_shelf: 3, low_pass: 4, low_shelf: 5 } as const satisfies Record<EqualizerBand['type'], number>;
const MODE_APO_DIRECT = 6;
const SLOPE_X1 = 0;

/** Every parameter that shapes the sound, so that the preset does the same whatever was loaded before. */
export function equalizerState(bands: readonly EqualizerBand[]): Uint8Array<ArrayBuffer> {
  const values: [string, number][] = [
    ['bypass', 0],
    ['g_in', 1],
    ['g_out', 1],
    ['mode', 0],
    ['bal', 0],
    ['frqs', 0],
  ];
  for (let index = 0; index < FILTERS; index += 1) {
    const band = bands[index];
    values.push(
      [`ft_${index}`, band ? FILTER_TYPES[band.type] : FILTER_OFF],
      [`fm_${index}`, MODE_APO_DIRECT],
      [`s_${index}`, SLOPE_X1],
      [`xs_${index}`, 0],
      [`xm_${index}`, 0],
    );
    if (band) {
      const isPass = band.type === 'high_pass' || band.type === 'low_pass';
      values.push(
        // Our ranges lie within the plug-in's: 10 Hz to 24 kHz, ±36 dB, Q up to 100.
        [`f_${index}`, band.fHz],
        [`g_${index}`, isPass ? 1 : dbToGain(band.gainDb)],
        [`q_${index}`, band.q],
      );
    }
  }
  const bytes = values.reduce((sum, [id]) => sum + 1 + id.length + 5, 6);
  const view = new DataView(new ArrayBuffer(bytes));
  let at = 0;
  const putText = (letters: string): void => {
    for (const letter of letters) view.setUint8(at++, letter.charCodeAt(0));
  };
  putText('LSPS');
  view.setUint16(at, STATE_VERSION, true);
  at += 2;
  for (const [id, value] of values) {
    // Identifiers are shorter than 128 letters: their varint is one byte.
    view.setUint8(at++, id.length);
    putText(`${id}f`);
    view.setFloat32(at, value, true);
    at += 4;
  }
  return new Uint8Array(view.buffer);
}
