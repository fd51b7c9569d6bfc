/**
 * AIFF and AIFF-C with uncompressed, A-law or mu-law samples.
 *
 * Sources: Apple "Audio Interchange File Format, version 1.3" and "AIFF-C, draft 1991-08-26".
 */
import { AppError } from '../../shared/errors.ts';
import type { PcmSource } from '../../shared/pcm.ts';
import { type ByteSource, fourLetters } from './byte-source.ts';
import type { SampleEncoding } from './sample-encoding.ts';
import { openUncompressed, type UncompressedLayout } from './uncompressed.ts';

const CHUNK_HEADER_BYTES = 8;

type Description = Omit<UncompressedLayout, 'dataOffset' | 'declaredFrames'> & { readonly frames: number };

export const isAiff = (head: Uint8Array): boolean =>
  head.length >= 12 && fourLetters(head, 0) === 'FORM' && ['AIFF', 'AIFC'].includes(fourLetters(head, 8));

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** IEEE 754 extended precision (80 bits), big-endian, as AIFF writes sample rates. */
export function extendedToNumber(view: DataView, offset: number): number {
  const exponent = view.getUint16(offset) & 0x7fff;
  const mantissa = view.getUint32(offset + 2) * 2 ** 32 + view.getUint32(offset + 6);
  return mantissa * 2 ** (exponent - 16383 - 63);
}

const INTEGERS: readonly SampleEncoding[] = ['s8', 's16', 's24', 's32'];

/** AIFF-C compression types that leave the samples readable: encoding (null: by bit depth) and byte order. */
const COMPRESSIONS: Readonly<Record<string, { readonly encoding: SampleEncoding | null; readonly littleEndian: boolean }>> = {
  NONE: { encoding: null, littleEndian: false },
  twos: { encoding: null, littleEndian: false },
  sowt: { encoding: null, littleEndian: true },
  'raw ': { encoding: 'u8', littleEndian: false },
  in24: { encoding: 's24', littleEndian: false },
  in32: { encoding: 's32', littleEndian: false },
  '42ni': { encoding: 's24', littleEndian: true },
  '23ni': { encoding: 's32', littleEndian: true },
  fl32: { encoding: 'f32', littleEndian: false },
  FL32: { encoding: 'f32', littleEndian: false },
  fl64: { encoding: 'f64', littleEndian: false },
  FL64: { encoding: 'f64', littleEndian: false },
  alaw: { encoding: 'alaw', littleEndian: false },
  ALAW: { encoding: 'alaw', littleEndian: false },
  ulaw: { encoding: 'ulaw', littleEndian: false },
  ULAW: { encoding: 'ulaw', littleEndian: false },
};

function parseCommon(bytes: Uint8Array, isCompressedForm: boolean): Description {
  if (bytes.length < (isCompressedForm ? 22 : 18)) throw new AppError('audio/decode-failed');
  const view = viewOf(bytes);
  const channels = view.getUint16(0);
  const bits = view.getUint16(6);
  const compression = isCompressedForm ? fourLetters(bytes, 18) : 'NONE';
  const found = COMPRESSIONS[compression];
  const encoding = found && (found.encoding ?? INTEGERS[Math.ceil(bits / 8) - 1]);
  if (channels === 0) throw new AppError('audio/decode-failed');
  if (!found || !encoding) throw new AppError('audio/unsupported', { detail: `AIFF, ${compression.trim()}, ${bits} bits` });
  return {
    sampleRate: Math.round(extendedToNumber(view, 8)),
    channels,
    channelMask: 0,
    encoding,
    littleEndian: found.littleEndian,
    frames: view.getUint32(2),
  };
}

/**
 * Opens an AIFF or AIFF-C file for random access; samples as `sample-encoding.ts` states, more than two channels folded down.
 * A file that holds fewer frames than it declares is used as far as it goes, with a notice.
 * @throws AppError 'audio/not-audio' without an AIFF header, 'audio/unsupported' for compressed samples, 'audio/empty',
 *   'audio/sample-rate', 'audio/decode-failed' without description or data
 */
export async function openAiff(source: ByteSource): Promise<PcmSource> {
  const head = await source.read(0, 12);
  if (source.bytes === 0) throw new AppError('audio/empty');
  if (!isAiff(head)) throw new AppError('audio/not-audio');
  let description: Description | undefined;
  let dataOffset: number | undefined;

  for (let offset = 12; offset + CHUNK_HEADER_BYTES <= source.bytes; ) {
    const header = await source.read(offset, CHUNK_HEADER_BYTES);
    const name = fourLetters(header, 0);
    const size = viewOf(header).getUint32(4);
    const body = offset + CHUNK_HEADER_BYTES;
    if (name === 'COMM') description = parseCommon(await source.read(body, Math.min(size, 64)), fourLetters(head, 8) === 'AIFC');
    if (name === 'SSND') {
      const preface = await source.read(body, 8);
      if (preface.length === 8) dataOffset = body + 8 + viewOf(preface).getUint32(0);
    }
    if (description && dataOffset !== undefined) {
      return openUncompressed(source, { ...description, dataOffset, declaredFrames: description.frames });
    }
    offset = body + size + (size % 2);
  }
  // COMM may describe an empty recording that has no SSND chunk at all.
  throw new AppError(description?.frames === 0 ? 'audio/empty' : 'audio/decode-failed');
}
