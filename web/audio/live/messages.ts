/** What passes between a page and its live processor. */
import type { ImpulseResponse, Style } from '../../../shared/style.ts';
import type { EngineBinary } from '../../../wasm/host/engine.ts';
import type { LiveSound } from '../../../wasm/rendering/live-chain.ts';

export const LIVE_PROCESSOR = 'tonetwin-live';

export interface LiveOptions {
  readonly engine: EngineBinary;
  /** Of the recording. */
  readonly channels: 1 | 2;
  readonly frames: number;
}

/** To the processor. Impulse responses are large and change seldom: they are sent once. */
export type LiveOrder =
  | { readonly type: 'tape'; readonly frame: number; readonly rows: readonly Float32Array[] }
  | { readonly type: 'responses'; readonly irs: Readonly<Record<string, ImpulseResponse>> }
  | { readonly type: 'sound'; readonly style: Omit<Style, 'irs'>; readonly settings: LiveSound['settings'] }
  /** Frame `fromFrame` of the recording sounds at frame `contextFrame` of the context. */
  | { readonly type: 'run'; readonly fromFrame: number; readonly contextFrame: number }
  | { readonly type: 'end' };

/** From the processor. */
export type LiveNews =
  /** The first sound is there: from now on what comes out may be heard. */
  | { readonly type: 'ready' }
  /** Frames for which the recording was not there in time, so far. */
  | { readonly type: 'missing'; readonly frames: number };
