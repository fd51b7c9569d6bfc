/** What the capture processor on the audio thread is told, and what it sends, straight to the journal worker. */

export const CAPTURE_PROCESSOR = 'tonetwin-capture';

/** Frames per message: four render quanta, 11 ms at 48 kHz. One quantum a message costs four times the messages, ten add a tenth of a second. */
export const PIECE_FRAMES = 512;

export interface CaptureOptions {
  readonly channels: 1 | 2;
}

/** To the processor. */
export type CaptureOrder =
  /** From the next quantum on, frames go to this port. */
  | { readonly type: 'start'; readonly port: MessagePort }
  /** What is held goes out, then 'end', and nothing after it. */
  | { readonly type: 'stop' };

/** From the processor, in order. A jump of `frame` is a hole: quanta without input, or quanta that were never asked for. */
export type CaptureNews =
  | {
    readonly type: 'frames';
    /** Of the first one, on the clock of the context (`currentFrame`). */
    readonly frame: number;
    /** One per channel; the receiver's own. */
    readonly rows: readonly Float32Array<ArrayBuffer>[];
    /** Unix time at which the last one was there, ms. */
    readonly atMs: number;
  }
  | { readonly type: 'end' };
