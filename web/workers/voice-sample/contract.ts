/** A recording looked at, and made ready, as the sample of a speaker. */
import type { ErrorBody } from '../../../shared/errors.ts';
import type { SpeakerEmbedding } from '../../../wasm/analysis/speaker-embedding.ts';
import type { WorkerMethod } from '../rpc.ts';

/** What makes a sample worse than it could be, or useless. */
export type SampleIssueCode = 'too-short' | 'too-long' | 'too-quiet' | 'clipped' | 'noisy' | 'stereo' | 'silent' | 'too-large';

/** What helps: cutting to the best stretch, one loudness, less noise, one channel; or recording again. */
export type SampleFix = 'trim' | 'normalise' | 'denoise' | 'mono' | 'record-again';

export interface SampleIssue {
  readonly code: SampleIssueCode;
  /** True: no voice can be made of it as it is. */
  readonly isBlocking: boolean;
  readonly fix: SampleFix;
  readonly args: Readonly<Record<string, number>>;
}

export interface Stretch {
  /** s */
  readonly start: number;
  readonly end: number;
}

export interface SampleChoices extends Stretch {
  readonly isNormalised: boolean;
  readonly isDenoised: boolean;
}

export interface SampleLook {
  /** s, of the whole recording. */
  readonly seconds: number;
  readonly channels: 1 | 2;
  /** Where most is said; null where nobody speaks. */
  readonly best: Stretch | null;
}

export interface SampleMeasures {
  readonly seconds: number;
  /** s in which somebody speaks. */
  readonly speechSeconds: number;
  readonly channels: 1 | 2;
  /** null: silent. */
  readonly integratedLufs: number | null;
  /** Speech over pauses, dB; null where there are no pauses to compare with. */
  readonly signalToNoiseDb: number | null;
  readonly clippedSamples: number;
  /** Of the WAV file it becomes. */
  readonly bytes: number;
}

export interface PreparedSample {
  /** WAV, 16 bits, mono. */
  readonly wav: Uint8Array<ArrayBuffer>;
  readonly sampleRate: number;
  readonly seconds: number;
}

export interface SamplePrint {
  readonly embedding: SpeakerEmbedding;
  /** Why the server's encoder was not used and the engine's own was; null: nothing went wrong. */
  readonly encoderError: ErrorBody | null;
}

export type VoiceSampleMethods = {
  /** @throws AppError 'storage/missing', 'job/cancelled' */
  readonly look: WorkerMethod<{ readonly recordingId: string }, SampleLook>;
  /** What a stretch is like, before anything is mended. */
  readonly measure: WorkerMethod<{ readonly recordingId: string } & Stretch, SampleMeasures>;
  /** @throws AppError 'storage/missing', 'job/cancelled' */
  readonly prepare: WorkerMethod<{ readonly recordingId: string; readonly choices: SampleChoices }, PreparedSample>;
  /**
   * The voice print of a sample as it was prepared.
   * @param encoder  address of the manifest of the server's speaker encoder, whose download tells its progress; null: it has none, the engine's own is used
   * @throws AppError 'audio/too-short' with less than a second of speech, 'job/cancelled'
   */
  readonly embed: WorkerMethod<{ readonly wav: Uint8Array; readonly encoder: string | null }, SamplePrint>;
};
