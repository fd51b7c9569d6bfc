/**
 * WAV: RIFF, RF64 and BW64 with PCM, IEEE float, A-law or mu-law samples.
 *
 * Sources: Microsoft "Multiple Channel Audio Data and WAVE Files" (WAVE_FORMAT_EXTENSIBLE), EBU Tech 3306 (RF64),
 * ITU-R BS.2088 (BW64).
 */
import { AppError } from '../../shared/errors.ts';
import type { PcmSource } from '../../shared/pcm.ts';
import { type ByteSource, fourLetters } from './byte-source.ts';
import { ENCODING_BYTES, type SampleEncoding } from './sample-encoding.ts';
import { openUncompressed } from './uncompressed.ts';

const FORMAT_PCM = 1;
const FORMAT_FLOAT = 3;
const FORMAT_ALAW = 6;
const FORMAT_ULAW = 7;
const FORMAT_EXTENSIBLE = 0xfffe;
const OPEN_SIZE = 0xffffffff;
const CHUNK_HEADER_BYTES = 8;

interface WavFormat {
  readonly sampleRate: number;
  readonly channels: number;
  readonly channelMask: number;
  readonly encoding: SampleEncoding;
}

export const isWav = (head: Uint8Array): boolean =>
  head.length >= 12 && ['RIFF', 'RF64', 'BW64'].includes(fourLetters(head, 0)) && fourLetters(head, 8) === 'WAVE';

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function encodingOf(format: number, sampleBytes: number): SampleEncoding | undefined {
  switch (format) {
    case FORMAT_PCM:
      return (['u8', 's16', 's24', 's32'] as const)[sampleBytes - 1];
    case FORMAT_FLOAT:
      return sampleBytes === 8 ? 'f64' : sampleBytes === 4 ? 'f32' : undefined;
    case FORMAT_ALAW:
      return 'alaw';
    case FORMAT_ULAW:
      return 'ulaw';
    default:
      return undefined;
  }
}

function parseFormat(bytes: Uint8Array): WavFormat {
  if (bytes.length < 16) throw new AppError('audio/decode-failed');
  const view = viewOf(bytes);
  const channels = view.getUint16(2, true);
  const blockBytes = view.getUint16(12, true);
  const isExtensible = view.getUint16(0, true) === FORMAT_EXTENSIBLE && bytes.length >= 40;
  // The subformat GUID begins with the plain format code.
  const format = isExtensible ? view.getUint16(24, true) : view.getUint16(0, true);
  if (channels === 0) throw new AppError('audio/decode-failed');
  // 20 bits in a 24-bit container are left-justified: the container's width is what counts.
  const sampleBytes = blockBytes % channels === 0 && blockBytes > 0 ? blockBytes / channels : Math.ceil(view.getUint16(14, true) / 8);
  const encoding = encodingOf(format, sampleBytes);
  if (!encoding) throw new AppError('audio/unsupported', { detail: `WAV, format ${format}, ${view.getUint16(14, true)} bits` });
  return { sampleRate: view.getUint32(4, true), channels, channelMask: isExtensible ? view.getUint32(20, true) : 0, encoding };
}

/**
 * Opens a WAV file for random access; samples as `sample-encoding.ts` states, more than two channels folded down.
 *
 * A length of 0 or more than the file holds is a recording that was cut off: what is there is used, with a notice. A length
 * of 2^32 - 1 outside RF64 is a stream written to a pipe and read to the end of the file.
 * @throws AppError 'audio/not-audio' without a WAV header, 'audio/unsupported' for compressed samples, 'audio/empty',
 *   'audio/sample-rate', 'audio/decode-failed' without format or data
 */
export async function openWav(source: ByteSource): Promise<PcmSource> {
  const head = await source.read(0, 12);
  if (source.bytes === 0) throw new AppError('audio/empty');
  if (!isWav(head)) throw new AppError('audio/not-audio');
  const is64Bit = fourLetters(head, 0) !== 'RIFF';
  let format: WavFormat | undefined;
  let data64Bytes: number | undefined;

  for (let offset = 12; offset + CHUNK_HEADER_BYTES <= source.bytes; ) {
    const header = await source.read(offset, CHUNK_HEADER_BYTES);
    const name = fourLetters(header, 0);
    const size = viewOf(header).getUint32(4, true);
    const body = offset + CHUNK_HEADER_BYTES;
    if (name === 'ds64') {
      const view = viewOf(await source.read(body, 28));
      if (view.byteLength >= 16) data64Bytes = Number(view.getBigUint64(8, true));
    } else if (name === 'fmt ') {
      format = parseFormat(await source.read(body, Math.min(size, 64)));
    } else if (name === 'data') {
      if (!format) throw new AppError('audio/decode-failed');
      const frameBytes = ENCODING_BYTES[format.encoding] * format.channels;
      const remaining = source.bytes - body;
      const isOpen = size === OPEN_SIZE && data64Bytes === undefined && !is64Bit;
      const declared = size === OPEN_SIZE && data64Bytes !== undefined ? data64Bytes : size;
      // Recorders write the length last; one that lost power leaves 0.
      const wasCutOff = declared === 0 && remaining >= frameBytes;
      const declaredFrames = isOpen ? null : wasCutOff ? Math.floor(remaining / frameBytes) + 1 : Math.floor(declared / frameBytes);
      return openUncompressed(source, { ...format, littleEndian: true, dataOffset: body, declaredFrames });
    }
    offset = body + size + (size % 2);
  }
  throw new AppError('audio/decode-failed');
}
