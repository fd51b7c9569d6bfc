/** Decoded audio: what every stage after decoding reads. */

/** Something a person should know about a recording that did not stop the work. */
export interface Notice {
  readonly code: NoticeCode;
  readonly args: Readonly<Record<string, number | string>>;
}

export const NOTICES = {
  'audio/truncated': 'The file ends early; {seconds} s could be read and are used.',
  'audio/repaired': '{count} samples were not numbers and were replaced by silence.',
  'audio/folded-down': 'The {channels} channels were folded down to stereo.',
  'audio/clipped': '{count} samples are clipped.',
  'audio/mono': 'The recording is mono.',
  'audio/lossy-bandwidth': 'The recording has no content above {hz} Hz.',
  'render/loudness-unreachable': 'The loudness of {target} LUFS cannot be reached under the peak ceiling; the result has {reached} LUFS.',
  'render/over-full-scale': 'The result peaks at {peak} dBTP and will clip in a file with whole-number samples. Switch the limiter on.',
  'take/gaps': 'While it was recorded, {count} stretches were lost ({seconds} s in all). They are kept as silence, at their place.',
  'take/damaged': '{seconds} s on this device are damaged and are read as silence.',
  'audio/fallback-decoder': 'The file was opened with the additional decoder.',
} as const;

export type NoticeCode = keyof typeof NOTICES;

/**
 * A decoded recording that is read in pieces and never held whole.
 *
 * `read` answers planar float32, full scale ±1: one array per channel, each `frames` long
 * or shorter at the end of the recording. The arrays belong to the caller. Who reads much may give arrays to fill: they
 * are then answered, or parts of them, where the source can fill them; it may also make its own.
 */
export interface PcmSource {
  readonly sampleRate: number;
  readonly channels: 1 | 2;
  readonly frames: number;
  readonly notices: readonly Notice[];
  /** True: every sample that `read` answers is a number. */
  readonly isClean?: boolean;
  /** True: samples that are not numbers are counted in `notices`, if they are read from the start without a gap. */
  readonly countsBroken?: boolean;
  read(frame: number, frames: number, into?: readonly Float32Array<ArrayBuffer>[]): Promise<Float32Array<ArrayBuffer>[]>;
}

/** Where frames are written in order. */
export interface PcmSink {
  write(channels: readonly Float32Array[]): Promise<void>;
  /** Forgets what has been written: the next frames are the first. Where it is missing, frames are final. */
  restart?(): Promise<void>;
}

/** A Pcm held in memory: short recordings, excerpts and tests. */
export function pcmFromArrays(
  channels: readonly Float32Array[],
  sampleRate: number,
  notices: readonly Notice[] = [],
): PcmSource {
  const frames = channels[0]?.length ?? 0;
  return {
    sampleRate,
    channels: channels.length === 1 ? 1 : 2,
    frames,
    notices,
    read: (frame, count) => Promise.resolve(channels.slice(0, 2).map((c) => c.slice(frame, frame + count))),
  };
}
