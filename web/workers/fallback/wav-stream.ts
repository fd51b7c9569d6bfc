/** A WAV stream of float32 that arrives in arbitrary pieces, handed on as frames. Header as FFmpeg writes it to a pipe. */
import { AppError } from '../../../shared/errors.ts';
import { fourLetters } from '../../../wasm/formats/byte-source.ts';
import { decodeSamples } from '../../../wasm/formats/sample-encoding.ts';
import type { DecodedSink } from '../decode/decoded-sink.ts';

interface Format {
  readonly sampleRate: number;
  readonly channels: number;
  readonly channelMask: number;
}

const EXTENSIBLE = 0xfffe;

function joined(a: Uint8Array<ArrayBuffer>, b: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (a.length === 0) return b;
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}

export function createWavStream(sink: Pick<DecodedSink, 'write'>): { take(bytes: Uint8Array<ArrayBuffer>): Promise<void> } {
  let rest: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  let format: Format | undefined;
  let inData = false;

  /** Steps over the header's chunks; false while more bytes are needed. */
  function readHeader(): boolean {
    let at = 12;
    for (;;) {
      if (rest.length < at + 8) return false;
      const view = new DataView(rest.buffer, rest.byteOffset, rest.byteLength);
      const size = view.getUint32(at + 4, true);
      const name = fourLetters(rest, at);
      if (name === 'data') {
        if (!format) throw new AppError('audio/decode-failed');
        rest = rest.slice(at + 8);
        return true;
      }
      if (rest.length < at + 8 + size) return false;
      if (name === 'fmt ') {
        const isExtensible = view.getUint16(at + 8, true) === EXTENSIBLE;
        format = {
          channels: view.getUint16(at + 10, true),
          sampleRate: view.getUint32(at + 12, true),
          channelMask: isExtensible ? view.getUint32(at + 28, true) : 0,
        };
      }
      at += 8 + size + (size % 2);
    }
  }

  return {
    async take(bytes) {
      rest = joined(rest, bytes);
      inData ||= readHeader();
      if (!inData || !format) return;
      const frames = Math.floor(rest.length / (4 * format.channels));
      if (frames === 0) return;
      const rows = decodeSamples(rest, 'f32', true, format.channels, frames);
      rest = rest.slice(frames * 4 * format.channels);
      await sink.write(rows, format.sampleRate, format.channelMask);
    },
  };
}
