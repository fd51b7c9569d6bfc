/** What every preset format offers, and how it says what it could not carry. */
import type { EngineBinary } from '../host/engine.ts';
import type { Style } from '../../shared/style.ts';

export interface ExportContext {
  readonly engine: EngineBinary;
  /** Hz; the target's, for formats that hold samples. */
  readonly sampleRate: number;
  /** What the preset is called, without extension. */
  readonly name: string;
}

/** Closed table: code -> plain English sentence. The screen translates the code. */
export const LOSSES = {
  'pitch/left-out': 'The pitch shift is not in this file.',
  'eq/left-out': 'The equalizer is not in this file.',
  'matchFir/left-out': 'The match filter is not in this file.',
  'dynamics/left-out': 'The dynamics are not in this file.',
  'exciter/left-out': 'The exciter is not in this file.',
  'stereo/left-out': 'The stereo width is not in this file.',
  'reverb/left-out': 'The reverb is not in this file.',
  'lufs/left-out': 'The loudness target is not in this file.',
  'limiter/left-out': 'The limiter is not in this file.',
  'matchFir/mid-only': 'The match filter treats middle and sides differently; the file holds the middle.',
  'eq/near-nyquist': '{count} bands lie so high that the plug-in bends their upper flank; ours follow the analogue curve.',
  'intensity/folded-in': 'Intensities are folded into the values.',
} as const satisfies Record<string, string>;

export type LossCode = keyof typeof LOSSES;

export interface Loss {
  readonly code: LossCode;
  readonly args: Readonly<Record<string, number | string>>;
}

export interface ExportedPreset {
  readonly fileName: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly losses: readonly Loss[];
}

export interface Exporter {
  /** As the command line names it. */
  readonly format: string;
  readonly extension: string;
  readonly mediaType: string;
  encode(style: Style, context: ExportContext): Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly losses: readonly Loss[] }>;
}
