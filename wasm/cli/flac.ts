/**
 * FLAC, decoded as a stream from its start: for the command line, which has no browser's decoders.
 * Source: RFC 9639, "Free Lossless Audio Codec (FLAC)"; numbers in brackets name its sections.
 */
import { AppError } from '../../shared/errors.ts';
import type { Notice } from '../../shared/pcm.ts';
import { type ByteSource, fourLetters } from '../formats/byte-source.ts';
import { foldDown, foldWeights } from '../formats/channel-layout.ts';
import { FlacBits, OutOfBits } from './flac-bits.ts';
import { decodeSubframe } from './flac-subframe.ts';

interface StreamInfo {
  readonly maxBlock: number;
  readonly sampleRate: number;
  readonly channels: number;
  readonly bits: number;
  /** 0 where the encoder did not know. */
  readonly totalFrames: number;
}

export interface FlacFormat {
  readonly sampleRate: number;
  readonly channels: 1 | 2;
}

const READ_BYTES = 1 << 20;

/** An ID3v2 tag some programs put in front: 10 bytes, its size in four 7-bit bytes. */
function id3Bytes(head: Uint8Array): number {
  if (fourLetters(head, 0).slice(0, 3) !== 'ID3') return 0;
  return 10 + head.subarray(6, 10).reduce((size, byte) => size * 128 + (byte & 127), 0);
}

export async function isFlac(source: ByteSource): Promise<boolean> {
  const head = await source.read(0, 10);
  const at = head.length === 10 ? id3Bytes(head) : 0;
  return fourLetters(at === 0 ? head : await source.read(at, 4), 0) === 'fLaC';
}

/** [8] Metadata; only STREAMINFO says something about samples. */
async function readMetadata(source: ByteSource): Promise<{ info: StreamInfo; audioAt: number }> {
  let at = id3Bytes(await source.read(0, 10)) + 4;
  let info: StreamInfo | null = null;
  for (let isLast = false; !isLast; ) {
    const head = await source.read(at, 4);
    if (head.length < 4) throw new AppError('audio/decode-failed');
    isLast = (head[0]! & 0x80) !== 0;
    const length = (head[1]! << 16) | (head[2]! << 8) | head[3]!;
    if ((head[0]! & 0x7f) === 0) {
      const body = await source.read(at + 4, 34);
      if (body.length < 34) throw new AppError('audio/decode-failed');
      const view = new DataView(body.buffer, body.byteOffset);
      const packed = view.getBigUint64(10);
      info = {
        maxBlock: view.getUint16(2),
        sampleRate: Number(packed >> 44n),
        channels: Number((packed >> 41n) & 7n) + 1,
        bits: Number((packed >> 36n) & 31n) + 1,
        totalFrames: Number(packed & 0xf_ffff_ffffn),
      };
    }
    at += 4 + length;
  }
  if (!info) throw new AppError('audio/decode-failed');
  return { info, audioAt: at };
}

/** [9.1] Block sizes by code; 6 and 7 are spelled out behind the header. */
const blockSizeOf = (code: number, bits: FlacBits): number => {
  if (code === 1) return 192;
  if (code >= 2 && code <= 5) return 144 << code;
  if (code === 6) return bits.read(8) + 1;
  if (code === 7) return bits.read(16) + 1;
  if (code >= 8) return 1 << code;
  throw new AppError('audio/decode-failed');
};

/** [9.1.5] A number coded as UTF-8 is; its value is not needed, frames come in order. */
function skipCodedNumber(bits: FlacBits): void {
  const first = bits.read(8);
  for (let mask = 0x40; (first & 0x80) !== 0 && (first & mask) !== 0; mask >>= 1) bits.read(8);
}

/** One frame, planar integers. @throws OutOfBits where the buffer ends inside it */
function decodeFrame(bits: FlacBits, info: StreamInfo): Int32Array[] {
  const start = bits.byteOffset;
  if (bits.read(15) !== 0x7ffc) throw new AppError('audio/decode-failed');
  bits.read(1);
  const blockCode = bits.read(4);
  const rateCode = bits.read(4);
  const layout = bits.read(4);
  const sizeCode = bits.read(3);
  bits.read(1);
  skipCodedNumber(bits);
  const frames = blockSizeOf(blockCode, bits);
  if (rateCode >= 12 && rateCode <= 14) bits.read(rateCode === 12 ? 8 : 16);
  bits.read(8); // the header's own checksum; the frame's covers it
  const width = [info.bits, 8, 12, 0, 16, 20, 24, 32][sizeCode]!;
  const channels = layout < 8 ? layout + 1 : 2;
  if (layout > 10 || width === 0 || channels !== info.channels) throw new AppError('audio/decode-failed');
  // Of a pair, the difference needs one bit more: left/side, side/right, mid/side.
  const isSide = (c: number) => (layout === 8 && c === 1) || (layout === 9 && c === 0) || (layout === 10 && c === 1);
  const rows = Array.from({ length: channels }, (_, c) => decodeSubframe(bits, frames, width + (isSide(c) ? 1 : 0)));
  bits.alignToByte();
  const checksum = crc16(bits.bytes, start, bits.byteOffset);
  if (bits.read(16) !== checksum) throw new AppError('audio/decode-failed');
  undoPair(rows, layout);
  return rows;
}

/** [4.2] Interchannel decorrelation. */
function undoPair(rows: readonly Int32Array[], layout: number): void {
  if (layout < 8) return;
  const [a, b] = rows as [Int32Array, Int32Array];
  for (let i = 0; i < a.length; i += 1) {
    if (layout === 8) b[i] = a[i]! - b[i]!;
    else if (layout === 9) a[i] = a[i]! + b[i]!;
    else {
      const side = b[i]!;
      const sum = (a[i]! << 1) | (side & 1);
      a[i] = (sum + side) >> 1;
      b[i] = (sum - side) >> 1;
    }
  }
}

const CRC16 = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x8000 ? (crc << 1) ^ 0x8005 : crc << 1;
  return crc;
});

function crc16(bytes: Uint8Array, from: number, to: number): number {
  let crc = 0;
  for (let at = from; at < to; at += 1) crc = ((crc << 8) & 0xffff) ^ CRC16[(crc >> 8) ^ bytes[at]!]!;
  return crc;
}

/**
 * Decodes to planar float32, in order.
 *
 * @param open called once, when the format is known
 * @param write frames in order; more than two channels are folded down
 * @returns what should be known; a file that ends early is used up to there
 * @throws AppError 'audio/decode-failed' where the stream is damaged, 'audio/unsupported' above 24 bits, 'audio/empty'
 *
 * Exact: every sample as the encoder was given it.
 */
export async function decodeFlac(
  source: ByteSource,
  open: (format: FlacFormat) => Promise<void>,
  write: (channels: readonly Float32Array[]) => Promise<void>,
): Promise<readonly Notice[]> {
  const { info, audioAt } = await readMetadata(source);
  const { sampleRate, channels, totalFrames } = info;
  if (info.bits > 24) throw new AppError('audio/unsupported', { detail: `FLAC, ${info.bits} bits` });
  if (sampleRate < 8000 || sampleRate > 192_000) throw new AppError('audio/sample-rate', { hz: sampleRate });
  await open({ sampleRate, channels: channels === 1 ? 1 : 2 });
  const weights = foldWeights(channels);
  const scale = 2 ** (1 - info.bits);
  const notices: Notice[] = channels > 2 ? [{ code: 'audio/folded-down', args: { channels } }] : [];
  // A frame stored without compression, and room for headers.
  const frameBytes = Math.ceil((info.maxBlock * channels * (info.bits + 1)) / 8) + 64 * channels;
  let buffer = new Uint8Array(0);
  let at = audioAt;
  let offset = 0;
  let frames = 0;
  while (totalFrames === 0 || frames < totalFrames) {
    if (buffer.length - offset < frameBytes && at < source.bytes) {
      const more = await source.read(at, Math.max(READ_BYTES, frameBytes));
      const joined = new Uint8Array(buffer.length - offset + more.length);
      joined.set(buffer.subarray(offset));
      joined.set(more, buffer.length - offset);
      at += more.length;
      [buffer, offset] = [joined, 0];
    }
    if (offset >= buffer.length) break;
    const bits = new FlacBits(buffer, offset);
    let rows: Int32Array[];
    try {
      rows = decodeFrame(bits, info);
    } catch (thrown) {
      if (thrown instanceof OutOfBits && at >= source.bytes && frames > 0) break;
      // Tags may follow the last frame of a stream of unknown length.
      if (totalFrames === 0 && frames > 0 && buffer.length - offset < frameBytes) break;
      throw thrown instanceof OutOfBits ? new AppError('audio/decode-failed') : thrown;
    }
    offset = bits.byteOffset;
    frames += rows[0]!.length;
    const planes = rows.map((row) => Float32Array.from(row, (value) => value * scale));
    await write(channels > 2 ? foldDown(planes, weights) : planes);
  }
  if (frames === 0) throw new AppError('audio/empty');
  if (frames < totalFrames) notices.push({ code: 'audio/truncated', args: { seconds: Math.round((frames / sampleRate) * 10) / 10 } });
  return notices;
}
