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
  const encode = ENCODERS[bitDepth]();
  let written = 0;
  await output.write(wavHeader(format));
  return {
    async write(rows) {
      const pair = rows.slice(0, channels);
      written += pair[0]?.length ?? 0;
      await output.write(encode(pair));
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
  '24': () => (rows) => {
    const bytes = new Uint8Array(rows.length * rows[0]!.length * 3);
    rows.forEach((row, c) => {
      for (let i = 0, at = c * 3; i < row.length; i += 1, at += rows.length * 3) {
        const scaled = row[i]! * 8_388_608;
        // Rounded as Math.round does, in integers; what is not a number becomes silence.
        const value = scaled >= 8_388_607 ? 8_388_607 : scaled <= -8_388_608 ? -8_388_608 : Math.floor(scaled + 0.5) | 0;
        bytes[at] = value;
        bytes[at + 1] = value >> 8;
        bytes[at + 2] = value >> 16;
      }
    });
    return bytes;
  },
  '32f': () => (rows) => {
    const view = new DataView(new ArrayBuffer(rows.length * rows[0]!.length * 4));
    rows.forEach((row, c) => row.forEach((value, i) => view.setFloat32((i * rows.length + c) * 4, value, true)));
    return new Uint8Array(view.buffer);
  },
};

function ditheredInt16(): Encode {
  let state = DITHER_SEED;
  // xorshift32 (Marsaglia, 2003): uniform in [0, 1)
  const random = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4_294_967_296;
  };
  return (rows) => {
    const left = rows[0]!;
    const right = rows[1] ?? left;
    const view = new DataView(new ArrayBuffer(rows.length * left.length * 2));
    const put = (at: number, sample: number, isSilent: boolean): void => {
      const dither = random() - random();
      const value = isSilent ? 0 : Math.round(sample * 32_768 + dither);
      view.setInt16(at, Math.min(32_767, Math.max(-32_768, value)), true);
    };
    for (let i = 0; i < left.length; i += 1) {
      const isSilent = left[i] === 0 && right[i] === 0;
      put(i * rows.length * 2, left[i]!, isSilent);
      if (rows.length > 1) put(i * 4 + 2, right[i]!, isSilent);
    }
    return new Uint8Array(view.buffer);
  };
}
