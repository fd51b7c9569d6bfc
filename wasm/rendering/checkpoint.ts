/** What a render needs in order to go on after a crash, with bit-identical output. */
import type { MeasuredPiece, OutputLoudness } from './loudness-probe.ts';

/**
 * body: `frame` frames lie in the scratch. finish: `frame` frames have been taken by the sink.
 * Frames written after the last checkpoint are written again: cut scratch and sink back to `frame`.
 */
export type RenderCheckpoint =
  | {
      readonly stage: 'body';
      readonly frame: number;
      /** True: rendered in segments, which start afresh; false: `state` is the chain's at `frame`. */
      readonly segmented: boolean;
      readonly state: Uint8Array<ArrayBuffer>;
      /** Of the segments so far. */
      readonly measured?: readonly MeasuredPiece[];
    }
  | {
      readonly stage: 'finish';
      readonly frame: number;
      /** True: in segments, from the one that starts at `frame`; else `state` is that of gain and limiter at `frame`. */
      readonly segmented?: boolean;
      readonly state: Uint8Array<ArrayBuffer>;
      readonly settings: FinishSettings;
    };

/** What the search decided; the final pass follows from it alone. */
export interface FinishSettings {
  readonly gainDb: number;
  /** Ceiling the limiter is given; null where no limiter runs. */
  readonly ceilingDbtp: number | null;
  readonly measured: OutputLoudness;
  /** The loudness the style asked for, and null where it asked for none. */
  readonly targetLufs: number | null;
}
