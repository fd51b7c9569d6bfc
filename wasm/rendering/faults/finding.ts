/** What the artefact detector reports, and the stretch of audio its parts work on. */

/** Names of faults, with the unit of a finding's `size`. */
export const FAULTS = {
  /** dB: the peak of what cannot be predicted over its level around; of a splice, how much better each side is told at its own delay. */
  click: 'dB',
  /** ms: how long the samples stand still. */
  gap: 'ms',
  /** dB: true peak over the ceiling. */
  over: 'dB',
  /** dB: depth of the dip of the gain. */
  pump: 'dB',
  /** dB: what is new before an onset, over what the clean counterpart has there. */
  'pre-echo': 'dB',
  /** Hz: how often the sound steps. */
  zipper: 'Hz',
} as const;

export type Fault = keyof typeof FAULTS;

/** Faults that only a comparison with the clean counterpart can tell from music. */
export const NEEDS_CLEAN: ReadonlySet<Fault> = new Set(['pump', 'pre-echo', 'zipper'] as const);

export interface Finding {
  readonly kind: Fault;
  /** First frame. */
  readonly frame: number;
  /** Duration, frames; at least 1. */
  readonly frames: number;
  /** In the unit that FAULTS names. */
  readonly size: number;
}

export type Rows = readonly [left: Float32Array, right: Float32Array];

/**
 * Part of the recording, with surroundings: row index `i` is frame `base + i`. The frames to be judged are `from` to
 * `to` (frames of the recording, multiples of the grid but for the very end); `margin` frames lie on either side of
 * them, silence where the recording has none. For mono both rows are one array.
 */
export interface Stretch {
  readonly base: number;
  /** Of the whole recording. */
  readonly frames: number;
  readonly from: number;
  readonly to: number;
  readonly result: Rows;
  readonly clean: Rows | null;
}

/** A part of the detector: reads stretches in order, without gaps between them. */
export interface Finder {
  read(stretch: Stretch): Finding[];
  /** What was still undecided. */
  finish(): Finding[];
}

/** Windows are powers of two in frames: these at 44.1 and 48 kHz, as many times longer or shorter elsewhere. */
export const windowScale = (sampleRate: number): number => Math.max(1 / 4, 2 ** Math.round(Math.log2(sampleRate / 46_000)));
/** Stretches begin and end on multiples of this many frames, times the scale. */
export const GRID_FRAMES = 8192;
/** Frames around a stretch, times the scale. */
export const MARGIN_FRAMES = 8192;
