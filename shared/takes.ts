/**
 * What a take is made of: the facts of its journal. A *take* is what the recorder keeps; once kept it is a recording like any other.
 *
 * A take is a row of segments, each of one device at one rate. Its time line is the segments one after the other; what is missing
 * within a segment (and between two of them, when a device went away) is a gap: it takes up its time, as silence, and is named.
 */

/**
 * missed: frames that never reached us. zeros: exact silence, which a working microphone does not give. device: the time without one
 * when it was unplugged or changed. damaged: a record that does not pass its check.
 */
export type TakeGapCause = 'missed' | 'zeros' | 'device' | 'damaged';

export interface TakeGap {
  /** Within the segment, first frame of the gap. */
  readonly frame: number;
  readonly frames: number;
  readonly cause: TakeGapCause;
}

export type TakeSegmentReason = 'started' | 'resumed' | 'device-changed' | 'rate-changed';

/** What the browser was asked to do to the signal, as it says it does. */
export interface TakeProcessing {
  readonly echoCancellation: boolean;
  readonly noiseSuppression: boolean;
  readonly autoGainControl: boolean;
}

export interface TakeSegment {
  /** 0, 1, 2 in the order of recording. */
  readonly index: number;
  /** Hz, of the device. */
  readonly sampleRate: number;
  readonly channels: 1 | 2;
  /** Durable, gaps included. */
  readonly frames: number;
  /** Unix time, ms. */
  readonly startedMs: number;
  /** As the browser names it; empty where it does not. */
  readonly deviceLabel: string;
  readonly processing: TakeProcessing;
  readonly why: TakeSegmentReason;
  readonly gaps: readonly TakeGap[];
}

export interface TakeMarker {
  readonly segment: number;
  /** Within the segment. */
  readonly frame: number;
  readonly label: string;
}

/** Frames of the take as it is read (all segments in a row, at the take's rate); `endFrame` is the first one left out. */
export interface TakeTrim {
  readonly startFrame: number;
  readonly endFrame: number;
}

/** A recording that was played while a take was made. */
export interface TakeBacking {
  readonly recordingId: string;
  /** The segment it was played along. */
  readonly segment: number;
  /**
   * Frame of that segment, at its rate, where the recording's first frame belongs: what somebody played exactly with what they heard
   * lies there, the round trip being taken off. Negative where the recording had begun before the segment.
   */
  readonly offsetFrames: number;
  /** The round trip that was taken off, ms; 0 where none was known. */
  readonly latencyMs: number;
}

export const TAKE_ROLES = ['reference', 'target', 'voice-sample'] as const;
export type TakeRole = (typeof TAKE_ROLES)[number];

/** Less room than this raises the alarm 'storage-low': time enough to come to an end of a piece. */
export const LOW_SECONDS = 300;
