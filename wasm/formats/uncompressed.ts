/** A PcmSource over uncompressed, interleaved samples somewhere inside a file: what WAV and AIFF have in common. */
import { AppError } from '../../shared/errors.ts';
import type { Notice, PcmSource } from '../../shared/pcm.ts';
import type { ByteSource } from './byte-source.ts';
import { foldDown, foldWeights } from './channel-layout.ts';
import { decodeSamples, ENCODING_BYTES, type SampleEncoding } from './sample-encoding.ts';

export interface UncompressedLayout {
  readonly sampleRate: number;
  readonly channels: number;
  /** dwChannelMask; 0 where the file names no speakers. */
  readonly channelMask: number;
  readonly encoding: SampleEncoding;
  readonly littleEndian: boolean;
  readonly dataOffset: number;
  /** As the file declares it; null where it leaves the length open (a stream written to a pipe). */
  readonly declaredFrames: number | null;
}

/** More than this share of samples that are not numbers is damage, not an accident. */
const MAX_NOT_FINITE_SHARE = 0.01;

/**
 * Opens the samples for random access.
 *
 * Values that are not numbers are read as 0; the notice counts them over what has been read from the start without a gap.
 * @throws AppError 'audio/empty' without one whole frame, 'audio/sample-rate'; while reading 'audio/not-finite' above 1 %
 */
export function openUncompressed(source: ByteSource, layout: UncompressedLayout): PcmSource {
  const { sampleRate, channels, encoding, dataOffset, declaredFrames } = layout;
  if (!(sampleRate >= 8000 && sampleRate <= 192000)) throw new AppError('audio/sample-rate', { hz: sampleRate });
  const frameBytes = ENCODING_BYTES[encoding] * channels;
  const availableFrames = Math.max(0, Math.floor((source.bytes - dataOffset) / frameBytes));
  const frames = declaredFrames === null ? availableFrames : Math.min(declaredFrames, availableFrames);
  if (frames === 0) throw new AppError('audio/empty');

  const fixed: Notice[] = [];
  if (declaredFrames !== null && declaredFrames > availableFrames) {
    fixed.push({ code: 'audio/truncated', args: { seconds: Math.round((frames / sampleRate) * 10) / 10 } });
  }
  if (channels > 2) fixed.push({ code: 'audio/folded-down', args: { channels } });
  const weights = foldWeights(channels, layout.channelMask);
  const isFloat = encoding === 'f32' || encoding === 'f64';
  let buffer = new Uint8Array(0);
  let repairedSamples = 0;
  let checkedFrames = 0;

  function repair(planes: readonly Float32Array[], frame: number): void {
    const length = planes[0]?.length ?? 0;
    const countFrom = frame <= checkedFrames ? checkedFrames - frame : length;
    for (const samples of planes) {
      for (let i = 0; i < length; i += 1) {
        if (Number.isFinite(samples[i]!)) continue;
        samples[i] = 0;
        if (i >= countFrom) repairedSamples += 1;
      }
    }
    if (frame <= checkedFrames) checkedFrames = Math.max(checkedFrames, frame + length);
    if (repairedSamples > MAX_NOT_FINITE_SHARE * frames * channels) throw new AppError('audio/not-finite');
  }

  return {
    sampleRate,
    channels: channels === 1 ? 1 : 2,
    frames,
    isClean: true,
    countsBroken: isFloat,
    get notices(): readonly Notice[] {
      return repairedSamples === 0 ? fixed : [...fixed, { code: 'audio/repaired', args: { count: repairedSamples } }];
    },
    async read(frame, count, into) {
      const wanted = Math.max(0, Math.min(count, frames - frame));
      // Who gives arrays reads one piece after the other: one buffer serves them all.
      if (into && buffer.length < wanted * frameBytes) buffer = new Uint8Array(wanted * frameBytes);
      const bytes = await source.read(dataOffset + frame * frameBytes, wanted * frameBytes, into ? buffer : undefined);
      const planes = decodeSamples(bytes, encoding, layout.littleEndian, channels, Math.floor(bytes.length / frameBytes), channels > 2 ? undefined : into);
      if (isFloat) repair(planes, frame);
      return channels > 2 ? foldDown(planes, weights) : planes;
    },
  };
}
