/**
 * Writes a take into its journal while it is played. Frames come straight from the audio thread; the page only says when segments
 * begin and end, and hears how far what it records is safe.
 */
import type { ErrorBody } from '../../../shared/errors.ts';
import type { TakeGap, TakeMarker } from '../../../shared/takes.ts';
import type { TakeIdentity, EndFacts, SegmentFacts } from '../../../wasm/formats/take-journal/records.ts';
import type { TakeContent } from '../../storage/contract.ts';
import type { WorkerMethod } from '../rpc.ts';

/** Told some ten times a second, over the port given with `begin`. */
export interface JournalNews {
  /** null until a segment has begun. */
  readonly segment: number | null;
  /** On the clock of the context: where frame 0 of this segment was captured; null before its first frames. */
  readonly contextFrame: number | null;
  /** Of this segment: received, and safe on the device. Gaps count. */
  readonly receivedFrames: number;
  readonly durableFrames: number;
  /** Gaps of this segment, the last ones; all of them are in the journal. */
  readonly gaps: readonly TakeGap[];
  /** How long nothing but exact zeros has come, frames. */
  readonly silentFrames: number;
  /** When frames came last, Unix ms; null before the first of the segment. */
  readonly heardMs: number | null;
  /** When the oldest frame that is not safe yet was there, Unix ms; null where all are. */
  readonly unsafeSinceMs: number | null;
  /** The device is nearly full, whatever the browser says of its room. */
  readonly isTight: boolean;
  /** Writing has failed; nothing more is taken. */
  readonly error: ErrorBody | null;
}

export interface NewSegment {
  readonly facts: SegmentFacts;
  /** It goes on where the segment before it was cut off: the time without a microphone stands in it as a gap. */
  readonly isContinued: boolean;
  /** From the capture processor. */
  readonly port: MessagePort;
}

export type JournalMethods = {
  /**
   * Makes the file, safe before it answers.
   * @throws AppError 'storage/full', 'storage/unavailable', 'storage/failed'
   */
  readonly begin: WorkerMethod<{ readonly identity: TakeIdentity; readonly news: MessagePort }, null>;
  readonly segment: WorkerMethod<NewSegment, null>;
  /** Takes what is on its way until the processor says 'end' (a second at most), and makes it safe. @returns frames of the segment */
  readonly closeSegment: WorkerMethod<null, number>;
  /** Where the last frame that came lies. null without a segment. */
  readonly mark: WorkerMethod<{ readonly label: string }, TakeMarker | null>;
  /** Closes segment and file. Answers also when writing had failed: what was safe stays so. @returns as `closeSegment`; 0 where none was open */
  readonly end: WorkerMethod<EndFacts, number>;
  /** Reads a journal through, for its hash and what is in it. @throws AppError 'storage/missing', 'audio/empty', 'audio/not-audio' */
  readonly inspect: WorkerMethod<string, TakeContent>;
};
