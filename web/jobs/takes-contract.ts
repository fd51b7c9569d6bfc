/**
 * What screens can ask of the recorder. `takes.ts` answers, over the microphone, the journal worker and the stores.
 *
 * A take is safe from its first second: its samples go from the audio thread to the journal worker and there into a file that is only
 * ever appended to. Everything else (name, marks, what became of it) are facts beside it, which can be lost without losing sound.
 */
import type { ErrorBody } from '../../shared/errors.ts';
import type { PcmSource } from '../../shared/pcm.ts';
import type { Style } from '../../shared/style.ts';
import type { TakeBacking, TakeMarker, TakeProcessing, TakeRole, TakeSegment, TakeTrim } from '../../shared/takes.ts';

export interface TakeInfo {
  readonly id: string;
  readonly name: string;
  /** Unix time, ms. */
  readonly startedMs: number;
  readonly endedMs: number | null;
  /**
   * recording: somebody records it now, here or in another tab. interrupted: found at a start, its tab or browser is gone; it can be
   * heard (`pcm`), kept or discarded. kept: a recording like any other.
   */
  readonly state: 'recording' | 'interrupted' | 'kept';
  readonly segments: readonly TakeSegment[];
  readonly markers: readonly TakeMarker[];
  /** Durable, gaps included, before trimming. */
  readonly seconds: number;
  /** Bytes on this device. */
  readonly bytes: number;
  /** Of the recording it became (`RecordingRecord.readAs` 'take'), with its trim applied; another trim is another recording. */
  readonly recordingId: string | null;
  readonly trim: TakeTrim | null;
  readonly role: TakeRole | null;
  /** What was played along to, one entry per stretch of playing. */
  readonly backings: readonly TakeBacking[];
  /** Id in the table `styles` of what is rendered when it ends. */
  readonly withPreset: string | null;
}

/** How the microphone is opened. All processing is off unless asked for. */
export interface Capturing extends TakeProcessing {
  /** null: the device the browser prefers. */
  readonly deviceId: string | null;
}

/** An open microphone. Its nodes are for meters, waveforms and monitoring; recording does not pass through them. */
export interface TakeInput {
  readonly context: AudioContext;
  /** The microphone, at the context's rate. Connect to it, and disconnect only what was connected. */
  readonly source: AudioNode;
  /** Hz, as the device truly runs. */
  readonly sampleRate: number;
  readonly channels: 1 | 2;
  readonly deviceId: string | null;
  readonly deviceLabel: string;
  /** What the browser says it does; may differ from what was asked. */
  readonly processing: TakeProcessing;
  /** Ends it. Not for an input that is recording: `LiveTake.stop` does that. */
  close(): Promise<void>;
}

/**
 * digital-silence: nothing but exact zeros for a second. device-lost: the microphone is gone or gives nothing; the take waits for one.
 * storage-low: less than LOW_SECONDS (`shared/takes.ts`) of room, or a first write
 * that found none. storage-full: the take has ended for want of room. journal-late: what was played is
 * more than a second from being safe.
 */
export type TakeAlarm = 'digital-silence' | 'device-lost' | 'storage-low' | 'storage-full' | 'journal-late';

export interface LiveState {
  readonly status: 'recording' | 'paused' | 'ending' | 'ended' | 'failed';
  /** Heard so far, pauses left out. */
  readonly elapsedSeconds: number;
  /** Safe on the device so far; at most a second less. */
  readonly durableSeconds: number;
  /** The one in use, its numbers as of the last news; null until the first frame. */
  readonly segment: TakeSegment | null;
  /** On the clock of the input's context: where frame 0 of the segment was captured; null until it is known. */
  readonly contextFrame: number | null;
  readonly markers: readonly TakeMarker[];
  /** Worst first. */
  readonly alarms: readonly TakeAlarm[];
  /** Room for so many seconds more; null where the browser does not say. */
  readonly secondsLeft: number | null;
  /** Why it failed, or ended by itself. */
  readonly error: ErrorBody | null;
}

export interface LiveTake {
  readonly id: string;
  state(): LiveState;
  /** Calls back at once and after every change, at most some ten times a second; answers how to stop. */
  watch(listener: (state: LiveState) => void): () => void;
  /** The microphone in use; another one after a device or rate change, null between two. Calls back at once; answers how to stop. */
  watchInput(listener: (input: TakeInput | null) => void): () => void;
  mark(label?: string): void;
  /** The microphone stays open, nothing is written; `resume` opens a new segment. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /**
   * Ends the take and keeps it; answers what it became: 'interrupted' where there was no room even for that. Whatever goes wrong, all
   * that was safe stays safe. Asked twice, or after it ended by itself, it answers the same.
   * @throws AppError 'audio/empty' when not one frame came; then nothing is left of it
   */
  stop(): Promise<TakeInfo>;
}

export interface TakeStart extends Capturing {
  readonly name: string;
  /** Rendered as a job when the take has ended, offline included, after a crash too. */
  readonly withPreset: Style | null;
  /** An input that is open already, which the take takes over; null opens one. */
  readonly input: TakeInput | null;
}

export interface TakeEdit {
  readonly name?: string;
  readonly trim?: TakeTrim | null;
  readonly role?: TakeRole | null;
  readonly backings?: readonly TakeBacking[];
}

export interface TakeService {
  /** Opens a microphone, for looking at its level before recording. @throws AppError 'capture/denied', 'capture/no-device', 'capture/failed' */
  openInput(capturing: Capturing): Promise<TakeInput>;
  /** @throws AppError 'capture/busy' while another tab (or this one) records, 'capture/*' as `openInput`, 'storage/*' */
  start(start: TakeStart): Promise<LiveTake>;
  /** What this tab records now, if anything. */
  live(): LiveTake | null;
  /** Resolves as soon as no tab records: for what would end a take, like loading a new version of the page. */
  whenNothingRecords(): Promise<void>;
  /** Newest first. Calls back at once and after every change, in this tab or another; answers how to stop. */
  watchTakes(listener: (takes: readonly TakeInfo[]) => void): () => void;
  /** The audio of a take from its journal, untrimmed: needs no room. @throws AppError 'storage/missing' */
  pcm(id: string): Promise<PcmSource>;
  /**
   * Makes an interrupted take a recording, read in place; nothing is copied. One that was kept answers what it is.
   * @returns the recording's id
   * @throws AppError 'storage/missing', 'storage/full' when not even the facts find room (it stays as it is, and can be heard),
   *   'audio/empty' when not one frame was safe
   */
  keep(id: string): Promise<string>;
  /** Removes it for good, with the recordings made from it. @throws AppError 'capture/busy' while it is being recorded */
  discard(id: string): Promise<void>;
  /** @throws AppError 'storage/missing', 'storage/full' */
  edit(id: string, edit: TakeEdit): Promise<TakeInfo>;
  /** Room for so many seconds of recording at this format; null where the browser does not say. */
  secondsLeft(format: { readonly sampleRate: number; readonly channels: 1 | 2 }): Promise<number | null>;
}
