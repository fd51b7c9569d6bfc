/** What passes between a page and the processor that hands over a stretch of sound. */
export const SNIP_PROCESSOR = 'tonetwin-snip';

export interface SnipOptions {
  /** Frame of the context's clock. */
  readonly fromFrame: number;
  readonly frames: number;
}
