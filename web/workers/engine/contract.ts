/** Measuring and estimating. Recordings are named by id and read from the store; only small documents cross. */
import type { Features } from '../../../shared/features.ts';
import type { JobOptions } from '../../../shared/jobs.ts';
import type { Style } from '../../../shared/style.ts';
import type { Alignment } from '../../../wasm/inversion/alignment.ts';
import type { Nearness } from '../../../wasm/rendering/measure-result.ts';
import type { Peaks } from '../../jobs/contract.ts';
import type { PcmFileFacts } from '../../storage/pcm-file.ts';
import type { WorkerMethod } from '../rpc.ts';

export interface Pair {
  readonly referenceId: string;
  readonly targetId: string;
}

export interface InvertRequest extends Pair {
  readonly options: JobOptions;
  readonly referenceFeatures: Features;
  readonly targetFeatures: Features;
}

export interface MeasuredRecording {
  readonly id: string;
  readonly features: Features;
}

export interface MeasureRequest {
  readonly resultId: string;
  readonly facts: PcmFileFacts;
  readonly style: Style;
  readonly target: MeasuredRecording;
  readonly reference: MeasuredRecording | null;
}

/** The peaks are noted while the audio is read for the rest. */
export interface Analysis {
  readonly features: Features;
  readonly peaks: Peaks;
}

export interface Measurement extends Analysis {
  readonly nearness: Nearness;
}

export interface ArtifactsRequest {
  readonly resultId: string;
  readonly facts: PcmFileFacts;
  readonly targetId: string;
}

export type EngineMethods = {
  /** @throws AppError 'audio/silent', 'audio/too-short', 'audio/dc-only', 'audio/not-finite', 'storage/missing' */
  readonly analyze: WorkerMethod<{ readonly recordingId: string; readonly f0: boolean }, Analysis>;
  readonly align: WorkerMethod<Pair, Alignment>;
  /** @throws AppError 'match/cannot-align' in mode A */
  readonly invert: WorkerMethod<InvertRequest, Style>;
  /** Measures a rendered file, which no fact records yet. */
  readonly measure: WorkerMethod<MeasureRequest, Measurement>;
  /** Artefacts per minute of such a file, beyond the target's own. */
  readonly artifacts: WorkerMethod<ArtifactsRequest, number>;
};
