/**
 * FLAC files, written as a stream with their length known from the start.
 * Source: RFC 9639, "Free Lossless Audio Codec (FLAC)"; numbers in brackets name its sections.
 */
import { AppError } from '../../shared/errors.ts';
import type { PcmSink } from '../../shared/pcm.ts';
import { BitWriter } from './bit-writer.ts';
import { bestPrediction } from './flac-predictor.ts';
import { type ByteSink, step24 } from './wav-writer.ts';

export interface FlacFormat {
  /** Hz, 8 000 to 192 000. */
  readonly sampleRate: number;
  readonly channels: 1 | 2;
  /** Exactly as many as will be written. */
  readonly frames: number;
}

export interface FlacWriter extends PcmSink {
  /** @throws AppError 'internal' when fewer or more frames came than were announced */
  finish(): Promise<void>;
}

const BITS = 24;
const BLOCK_FRAMES = 4096;
/** [9.1.2] */
const RATE_CODES: Readonly<Record<number, number>> = { 88_200: 1, 176_400: 2, 192_000: 3, 8000: 4, 16_000: 5, 22_050: 6, 24_000: 7, 32_000: 8, 44_100: 9, 48_000: 10, 96_000: 11 };

/**
 * A sink that writes one FLAC file of 24 bits.
 *
 * Samples are rounded as in a WAV file of 24 bits: decoded, both files hold the same. No checksum of the whole is written (the RFC
 * allows zeros for it); each frame has its own.
 */
export async function createFlacWriter(output: ByteSink, { sampleRate, channels, frames }: FlacFormat): Promise<FlacWriter> {
  const out = new BitWriter();
  const waiting = Array.from({ length: channels }, () => new Int32Array(BLOCK_FRAMES));
  let [filled, written, index] = [0, 0, 0];
  writeStreamInfo(out, { sampleRate, channels, frames });
  await output.write(out.take());

  const endBlock = (): void => {
    writeFrame(out, waiting.map((row) => row.subarray(0, filled)), sampleRate, index);
    index += 1;
    filled = 0;
  };
  return {
    async write(rows) {
      const count = rows[0]?.length ?? 0;
      written += count;
      for (let at = 0; at < count; ) {
        const run = Math.min(count - at, BLOCK_FRAMES - filled);
        for (let channel = 0; channel < channels; channel += 1) {
          const [row, block] = [rows[channel] ?? rows[0]!, waiting[channel]!];
          for (let i = 0; i < run; i += 1) block[filled + i] = step24(row[at + i]!);
        }
        filled += run;
        at += run;
        if (filled === BLOCK_FRAMES) endBlock();
      }
      if (out.byteLength > 0) await output.write(out.take());
    },
    async finish() {
      if (written !== frames) throw new AppError('internal', { detail: `${written} frames written, ${frames} announced` });
      if (filled > 0) endBlock();
      if (out.byteLength > 0) await output.write(out.take());
    },
  };
}

/** [8.2] */
function writeStreamInfo(out: BitWriter, { sampleRate, channels, frames }: FlacFormat): void {
  for (const letter of 'fLaC') out.write(letter.charCodeAt(0), 8);
  out.write(0x80, 8);
  out.write(34, 24);
  out.write(BLOCK_FRAMES, 16);
  out.write(BLOCK_FRAMES, 16);
  // Smallest and largest frame: not known.
  out.write(0, 24);
  out.write(0, 24);
  out.write(sampleRate, 20);
  out.write(channels - 1, 3);
  out.write(BITS - 1, 5);
  out.write(Math.floor(frames / 2 ** 32), 4);
  out.write(frames % 2 ** 32, 32);
  for (let word = 0; word < 4; word += 1) out.write(0, 32);
}

/** [9] One block. A pair is told as it is, or as one side and the difference: whatever is shortest. */
function writeFrame(out: BitWriter, rows: readonly Int32Array[], sampleRate: number, index: number): void {
  const start = out.byteLength;
  const frames = rows[0]!.length;
  const { layout, subframes } = rows.length === 1 ? { layout: 0, subframes: [bestPrediction(rows[0]!, BITS)] } : bestPair(rows[0]!, rows[1]!);
  out.write(0xfff8, 16);
  out.write(frames === BLOCK_FRAMES ? 12 : 7, 4);
  out.write(RATE_CODES[sampleRate] ?? 0, 4);
  out.write(layout, 4);
  out.write(6, 3);
  out.write(0, 1);
  writeCodedNumber(out, index);
  if (frames !== BLOCK_FRAMES) out.write(frames - 1, 16);
  out.write(checksum(out.view(start), 8, 0x07), 8);
  for (const subframe of subframes) subframe.write(out);
  out.align();
  out.write(checksum(out.view(start), 16, 0x8005), 16);
}

/** [4.2] Interchannel decorrelation. */
function bestPair(left: Int32Array, right: Int32Array) {
  const [mid, side] = [new Int32Array(left.length), new Int32Array(left.length)];
  for (let i = 0; i < left.length; i += 1) {
    mid[i] = (left[i]! + right[i]!) >> 1;
    side[i] = left[i]! - right[i]!;
  }
  const [l, r, m, s] = [bestPrediction(left, BITS), bestPrediction(right, BITS), bestPrediction(mid, BITS), bestPrediction(side, BITS + 1)];
  const ways = [
    { layout: 1, subframes: [l, r] },
    { layout: 8, subframes: [l, s] },
    { layout: 9, subframes: [s, r] },
    { layout: 10, subframes: [m, s] },
  ];
  const bitsOf = ({ subframes }: (typeof ways)[number]) => subframes.reduce((sum, { bits }) => sum + bits, 0);
  return ways.reduce((best, way) => (bitsOf(way) < bitsOf(best) ? way : best));
}

/** [9.1.5] As UTF-8 codes a number, here up to 31 bits. */
function writeCodedNumber(out: BitWriter, value: number): void {
  if (value < 0x80) {
    out.write(value, 8);
    return;
  }
  let bytes = 2;
  while (value >= 2 ** (5 * bytes + 1)) bytes += 1;
  out.write(((0xff00 >> bytes) & 0xff) | Math.floor(value / 2 ** (6 * (bytes - 1))), 8);
  for (let left = bytes - 2; left >= 0; left -= 1) out.write(0x80 | (Math.floor(value / 2 ** (6 * left)) & 0x3f), 8);
}

const TABLES = new Map<number, Uint16Array>();

/** [9.1.8, 9.3] */
function checksum(bytes: Uint8Array, width: 8 | 16, polynomial: number): number {
  const top = 1 << (width - 1);
  const mask = 2 ** width - 1;
  let table = TABLES.get(width);
  if (!table) {
    table = Uint16Array.from({ length: 256 }, (_, byte) => {
      let crc = byte << (width - 8);
      for (let bit = 0; bit < 8; bit += 1) crc = ((crc & top ? (crc << 1) ^ polynomial : crc << 1) & mask) >>> 0;
      return crc;
    });
    TABLES.set(width, table);
  }
  let crc = 0;
  for (const byte of bytes) crc = ((crc << 8) & mask) ^ table[((crc >> (width - 8)) ^ byte) & 0xff]!;
  return crc;
}
