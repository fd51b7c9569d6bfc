/**
 * VST3 preset file for the LSP Parametric Equalizer x16 Stereo.
 *
 * 'VST3', version, class id as 32 letters, offset of the chunk list; chunks; 'List', count, entries of 20 bytes.
 * Source: Steinberg VST 3 SDK, vstpresetfile.h, "VST 3 Preset File Format Definition".
 */
import type { Exporter } from '../contract.ts';
import { equalizerLosses, exportedBands } from '../equalizer-bands.ts';
import { leftOut } from '../left-out.ts';
import { equalizerState, LSP_EQUALIZER_CLASS_ID } from './lsp-equalizer.ts';

const HEADER_BYTES = 48;
const ENTRY_BYTES = 20;

/** @param classId 32 hexadecimal letters @param component the processor's state */
export function presetFile(classId: string, component: Uint8Array): Uint8Array<ArrayBuffer> {
  const listAt = HEADER_BYTES + component.length;
  const file = new Uint8Array(listAt + 8 + ENTRY_BYTES);
  const view = new DataView(file.buffer);
  const putText = (offset: number, letters: string): void => file.set(Uint8Array.from(letters, (letter) => letter.charCodeAt(0)), offset);
  putText(0, 'VST3');
  view.setInt32(4, 1, true);
  putText(8, classId);
  view.setBigInt64(40, BigInt(listAt), true);
  file.set(component, HEADER_BYTES);
  putText(listAt, 'List');
  view.setInt32(listAt + 4, 1, true);
  putText(listAt + 8, 'Comp');
  view.setBigInt64(listAt + 12, BigInt(HEADER_BYTES), true);
  view.setBigInt64(listAt + 20, BigInt(component.length), true);
  return file;
}

export const vstPreset = {
  format: 'vstpreset',
  extension: 'vstpreset',
  mediaType: 'application/octet-stream',
  encode: (style) => {
    const bands = exportedBands(style);
    return Promise.resolve({
      bytes: presetFile(LSP_EQUALIZER_CLASS_ID, equalizerState(bands)),
      losses: [...equalizerLosses(style, bands), ...leftOut(style, ['eq'])],
    });
  },
} as const satisfies Exporter;
