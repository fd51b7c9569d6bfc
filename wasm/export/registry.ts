/** Every preset format; adding one adds its folder and its line here. */
import type { Style } from '../../shared/style.ts';
import type { ExportContext, ExportedPreset, Exporter } from './contract.ts';
import { equalizerApo } from './equalizer-apo/equalizer-apo.ts';
import { irWav } from './ir-wav/ir-wav.ts';
import { json } from './json/json.ts';
import { vstPreset } from './vstpreset/vst-preset.ts';

export const EXPORTERS = [json, irWav, equalizerApo, vstPreset] as const satisfies readonly Exporter[];
export type ExportFormat = (typeof EXPORTERS)[number]['format'];

export const exporterOf = (format: string): Exporter | undefined => EXPORTERS.find((exporter) => exporter.format === format);

/** The style as a file of a format, and what the format could not carry. */
export async function exportPreset(style: Style, format: ExportFormat, context: ExportContext): Promise<ExportedPreset> {
  const exporter: Exporter = EXPORTERS.find((candidate) => candidate.format === format)!;
  const { bytes, losses } = await exporter.encode(style, context);
  return { fileName: `${context.name}.${exporter.extension}`, mediaType: exporter.mediaType, bytes, losses };
}
