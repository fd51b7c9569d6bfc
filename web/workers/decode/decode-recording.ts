/** Which decoders are tried for which kind of file, in which order. */
import { AppError, throwIfAborted, toAppError } from '../../../shared/errors.ts';
import type { Notice, PcmSource } from '../../../shared/pcm.ts';
import { openAiff } from '../../../wasm/formats/aiff-reader.ts';
import { type ByteSource, byteSourceFromBlob } from '../../../wasm/formats/byte-source.ts';
import { openWav } from '../../../wasm/formats/wav-reader.ts';
import type { ByteStore } from '../../storage/contract.ts';
import type { WorkerTask } from '../rpc.ts';
import type { DecodedFacts, DecodeRequest } from './contract.ts';
import { createDecodedSink, type DecodedSink } from './decoded-sink.ts';
import { type FileKind, sniff } from './sniff.ts';

export type StreamDecoder = (file: Blob, sink: DecodedSink, task: WorkerTask) => Promise<Notice[]>;

export interface Decoders {
  readonly libav: StreamDecoder;
  readonly webcodecs: StreamDecoder;
}

const ORDER: Readonly<Record<Exclude<FileKind, 'wav' | 'aiff' | 'rare' | 'none'>, readonly (keyof Decoders)[]>> = {
  flac: ['libav', 'webcodecs'],
  mp3: ['libav', 'webcodecs'],
  ogg: ['libav', 'webcodecs'],
  adts: ['webcodecs'],
  mp4: ['webcodecs'],
  matroska: ['libav', 'webcodecs'],
};

const CHECK_FRAMES = 65536;

/**
 * Decodes a kept recording once, from its start.
 *
 * WAV and AIFF need no copy: they are read in place, and floats looked through once for samples that are not numbers. Everything
 * else becomes a float32 copy; a decoder that does not know the codec hands on to the next.
 * @throws as `DecodeMethods.decode`
 */
export async function decodeRecording(bytes: ByteStore, request: DecodeRequest, decoders: Decoders, task: WorkerTask): Promise<DecodedFacts> {
  const file = await bytes.blob({ folder: 'recordings', id: request.recordingId });
  const source = byteSourceFromBlob(file);
  if (source.bytes === 0) throw new AppError('audio/empty');
  const kind = await sniff(source, request.name);
  switch (kind) {
    case 'wav':
    case 'aiff':
      return checkInPlace(source, kind, task);
    case 'rare':
      throw new AppError('audio/needs-fallback');
    case 'none':
      throw new AppError('audio/not-audio');
    default:
      return decodeCopy(bytes, request.recordingId, file, ORDER[kind].map((name) => decoders[name]), task);
  }
}

async function checkInPlace(source: ByteSource, kind: 'wav' | 'aiff', { signal, onProgress }: WorkerTask): Promise<DecodedFacts> {
  let pcm: PcmSource;
  try {
    pcm = await (kind === 'wav' ? openWav(source) : openAiff(source));
  } catch (thrown) {
    // Compressed samples in a WAV or AIFF file.
    if (thrown instanceof AppError && thrown.code === 'audio/unsupported') throw new AppError('audio/needs-fallback', {}, { cause: thrown });
    throw thrown;
  }
  // Whole numbers cannot be broken.
  const lookedThrough = pcm.countsBroken ? pcm.frames : 0;
  for (let frame = 0; frame < lookedThrough; frame += CHECK_FRAMES) {
    throwIfAborted(signal);
    await pcm.read(frame, CHECK_FRAMES);
    onProgress(Math.min(1, (frame + CHECK_FRAMES) / pcm.frames));
  }
  const { sampleRate, channels, frames, notices } = pcm;
  return { readAs: kind, sampleRate, channels, frames, notices };
}

async function decodeCopy(bytes: ByteStore, id: string, file: Blob, decoders: readonly StreamDecoder[], task: WorkerTask): Promise<DecodedFacts> {
  const name = { folder: 'decoded', id } as const;
  let isUnknown = false;
  for (const decode of decoders) {
    const writer = await bytes.writer(name);
    try {
      const sink = createDecodedSink(writer);
      const facts = await sink.finish(await decode(file, sink, task));
      await writer.close();
      return facts;
    } catch (thrown) {
      await writer.close().catch(() => undefined);
      await bytes.remove(name);
      const error = toAppError(thrown);
      if (error.code === 'audio/unsupported') isUnknown = true;
      else if (error.code !== 'audio/decode-failed' && error.code !== 'internal') throw error;
    }
  }
  throw new AppError(isUnknown ? 'audio/needs-fallback' : 'audio/decode-failed');
}
