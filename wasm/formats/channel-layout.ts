/**
 * Which speaker each channel of a file feeds, and how more than two are folded down to stereo.
 *
 * Source: ITU-R BS.775-3, annex 4, table 2 (centre and surrounds at -3 dB, LFE left out), not normalised: float samples
 * may pass full scale and keep what they carry.
 */
export const SPEAKERS = ['FL', 'FR', 'FC', 'LFE', 'BL', 'BR', 'FLC', 'FRC', 'BC', 'SL', 'SR'] as const;
export type Speaker = (typeof SPEAKERS)[number];

const MINUS_3_DB = Math.SQRT1_2;

/** Weight in the left and the right output. */
const FOLD: Readonly<Record<Speaker, readonly [left: number, right: number]>> = {
  FL: [1, 0],
  FR: [0, 1],
  FC: [MINUS_3_DB, MINUS_3_DB],
  LFE: [0, 0],
  BL: [MINUS_3_DB, 0],
  BR: [0, MINUS_3_DB],
  FLC: [1, 0],
  FRC: [0, 1],
  BC: [0.5, 0.5],
  SL: [MINUS_3_DB, 0],
  SR: [0, MINUS_3_DB],
};

/** What a count alone means where a file names no speakers (the order of WAVE_FORMAT_EXTENSIBLE). */
const BY_COUNT: Readonly<Record<number, readonly Speaker[]>> = {
  3: ['FL', 'FR', 'FC'],
  4: ['FL', 'FR', 'BL', 'BR'],
  5: ['FL', 'FR', 'FC', 'BL', 'BR'],
  6: ['FL', 'FR', 'FC', 'LFE', 'BL', 'BR'],
  7: ['FL', 'FR', 'FC', 'LFE', 'BC', 'SL', 'SR'],
  8: ['FL', 'FR', 'FC', 'LFE', 'BL', 'BR', 'SL', 'SR'],
};

/** Weights of one input channel in the stereo output. */
export type FoldWeights = readonly (readonly [left: number, right: number])[];

/**
 * Weights that fold `channels` down to two.
 * @param mask dwChannelMask of WAVE_FORMAT_EXTENSIBLE; 0 where the file has none
 * @returns one pair per channel. An unknown layout alternates left and right, averaged.
 */
export function foldWeights(channels: number, mask = 0): FoldWeights {
  const named = SPEAKERS.filter((_, bit) => (mask >>> bit) & 1);
  const speakers = named.length === channels ? named : BY_COUNT[channels];
  if (speakers) return speakers.map((speaker) => FOLD[speaker]);
  const weight = 1 / Math.ceil(channels / 2);
  return Array.from({ length: channels }, (_, i) => (i % 2 === 0 ? [weight, 0] : [0, weight]));
}

/**
 * Folds planar channels down to stereo.
 * @param channels equal lengths, one array per weight pair
 */
export function foldDown(channels: readonly Float32Array[], weights: FoldWeights): [Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>] {
  const frames = channels[0]?.length ?? 0;
  const left = new Float32Array(frames);
  const right = new Float32Array(frames);
  channels.forEach((samples, c) => {
    const [toLeft, toRight] = weights[c] ?? [0, 0];
    if (toLeft !== 0) for (let i = 0; i < frames; i += 1) left[i]! += samples[i]! * toLeft;
    if (toRight !== 0) for (let i = 0; i < frames; i += 1) right[i]! += samples[i]! * toRight;
  });
  return [left, right];
}
