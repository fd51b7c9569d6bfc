/**
 * AAC, M4A, WebM and whatever else this browser's WebCodecs decode, demultiplexed by mediabunny.
 *
 * Encoders put silence before the first frame (AAC: 1 024 frames and more) and mark it with negative times; those frames are
 * dropped, so that the first frame is the recording's own.
 */
import { ALL_FORMATS, AudioSampleSink, BlobSource, Input } from 'mediabunny';
import { AppError, throwIfAborted, toAppError } from '../../../shared/errors.ts';
import type { Notice } from '../../../shared/pcm.ts';
import type { WorkerTask } from '../rpc.ts';
import { type DecodedSink, truncationNotice } from './decoded-sink.ts';

/**
 * Decodes the primary audio track into the sink.
 * @returns notices: whether the file ends early
 * @throws AppError 'audio/not-audio' without an audio track, 'audio/unsupported' for a codec this browser does not decode,
 *   'audio/decode-failed'
 */
export async function decodeWithMediabunny(file: Blob, sink: DecodedSink, { signal, onProgress }: WorkerTask): Promise<Notice[]> {
  if (typeof AudioDecoder === 'undefined') throw new AppError('audio/unsupported', { detail: 'no WebCodecs' });
  using input = new Input({ source: new BlobSource(file), formats: ALL_FORMATS });
  if (!(await input.canRead())) throw new AppError('audio/decode-failed');
  const track = await input.getPrimaryAudioTrack();
  // Without any track at all the file's index is missing, as in a download that broke off.
  if (!track) throw new AppError((await input.getTracks()).length === 0 ? 'audio/decode-failed' : 'audio/not-audio');
  if (!(await track.canDecode())) throw new AppError('audio/unsupported', { detail: 'codec' });
  const durationSeconds = await track.computeDuration().catch(() => 0);

  try {
    for await (const sample of new AudioSampleSink(track).samples()) {
      using held = { sample, [Symbol.dispose]: () => sample.close() };
      throwIfAborted(signal);
      const { numberOfFrames, numberOfChannels, sampleRate, timestamp } = held.sample;
      const before = timestamp < 0 ? Math.min(numberOfFrames, Math.round(-timestamp * sampleRate)) : 0;
      const rows = Array.from({ length: numberOfChannels }, (_, planeIndex) => {
        const row = new Float32Array(numberOfFrames);
        sample.copyTo(row, { planeIndex, format: 'f32-planar' });
        return before > 0 ? row.slice(before) : row;
      });
      await sink.write(rows, sampleRate, 0);
      if (durationSeconds > 0) onProgress(Math.min(1, Math.max(0, timestamp / durationSeconds)));
    }
  } catch (thrown) {
    const error = toAppError(thrown);
    if (error.code !== 'internal') throw error;
    // A file that breaks off in the middle is used as far as it goes.
    if (sink.frames === 0) throw new AppError('audio/decode-failed', {}, { cause: thrown });
  }
  return sink.sampleRate > 0 ? truncationNotice(durationSeconds, sink.frames / sink.sampleRate) : [];
}
