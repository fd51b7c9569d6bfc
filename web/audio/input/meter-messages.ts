/** What passes between a page and the meter that hears its microphone. */
import type { EngineBinary } from '../../../wasm/host/engine.ts';

export const METER_PROCESSOR = 'tonetwin-meter';

/** One column of a waveform. */
export const COLUMN_SECONDS = 0.01;

export interface MeterOptions {
  readonly engine: EngineBinary;
  readonly channels: 1 | 2;
}

/** Everything heard since the reading before. */
export interface MeterReading {
  /** Frame of the context's clock at which the first column begins. */
  readonly contextFrame: number;
  /** Lowest and highest sample per column, left and right folded, full scale ±1. */
  readonly min: Float32Array<ArrayBuffer>;
  readonly max: Float32Array<ArrayBuffer>;
  /** Highest amplitude per channel. */
  readonly peaks: readonly number[];
  readonly clippedFrames: number;
  /** Every sample was exactly zero: no microphone does that. */
  readonly isDigitalSilence: boolean;
  /** Loudness of the last 400 ms; null below everything and before so much was heard. */
  readonly momentaryLufs: number | null;
}
