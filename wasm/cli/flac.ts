/**
 * FLAC, decoded as a stream from its start: for the command line, which has no browser's decoders.
 * Source: RFC 9639, "Free Lossless Audio Codec (FLAC)"; numbers in brackets name its sections.
 */
import { AppError } from '../../shared/errors.ts';
import type { Notice } from '../../shared/pcm.ts';
import { type ByteSource, fourLetters } from '../formats/byte-source.ts';
import { foldDown, foldWeights } from '../formats/channel-layout.ts';
import type { Engine } from '../host/engine.ts';
import { FlacFrames } from '../host/flac-frames.ts';

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

/**
 * Decodes to planar float32, in order.
 *
 * @param open called once, when the format is known
 * @param write frames in order, to be used before it resolves; more than two channels are folded down
 * @returns what should be known; a file that ends early is used up to there
 * @throws AppError 'audio/decode-failed' where the stream is damaged, 'audio/unsupported' above 24 bits, 'audio/empty'
 *
 * Exact: every sample as the encoder was given it.
 */
export async function decodeFlac(
  source: ByteSource,
  engine: Engine,
  open: (format: FlacFormat) => Promise<void>,
  write: (channels: readonly Float32Array[]) => Promise<void>,
): Promise<readonly Notice[]> {
  const { info, audioAt } = await readMetadata(source);
  const { sampleRate, channels, totalFrames, maxBlock, bits } = info;
  if (bits > 24) throw new AppError('audio/unsupported', { detail: `FLAC, ${bits} bits` });
  if (sampleRate < 8000 || sampleRate > 192_000) throw new AppError('audio/sample-rate', { hz: sampleRate });
  await open({ sampleRate, channels: channels === 1 ? 1 : 2 });
  const weights = foldWeights(channels);
  const notices: Notice[] = channels > 2 ? [{ code: 'audio/folded-down', args: { channels } }] : [];
  // A frame stored without compression, and room for headers.
  const frameBytes = Math.ceil((maxBlock * channels * (bits + 1)) / 8) + 64 * channels;
  const decoder = new FlacFrames(engine, channels, bits, frameBytes + READ_BYTES);
  let at = audioAt;
  let frames = 0;
  while (totalFrames === 0 || frames < totalFrames) {
    while (decoder.waiting < frameBytes && at < source.bytes) {
      const more = await source.read(at, READ_BYTES);
      if (more.length === 0) throw new AppError('audio/decode-failed');
      at += more.length;
      decoder.bring(more);
    }
    if (decoder.waiting === 0) break;
    const rows = decoder.next();
    if (rows === 'short' || rows === 'damaged') {
      const isLast = at >= source.bytes && frames > 0;
      // Cut off; or tags that follow the last frame of a stream of unknown length.
      if (isLast && (rows === 'short' || (totalFrames === 0 && decoder.waiting < frameBytes))) break;
      throw new AppError('audio/decode-failed');
    }
    frames += rows[0]!.length;
    await write(channels > 2 ? foldDown(rows, weights) : rows);
  }
  if (frames === 0) throw new AppError('audio/empty');
  if (frames < totalFrames) notices.push({ code: 'audio/truncated', args: { seconds: Math.round((frames / sampleRate) * 10) / 10 } });
  return notices;
}
