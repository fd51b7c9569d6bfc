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

export interface RecorderPage {
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
