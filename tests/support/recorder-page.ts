/** What the page of `tests/browser/lab/recorder` offers to tests in Node, in words that need no browser's types. */
import type { TakeSegment } from '../../shared/takes.ts';
import type { CodeReading } from './frame-code.ts';

/** What was delivered by the microphone until `atMs`. */
export interface TapNews extends CodeReading {
  /** Unix ms. */
  readonly atMs: number;
  /** Quanta without input. */
  readonly empty: number;
  /** Frames by which the clock of the audio thread jumped. */
  readonly jumped: number;
}

export interface Recovered {
  readonly take: { readonly id: string; readonly segments: readonly TakeSegment[] };
  readonly reading: CodeReading;
  readonly recordingId: string;
}

export type CaptureWay = 'none' | 'worklet' | 'script-processor';

export interface StampedCapture {
  /** Of every piece: from the audio thread (or the page, for a ScriptProcessor) to the worker, ms. */
  readonly transitMs: readonly number[];
  /** Of every write to the file, ms. */
  readonly writeMs: readonly number[];
  readonly frames: number;
  /** By the frame numbers of the pieces. */
  readonly missed: number;
  /** By the clock of the context. */
  readonly clockFrames: number;
  readonly sampleRate: number;
}

export interface FedJournal {
  readonly id: string;
  /** Bytes that the page and its workers hold, by the browser's own account; -1 where it gives none. */
  readonly memory: readonly number[];
  readonly feedSeconds: number;
  /** Opening the take afterwards and reading a second of its middle. */
  readonly openMs: number;
  readonly frames: number;
  readonly middle: number;
}

export interface RecorderPage {
  burn(isOn: boolean): void;
  stampedCapture(way: CaptureWay, seconds: number): Promise<StampedCapture>;
  feed(hours: number): Promise<FedJournal>;
  tapped(): TapNews | null;
  /** @returns the take's id; news of what is delivered go to the binding `delivered` */
  start(options?: { readonly tap?: boolean }): Promise<string>;
  stop(): Promise<Recovered['take'] & { readonly recordingId: string | null }>;
  /** Reads a take or recording through. */
  read(id: string): Promise<CodeReading>;
  /** As a person does at the next start: every interrupted take is heard through and kept. */
  recover(): Promise<readonly Recovered[]>;
  discardAll(): Promise<void>;
}

/** For functions that run in the page. */
export type RecorderWindow = { readonly recorder?: RecorderPage };
