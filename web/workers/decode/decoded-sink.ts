/** Takes what a decoder answers and writes the decoded copy: folded down, repaired, counted. */
import { AppError } from '../../../shared/errors.ts';
import type { Notice } from '../../../shared/pcm.ts';
import { foldDown, foldWeights, type FoldWeights } from '../../../wasm/formats/channel-layout.ts';
import type { ByteWriter } from '../../storage/contract.ts';
import { interleave } from '../../storage/pcm-file.ts';
import type { DecodedFacts } from './contract.ts';

/** What goes to disk at once. */
const WRITE_BYTES = 1024 * 1024;
/** More than this share of samples that are not numbers is damage, not an accident. */
const MAX_NOT_FINITE_SHARE = 0.01;

export interface DecodedSink {
  readonly frames: number;
  readonly sampleRate: number;
  /** @param rows planar float32, all channels of the file  @param channelMask speakers as in WAVE_FORMAT_EXTENSIBLE, 0 unknown */
  write(rows: readonly Float32Array<ArrayBuffer>[], sampleRate: number, channelMask: number): Promise<void>;
  /** @throws AppError 'audio/decode-failed' when nothing came, 'audio/not-finite' */
  finish(notices: readonly Notice[]): Promise<DecodedFacts>;
}

export function createDecodedSink(writer: ByteWriter): DecodedSink {
  let format: { readonly sampleRate: number; readonly channels: number; readonly weights: FoldWeights } | undefined;
  let frames = 0;
  let repairedSamples = 0;
  let pending: Uint8Array<ArrayBuffer>[] = [];
  let pendingBytes = 0;

  async function drain(): Promise<void> {
    const joined = new Uint8Array(pendingBytes);
    let at = 0;
    for (const part of pending) {
      joined.set(part, at);
      at += part.length;
    }
    pending = [];
    pendingBytes = 0;
    if (joined.length > 0) await writer.write(joined);
  }

  function begin(sampleRate: number, channels: number, channelMask: number): NonNullable<typeof format> {
    if (!(sampleRate >= 8000 && sampleRate <= 192000)) throw new AppError('audio/sample-rate', { hz: sampleRate });
    return { sampleRate, channels, weights: foldWeights(channels, channelMask) };
  }

  return {
    get frames() {
      return frames;
    },
    get sampleRate() {
      return format?.sampleRate ?? 0;
    },
    async write(rows, sampleRate, channelMask) {
      const length = rows[0]?.length ?? 0;
      if (length === 0) return;
      format ??= begin(sampleRate, rows.length, channelMask);
      if (format.sampleRate !== sampleRate || format.channels !== rows.length) {
        throw new AppError('audio/unsupported', { detail: 'sample rate or channels change within the file' });
      }
      for (const row of rows) {
        for (let i = 0; i < length; i += 1) {
          if (Number.isFinite(row[i]!)) continue;
          row[i] = 0;
          repairedSamples += 1;
        }
      }
      const bytes = interleave(rows.length > 2 ? foldDown(rows, format.weights) : rows);
      pending.push(bytes);
      pendingBytes += bytes.length;
      frames += length;
      if (pendingBytes >= WRITE_BYTES) await drain();
    },
    async finish(notices) {
      if (!format) throw new AppError('audio/decode-failed');
      await drain();
      const { sampleRate, channels } = format;
      if (repairedSamples > MAX_NOT_FINITE_SHARE * frames * channels) throw new AppError('audio/not-finite');
      const own: Notice[] = [];
      if (channels > 2) own.push({ code: 'audio/folded-down', args: { channels } });
      if (repairedSamples > 0) own.push({ code: 'audio/repaired', args: { count: repairedSamples } });
      return { readAs: 'copy', sampleRate, channels: channels === 1 ? 1 : 2, frames, notices: [...notices, ...own] };
    },
  };
}

/** The notice for a file that holds less than it announces; none where the difference is rounding. */
export function truncationNotice(announcedSeconds: number, decodedSeconds: number): Notice[] {
  // Containers announce whole packets, and some round to a tenth.
  const missing = announcedSeconds - decodedSeconds;
  if (!(missing > Math.max(0.2, 0.01 * announcedSeconds))) return [];
  return [{ code: 'audio/truncated', args: { seconds: Math.round(decodedSeconds * 10) / 10 } }];
}
