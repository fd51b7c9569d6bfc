/**
 * WAV files, written as a stream with their length known from the start: RIFF, or RF64 (EBU Tech 3306) where the
 * sizes pass 4 GiB. Plain format tags (1: integers, 3: floats) rather than WAVE_FORMAT_EXTENSIBLE, because for mono and
 * stereo they say the same and every reader knows them.
 */
import { AppError } from '../../shared/errors.ts';
import type { PcmSink } from '../../shared/pcm.ts';

export const BIT_DEPTHS = ['16', '24', '32f'] as const;
export type BitDepth = (typeof BIT_DEPTHS)[number];

export interface ByteSink {
  /** Appends; the bytes are the sink's from then on. */
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Forgets everything that was written, where it can. */
  restart?(): Promise<void>;
}

export interface WavFormat {
  /** Hz, 8 000 to 192 000. */
  readonly sampleRate: number;
  readonly channels: 1 | 2;
  readonly bitDepth: BitDepth;
  /** Exactly as many as will be written. */
  readonly frames: number;
}

export interface WavWriter extends PcmSink {
  /** @throws AppError 'internal' when fewer or more frames came than were announced */
  finish(): Promise<void>;
}

const BYTES_PER_SAMPLE = { '16': 2, '24': 3, '32f': 4 } as const satisfies Record<BitDepth, number>;

/** Largest size a RIFF field can hold; FFFFFFFF itself marks RF64. */
const RIFF_LIMIT = 0xffff_fffe;

/** What is encoded at once: long enough for the disk, short enough for memory. A whole number of words at every depth. */
const PIECE_FRAMES = 262_144;

/** A file always gets the same dither, so that the same render is the same file. */
const DITHER_SEED = 0x5eed;

/** Size in bytes of the finished file. */
export const wavBytes = (format: WavFormat): number => wavHeader(format).length + paddedDataBytes(format);

const dataBytes = ({ frames, channels, bitDepth }: WavFormat): number => frames * channels * BYTES_PER_SAMPLE[bitDepth];
// Chunks have even sizes.
const paddedDataBytes = (format: WavFormat): number => dataBytes(format) + (dataBytes(format) % 2);

/** Everything before the first sample. */
export function wavHeader(format: WavFormat): Uint8Array<ArrayBuffer> {
  const { sampleRate, channels, bitDepth, frames } = format;
  const frameBytes = channels * BYTES_PER_SAMPLE[bitDepth];
  const isFloat = bitDepth === '32f';
  const fmt = chunk('fmt ', isFloat ? 18 : 16, (view) => {
    view.setUint16(0, isFloat ? 3 : 1, true);
    view.setUint16(2, channels, true);
    view.setUint32(4, sampleRate, true);
    view.setUint32(8, sampleRate * frameBytes, true);
    view.setUint16(12, frameBytes, true);
    view.setUint16(14, BYTES_PER_SAMPLE[bitDepth] * 8, true);
  });
  // Asked for beside any format that is not integer PCM.
  const fact = isFloat ? [chunk('fact', 4, (view) => view.setUint32(0, Math.min(frames, 0xffff_ffff), true))] : [];
  const body = [fmt, ...fact];
  const bodyBytes = body.reduce((sum, { length }) => sum + length, 0);
  const riffBytes = 4 + bodyBytes + 8 + paddedDataBytes(format);
  const isLarge = riffBytes > RIFF_LIMIT;
  const ds64 = chunk('ds64', 28, (view) => {
    view.setBigUint64(0, BigInt(riffBytes + 36), true);
    view.setBigUint64(8, BigInt(dataBytes(format)), true);
    view.setBigUint64(16, BigInt(frames), true);
  });
  return joined([
    tagged(isLarge ? 'RF64' : 'RIFF', isLarge ? 0xffff_ffff : riffBytes),
    text('WAVE'),
    ...(isLarge ? [ds64] : []),
    ...body,
    tagged('data', isLarge ? 0xffff_ffff : dataBytes(format)),
  ]);
}

const text = (letters: string): Uint8Array<ArrayBuffer> => Uint8Array.from(letters, (letter) => letter.charCodeAt(0));

function tagged(tag: string, size: number): Uint8Array<ArrayBuffer> {
  const head = new Uint8Array(8);
  head.set(text(tag));
  new DataView(head.buffer).setUint32(4, size, true);
  return head;
}

function chunk(tag: string, size: number, fill: (view: DataView) => void): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(8 + size);
  whole.set(tagged(tag, size));
  fill(new DataView(whole.buffer, 8));
  return whole;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * A sink that writes one WAV file.
 *
 * 16 bits: triangular dither of ±1 step before rounding, seeded, so that the same audio gives the same bytes; a frame of
 * exact zeros stays zero, so that digital silence stays silent. 24 bits are rounded without dither: the step lies at
 * -144 dB, below the rounding of float32 itself. Integers are clipped to their range; floats are written as they are.
 * Source: Lipshitz, Wannamaker, Vanderkooy, "Quantization and dither", JAES 40(5), 1992.
 */
export async function createWavWriter(output: ByteSink, format: WavFormat): Promise<WavWriter> {
  const { channels, bitDepth, frames } = format;
  let encode = ENCODERS[bitDepth]();
  let written = 0;
  await output.write(wavHeader(format));
  const restart = async (): Promise<void> => {
    await output.restart!();
    encode = ENCODERS[bitDepth]();
    written = 0;
    await output.write(wavHeader(format));
  };
  return {
    ...(output.restart && { restart }),
    async write(rows) {
      const pair = rows.slice(0, channels);
      const count = pair[0]?.length ?? 0;
      written += count;
      for (let from = 0; from < count; from += PIECE_FRAMES) await output.write(encode(pair.map((row) => row.subarray(from, from + PIECE_FRAMES))));
    },
    async finish() {
      if (written !== frames) throw new AppError('internal', { detail: `${written} frames written, ${frames} announced` });
      if (dataBytes(format) % 2 === 1) await output.write(new Uint8Array(1));
    },
  };
}

type Encode = (rows: readonly Float32Array[]) => Uint8Array<ArrayBuffer>;

const ENCODERS: { readonly [D in BitDepth]: () => Encode } = {
  '16': ditheredInt16,
  '24': () => int24,
  '32f': () => (rows) => {
    const samples = new Float32Array(rows.length * rows[0]!.length);
    rows.forEach((row, c) => {
      for (let i = 0, at = c; i < row.length; i += 1, at += rows.length) samples[at] = row[i]!;
    });
    return littleEndian(new Uint8Array(samples.buffer), 4);
  },
};

/** A sample of 24 bits: rounded as Math.round does, in integers; what is not a number becomes silence. */
export function step24(sample: number): number {
  const scaled = sample * 8_388_608;
  return scaled >= 8_388_607 ? 8_388_607 : scaled <= -8_388_608 ? -8_388_608 : Math.floor(scaled + 0.5) | 0;
}

function int24(rows: readonly Float32Array[]): Uint8Array<ArrayBuffer> {
  const left = rows[0]!;
  const right = rows[1] ?? left;
  const count = rows.length * left.length;
  const bytes = new Uint8Array((count * 3 + 11) & ~3);
  const words = new Uint32Array(bytes.buffer);
  // Four samples are three whole words: two frames of stereo, or four of mono.
  const framesPerTurn = 4 / rows.length;
  const second = rows.length === 1 ? 1 : 0;
  const third = second + 1;
  const fourth = rows.length === 1 ? 3 : 1;
  for (let i = 0, at = 0; i < left.length; i += framesPerTurn, at += 3) {
    const a = step24(left[i]!);
    const b = step24(right[i + second] ?? 0);
    const c = step24(left[i + third] ?? 0);
    const d = step24(right[i + fourth] ?? 0);
    words[at] = (a & 0xffffff) | (b << 24);
    words[at + 1] = ((b >> 8) & 0xffff) | (c << 16);
    words[at + 2] = ((c >> 16) & 0xff) | (d << 8);
  }
  return littleEndian(bytes, 4).subarray(0, count * 3);
}

const IS_LITTLE_ENDIAN_MACHINE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Words of this machine as a file has them, in place. */
function littleEndian(bytes: Uint8Array<ArrayBuffer>, width: number): Uint8Array<ArrayBuffer> {
  if (!IS_LITTLE_ENDIAN_MACHINE) for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
  return bytes;
}

function ditheredInt16(): Encode {
  let kept = DITHER_SEED;
  return (rows) => {
    const samples = new Int16Array(rows.length * rows[0]!.length);
    const left = rows[0]!;
    const right = rows[1] ?? left;
    let state = kept;
    for (let at = 0; at < samples.length; at += 1) {
      const frame = rows.length > 1 ? at >> 1 : at;
      const sample = rows.length > 1 && (at & 1) === 1 ? right[frame]! : left[frame]!;
      // xorshift32 (Marsaglia, 2003), twice: two numbers uniform in [0, 1) whose difference is triangular.
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      const first = state >>> 0;
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      const dither = (first - (state >>> 0)) / 4_294_967_296;
      const value = left[frame] === 0 && right[frame] === 0 ? 0 : Math.round(sample * 32_768 + dither);
      samples[at] = value > 32_767 ? 32_767 : value < -32_768 ? -32_768 : value;
    }
    kept = state;
    return littleEndian(new Uint8Array(samples.buffer), 2);
  };
}
