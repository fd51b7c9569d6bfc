/** Audio files written for tests: every chunk by hand, so that a reader is not checked against our own writer. */

const ascii = (text: string): number[] => [...text].map((c) => c.charCodeAt(0));

/** Numbers as bytes of a width, either order. */
export function integer(value: number, width: number, littleEndian: boolean): number[] {
  const bytes = Array.from({ length: width }, (_, i) => Number((BigInt.asUintN(8 * width, BigInt(Math.round(value))) >> BigInt(8 * i)) & 0xffn));
  return littleEndian ? bytes : bytes.reverse();
}

export function float(value: number, width: 4 | 8, littleEndian: boolean): number[] {
  const view = new DataView(new ArrayBuffer(width));
  if (width === 4) view.setFloat32(0, value, littleEndian);
  else view.setFloat64(0, value, littleEndian);
  return [...new Uint8Array(view.buffer)];
}

/** A chunk with its padding byte. */
export const chunk = (name: string, body: readonly number[], littleEndian: boolean, declaredBytes = body.length): number[] => [
  ...ascii(name),
  ...integer(declaredBytes, 4, littleEndian),
  ...body,
  ...(body.length % 2 ? [0] : []),
];

export interface WavOptions {
  readonly format?: number;
  readonly channels?: number;
  readonly sampleRate?: number;
  readonly bits: number;
  /** dwChannelMask: writes WAVE_FORMAT_EXTENSIBLE. */
  readonly mask?: number;
  readonly declaredBytes?: number;
  readonly before?: readonly number[];
  readonly form?: 'RIFF' | 'RF64' | 'BW64';
}

/** @param data sample bytes, interleaved */
export function wavBytes(data: readonly number[], options: WavOptions): Uint8Array {
  const { format = 1, channels = 1, sampleRate = 48000, bits, mask, form = 'RIFF' } = options;
  const block = (channels * bits) / 8;
  const plain = [
    ...integer(mask === undefined ? format : 0xfffe, 2, true),
    ...integer(channels, 2, true),
    ...integer(sampleRate, 4, true),
    ...integer(sampleRate * block, 4, true),
    ...integer(block, 2, true),
    ...integer(bits, 2, true),
  ];
  const extension =
    mask === undefined
      ? []
      : [...integer(22, 2, true), ...integer(bits, 2, true), ...integer(mask, 4, true), ...integer(format, 2, true), 0, 0, 0, 0, 16, 0, 128, 0, 0, 170, 0, 56, 155, 113];
  const wide = form === 'RIFF' ? [] : chunk('ds64', [...integer(0, 8, true), ...integer(data.length, 8, true), ...integer(0, 8, true), ...integer(0, 4, true)], true);
  const declared = options.declaredBytes ?? (form === 'RIFF' ? data.length : 0xffffffff);
  const body = [...ascii('WAVE'), ...wide, ...(options.before ?? []), ...chunk('fmt ', [...plain, ...extension], true), ...chunk('data', data, true, declared)];
  return Uint8Array.from([...ascii(form), ...integer(form === 'RIFF' ? body.length : 0xffffffff, 4, true), ...body]);
}

/** IEEE 754 extended precision of a whole sample rate. */
function extended(rate: number): number[] {
  const exponent = Math.floor(Math.log2(rate));
  const mantissa = BigInt(rate) << BigInt(63 - exponent);
  return [...integer(16383 + exponent, 2, false), ...Array.from({ length: 8 }, (_, i) => Number((mantissa >> BigInt(56 - 8 * i)) & 0xffn))];
}

export interface AiffOptions {
  readonly compression?: string;
  readonly channels?: number;
  readonly sampleRate?: number;
  readonly bits: number;
  readonly frames: number;
  readonly before?: readonly number[];
  readonly dataFirst?: boolean;
}

/** @param data sample bytes, interleaved */
export function aiffBytes(data: readonly number[], options: AiffOptions): Uint8Array {
  const { compression, channels = 1, sampleRate = 48000, bits, frames } = options;
  const common = chunk(
    'COMM',
    [...integer(channels, 2, false), ...integer(frames, 4, false), ...integer(bits, 2, false), ...extended(sampleRate), ...(compression ? [...ascii(compression), 0, 0] : [])],
    false,
  );
  const sound = chunk('SSND', [0, 0, 0, 0, 0, 0, 0, 0, ...data], false);
  const body = [...ascii(compression ? 'AIFC' : 'AIFF'), ...(options.before ?? []), ...(options.dataFirst ? [...sound, ...common] : [...common, ...sound])];
  return Uint8Array.from([...ascii('FORM'), ...integer(body.length, 4, false), ...body]);
}
