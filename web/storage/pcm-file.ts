/** Decoded audio in a file: interleaved float32, little-endian, no header. What it holds is written in the fact beside it. */
import type { Notice, PcmSink, PcmSource } from '../../shared/pcm.ts';
import type { ByteSource } from '../../wasm/formats/byte-source.ts';
import type { ByteWriter } from './contract.ts';

const SAMPLE_BYTES = 4;

export const pcmFileBytes = (frames: number, channels: number): number => frames * channels * SAMPLE_BYTES;

/** Planar rows to bytes. */
export function interleave(rows: readonly Float32Array[]): Uint8Array<ArrayBuffer> {
  const frames = rows[0]?.length ?? 0;
  const samples = new Float32Array(frames * rows.length);
  rows.forEach((row, c) => {
    for (let i = 0, at = c; i < frames; i += 1, at += rows.length) samples[at] = row[i]!;
  });
  return new Uint8Array(samples.buffer);
}

export const createPcmSink = (writer: ByteWriter): PcmSink => ({ write: (rows) => writer.write(interleave(rows)) });

export interface PcmFileFacts {
  readonly sampleRate: number;
  readonly channels: 1 | 2;
  readonly frames: number;
  readonly notices: readonly Notice[];
}

export function openPcmFile(source: ByteSource, facts: PcmFileFacts): PcmSource {
  const { channels } = facts;
  return {
    ...facts,
    async read(frame, frames) {
      const wanted = Math.max(0, Math.min(frames, facts.frames - frame));
      const bytes = await source.read(pcmFileBytes(frame, channels), pcmFileBytes(wanted, channels));
      const samples = new Float32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / SAMPLE_BYTES));
      if (channels === 1) return [samples];
      return Array.from({ length: channels }, (_, c) => {
        const row = new Float32Array(samples.length / channels);
        for (let i = 0, at = c; i < row.length; i += 1, at += channels) row[i] = samples[at]!;
        return row;
      });
    },
  };
}
