/** WAV files: what one holds, and how one is written. Source: Microsoft RIFF/WAVE, "Multimedia Programming Interface and Data Specifications 1.0". */

export interface Wav {
  /** 1: integers, 3: floating point. */
  readonly encoding: 1 | 3;
  readonly channels: number;
  /** Hz */
  readonly sampleRate: number;
  readonly bits: number;
  /** Whole frames, all channels. */
  readonly data: Uint8Array;
  readonly frames: number;
}

const HEADER_BYTES = 44;
const EXTENSIBLE = 0xfffe;

/** Null where it is not a WAV file that can be read. A data chunk that says it is longer than the file ends with the file: it was streamed. */
export function readWav(bytes: Uint8Array): Wav | null {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length < 12 || view.toString('latin1', 0, 4) !== 'RIFF' || view.toString('latin1', 8, 12) !== 'WAVE') return null;
  let format: Omit<Wav, 'data' | 'frames'> | null = null;
  for (let at = 12; at + 8 <= view.length; ) {
    const [name, length] = [view.toString('latin1', at, at + 4), view.readUInt32LE(at + 4)];
    const body = at + 8;
    if (name === 'fmt ' && length >= 16 && body + 16 <= view.length) {
      const tag = view.readUInt16LE(body);
      const encoding = tag === EXTENSIBLE && length >= 26 && body + 26 <= view.length ? view.readUInt16LE(body + 24) : tag;
      format = { encoding: encoding as 1 | 3, channels: view.readUInt16LE(body + 2), sampleRate: view.readUInt32LE(body + 4), bits: view.readUInt16LE(body + 14) };
    }
    if (name === 'data') {
      if (!format || !isReadable(format)) return null;
      const frameBytes = (format.channels * format.bits) / 8;
      const frames = Math.floor(Math.min(length, view.length - body) / frameBytes);
      return { ...format, frames, data: bytes.subarray(body, body + frames * frameBytes) };
    }
    at = body + length + (length % 2);
  }
  return null;
}

const isReadable = ({ encoding, channels, sampleRate, bits }: Omit<Wav, 'data' | 'frames'>): boolean =>
  channels >= 1 && channels <= 8 && sampleRate >= 4000 && sampleRate <= 192_000 && ((encoding === 1 && [8, 16, 24, 32].includes(bits)) || (encoding === 3 && bits === 32));

/** All channels as one. @returns frames, full scale ±1 */
export function monoOf({ encoding, channels, bits, data, frames }: Wav): Float32Array {
  const view = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const width = bits / 8;
  const at = (byte: number): number => {
    if (encoding === 3) return view.readFloatLE(byte);
    if (bits === 8) return (view[byte]! - 128) / 128;
    return view.readIntLE(byte, width) / 2 ** (bits - 1);
  };
  const mono = new Float32Array(frames);
  for (let frame = 0; frame < frames; frame += 1) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel += 1) sum += at((frame * channels + channel) * width);
    mono[frame] = Number.isFinite(sum) ? sum / channels : 0;
  }
  return mono;
}

/** @param samples  full scale ±1; beyond is cut. @returns 16-bit little-endian */
export function pcm16Of(samples: Float32Array): Buffer {
  const bytes = Buffer.alloc(2 * samples.length);
  for (let i = 0; i < samples.length; i += 1) bytes.writeInt16LE(Math.max(-32768, Math.min(32767, Math.round(samples[i]! * 32767))), 2 * i);
  return bytes;
}

/** @param pcm  16-bit little-endian mono frames */
export function wavOf(pcm: Uint8Array, sampleRate: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(HEADER_BYTES - 8 + pcm.length, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(2 * sampleRate, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(pcm.length, 40);
  return Buffer.concat([header, pcm]);
}
