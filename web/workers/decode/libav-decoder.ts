/**
 * MP3, FLAC, Vorbis and Opus (in Ogg or WebM) by libav.js (FFmpeg compiled to WebAssembly, LGPL-2.1, variant "obsolete"): sample-exact and
 * the same in every browser. It is loaded as a file of its own, so that it stays replaceable, as its licence asks.
 */
import libavUrl from '../../../node_modules/libav.js/dist/libav-obsolete.mjs?url';
import factoryUrl from '../../../node_modules/libav.js/dist/libav-6.10.9.0-obsolete.wasm.mjs?url';
import wasmUrl from '../../../node_modules/libav.js/dist/libav-6.10.9.0-obsolete.wasm.wasm?url';
import { AppError, throwIfAborted } from '../../../shared/errors.ts';
import type { Notice } from '../../../shared/pcm.ts';
import type { WorkerTask } from '../rpc.ts';
import { type DecodedSink, truncationNotice } from './decoded-sink.ts';

/** What we use of libav.js. */
interface Stream {
  readonly index: number;
  readonly codecpar: number;
  readonly codec_type: number;
  readonly codec_id: number;
  readonly time_base_num: number;
  readonly time_base_den: number;
  /** s; 0 or less where unknown. */
  readonly duration: number;
}
type Samples = Uint8Array | Int16Array | Int32Array | Float32Array | Float64Array;
interface Frame {
  readonly format: number;
  readonly sample_rate: number;
  readonly nb_samples: number;
  readonly channels?: number;
  readonly channel_layout?: number;
  readonly data: Samples | readonly Samples[];
}
interface LibAv {
  readonly AVMEDIA_TYPE_AUDIO: number;
  readonly AVERROR_EOF: number;
  readonly EAGAIN: number;
  readonly AV_LOG_FATAL: number;
  av_log_set_level(level: number): Promise<void>;
  mkreadaheadfile(name: string, file: Blob): Promise<void>;
  unlinkreadaheadfile(name: string): Promise<void>;
  ff_init_demuxer_file(name: string): Promise<[context: number, streams: readonly Stream[]]>;
  ff_init_decoder(codec: number, options: { codecpar: number; time_base: [number, number] }): Promise<[codec: number, context: number, packet: number, frame: number]>;
  ff_read_frame_multi(context: number, packet: number, options: { limit: number }): Promise<[result: number, packets: Record<number, unknown[]>]>;
  ff_decode_multi(context: number, packet: number, frame: number, packets: unknown[], options: { fin: boolean; ignoreErrors: boolean }): Promise<readonly Frame[]>;
  terminate(): void;
}
interface LibAvModule {
  readonly default: { LibAV(options: { noworker: true; toImport: string; wasmurl: string }): Promise<LibAv> };
}

const FILE = 'in';
/** Compressed bytes taken at once. */
const READ_BYTES = 256 * 1024;
/** AVSampleFormat: u8 s16 s32 flt dbl, then the same five planar. */
const PACKED_FORMATS = 5;
const U8 = 0;
const SCALES = [1 / 128, 1 / 32768, 1 / 2147483648, 1, 1] as const;

async function loadLibAv(): Promise<LibAv> {
  try {
    const { default: libav } = (await import(/* @vite-ignore */ libavUrl)) as LibAvModule;
    return await libav.LibAV({ noworker: true, toImport: factoryUrl, wasmurl: wasmUrl });
  } catch (cause) {
    throw new AppError('network/unavailable', {}, { cause });
  }
}

/** A frame as planar float32. */
function rowsOf(frame: Frame): Float32Array<ArrayBuffer>[] {
  const channels = frame.channels ?? 1;
  const kind = frame.format % PACKED_FORMATS;
  const scale = SCALES[kind];
  if (frame.format < 0 || frame.format >= 2 * PACKED_FORMATS || scale === undefined) throw new AppError('audio/unsupported', { detail: `samples of kind ${frame.format}` });
  const isPlanar = frame.format >= PACKED_FORMATS;
  const middle = kind === U8 ? 128 : 0;
  return Array.from({ length: channels }, (_, c) => {
    const from = isPlanar ? (frame.data as readonly Samples[])[c]! : (frame.data as Samples);
    const [offset, stride] = isPlanar ? [0, 1] : [c, channels];
    const row = new Float32Array(frame.nb_samples);
    for (let i = 0, at = offset; i < row.length; i += 1, at += stride) row[i] = (from[at]! - middle) * scale;
    return row;
  });
}

/**
 * Decodes the first audio stream into the sink.
 * @returns notices: whether the file ends early
 * @throws AppError 'audio/unsupported' for a codec it does not know, 'audio/decode-failed' for a container it cannot follow
 */
export async function decodeWithLibAv(file: Blob, sink: DecodedSink, { signal, onProgress }: WorkerTask): Promise<Notice[]> {
  const libav = await loadLibAv();
  try {
    // Skipped encoder delay and damaged packets are no news for a person's console.
    await libav.av_log_set_level(libav.AV_LOG_FATAL);
    await libav.mkreadaheadfile(FILE, file);
    const [demuxer, streams] = await libav.ff_init_demuxer_file(FILE).catch((cause: unknown) => {
      throw new AppError('audio/decode-failed', {}, { cause });
    });
    const stream = streams.find(({ codec_type }) => codec_type === libav.AVMEDIA_TYPE_AUDIO);
    if (!stream) throw new AppError('audio/not-audio');
    const timeBase: [number, number] = [stream.time_base_num, stream.time_base_den];
    const [, decoder, packet, frame] = await libav
      .ff_init_decoder(stream.codec_id, { codecpar: stream.codecpar, time_base: timeBase })
      .catch((cause: unknown) => {
        throw new AppError('audio/unsupported', { detail: 'codec' }, { cause });
      });

    for (;;) {
      throwIfAborted(signal);
      const [result, packets] = await libav.ff_read_frame_multi(demuxer, packet, { limit: READ_BYTES });
      const isEnd = result !== 0 && result !== -libav.EAGAIN;
      // A damaged packet is skipped, as players do; nothing at all is an error of the sink.
      const frames = await libav.ff_decode_multi(decoder, packet, frame, packets[stream.index] ?? [], { fin: isEnd, ignoreErrors: true });
      for (const decoded of frames) await sink.write(rowsOf(decoded), decoded.sample_rate, decoded.channel_layout ?? 0);
      if (stream.duration > 0 && sink.sampleRate > 0) onProgress(Math.min(1, sink.frames / sink.sampleRate / stream.duration));
      if (isEnd) break;
    }
    return sink.sampleRate > 0 ? truncationNotice(stream.duration, sink.frames / sink.sampleRate) : [];
  } finally {
    libav.terminate();
  }
}
