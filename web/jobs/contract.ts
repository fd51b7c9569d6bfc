/**
 * What screens can ask of the product: recordings, jobs, results, presets. `service.ts` answers with the real stores,
 * queue and workers. Ids of recordings are content hashes, so the same file is stored once.
 */
import type { ErrorBody } from '../../shared/errors.ts';
import type { Features } from '../../shared/features.ts';
import type { Job, JobOptions } from '../../shared/jobs.ts';
import type { ResultMetrics } from '../../shared/metrics.ts';
import type { Notice, PcmSource } from '../../shared/pcm.ts';
import type { Style } from '../../shared/style.ts';
import type { FinishSettings } from '../../wasm/rendering/checkpoint.ts';
import type { LibraryService } from './library/contract.ts';

/** Where a recording stands: bytes are kept first, decoding follows. */
export type RecordingState =
  | { readonly status: 'decoding'; readonly percent: number }
  | { readonly status: 'ready'; readonly sampleRate: number; readonly channels: 1 | 2; readonly frames: number; readonly notices: readonly Notice[] }
  | { readonly status: 'failed'; readonly error: ErrorBody };

/** How a recording came here: chosen or dropped, shared or opened from outside, the bundled pair, recorded here, or spoken by a voice. */
export type RecordingOrigin = 'file' | 'shared' | 'opened' | 'demo' | 'recorded' | 'spoken';

export interface RecordingInfo {
  /** SHA-256 of the file's bytes, hexadecimal. */
  readonly id: string;
  readonly name: string;
  readonly bytes: number;
  readonly addedMs: number;
  readonly state: RecordingState;
}

/** Minimum and maximum per column of equal duration, left and right folded: what a waveform draws. */
export interface Peaks {
  readonly min: Float32Array;
  readonly max: Float32Array;
}

export interface ResultInfo {
  readonly id: string;
  readonly jobId: string;
  readonly name: string;
  readonly targetId: string;
  readonly referenceId: string | null;
  readonly sampleRate: number;
  readonly channels: 1 | 2;
  readonly frames: number;
  readonly style: Style;
  /** Measured on the rendered audio. */
  readonly features: Features;
  readonly targetFeatures: Features;
  readonly referenceFeatures: Features | null;
  readonly metrics: ResultMetrics;
  readonly notices: readonly Notice[];
  /** Gain and ceiling as rendered; absent in results of versions that did not keep them. */
  readonly settings?: FinishSettings;
  readonly createdMs: number;
}

/** What a match has found before its result is rendered. */
export interface Estimate {
  readonly style: Style;
  readonly targetFeatures: Features;
  readonly referenceFeatures: Features | null;
}

export type WavBitDepth = '16' | '24' | '32f';

export interface StorageUse {
  readonly usedBytes: number;
  readonly quotaBytes: number;
  readonly persisted: boolean;
  /** Decoded audio, checkpoints and other things that can be made again. */
  readonly intermediateBytes: number;
}

export interface LongTask {
  readonly signal?: AbortSignal;
  /** 0 to 1. */
  readonly onProgress?: (fraction: number) => void;
}

export interface TonetwinService {
  /**
   * Keeps the file's bytes, then decodes in a worker; the list tells how far it is.
   * @throws AppError 'audio/*' when it cannot be used, 'storage/*'; nothing stored before is lost
   */
  addRecording(file: File, task?: LongTask & { allowFallbackDecoder?: boolean; origin?: RecordingOrigin }): Promise<RecordingInfo>;
  removeRecording(id: string): Promise<void>;
  /** The bundled pair. */
  loadDemo(task?: LongTask): Promise<{ reference: RecordingInfo; target: RecordingInfo }>;
  /** True when the two align as one performance. */
  looksPaired(referenceId: string, targetId: string, task?: LongTask): Promise<boolean>;

  startMatch(referenceId: string, targetId: string, options: JobOptions): Promise<Job>;
  /** Re-runs only rendering, with an edited style or a loaded preset. `resultId` names what it was edited from, if anything. */
  renderAgain(targetId: string, style: Style, from: { referenceId: string | null }): Promise<Job>;
  cancelJob(id: string): Promise<void>;
  retryJob(id: string): Promise<void>;
  removeJob(id: string): Promise<void>;

  /** Calls back at once and after every change, in this tab or another; answers how to stop. */
  watchRecordings(listener: (recordings: readonly RecordingInfo[]) => void): () => void;
  watchJobs(listener: (jobs: readonly Job[]) => void): () => void;

  /** What rendering a style would decide about gain and ceiling, for hearing it before it is rendered. */
  settle(targetId: string, style: Style, task?: LongTask): Promise<FinishSettings>;

  /** What is rendered, before it is. @throws AppError 'storage/missing' while it is not known yet */
  estimate(jobId: string): Promise<Estimate>;
  result(id: string): Promise<ResultInfo>;
  /** Audio of a recording or a result, read in pieces, for players. */
  pcm(id: string): Promise<PcmSource>;
  peaks(id: string, columns: number): Promise<Peaks>;

  /** Of a result or a recording. */
  exportWav(id: string, bitDepth: WavBitDepth, task?: LongTask): Promise<Blob>;
  /** As `exportWav`, FLAC of 24 bits. */
  exportFlac(id: string, task?: LongTask): Promise<Blob>;
  /** The preset document (style_params) as JSON. */
  exportPreset(style: Style): Promise<Blob>;
  importPreset(file: Blob): Promise<Style>;

  storageUse(): Promise<StorageUse>;
  requestPersistence(): Promise<boolean>;
  /** Drops what can be made again; answers the bytes freed. */
  cleanIntermediates(): Promise<number>;

  readonly library: LibraryService;
}
