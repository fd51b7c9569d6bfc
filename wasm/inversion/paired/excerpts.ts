/** The parts of a pair that the inverters listen to: the same moments of both recordings, frame by frame. */
import type { Features } from '../../../shared/features.ts';
import type { PcmSource } from '../../../shared/pcm.ts';
import type { Alignment } from '../alignment.ts';
import { readResampled } from './resampled-reader.ts';

export type Stereo = readonly [left: Float32Array, right: Float32Array];

export interface Excerpt {
  /** First frame in the target. */
  readonly startFrame: number;
  readonly frames: number;
  readonly target: Stereo;
  /** At the target's rate, delay, drift and polarity taken out. */
  readonly reference: Stereo;
  /** The reference for spectra, on whole frames where it can be: they show no fraction, and interpolation takes the end of the top octave away. */
  readonly heard: Stereo;
}

/** Recordings up to this long are taken whole. */
const WHOLE_SECONDS = 26;
const EXCERPT_SECONDS = 12;

const stereo = (channels: readonly Float32Array[]): Stereo => [channels[0]!, channels[1] ?? channels[0]!.slice()];

/** Where windows of `length` seconds are worth most: the loudest one, and the one whose level moves most. */
function starts(features: Features, firstSecond: number, lastSecond: number): number[] {
  const { momentaryLufs, seriesStepSeconds } = features.loudness;
  const count = Math.round(EXCERPT_SECONDS / seriesStepSeconds);
  const scored: { at: number; loud: number; moving: number }[] = [];
  for (let k = 0; k + count <= momentaryLufs.length; k += Math.max(1, Math.round(1 / seriesStepSeconds))) {
    const at = k * seriesStepSeconds;
    if (at < firstSecond || at + EXCERPT_SECONDS > lastSecond) continue;
    const piece = momentaryLufs.slice(k, k + count).filter((l) => l > -70).sort((a, b) => a - b);
    if (piece.length < count / 2) continue;
    const mean = piece.reduce((a, b) => a + b, 0) / piece.length;
    scored.push({ at, loud: mean, moving: mean + 2 * (piece[Math.floor(piece.length * 0.95)]! - piece[Math.floor(piece.length * 0.1)]!) });
  }
  if (scored.length === 0) return [Math.max(firstSecond, (firstSecond + lastSecond - EXCERPT_SECONDS) / 2)];
  const loudest = scored.reduce((a, b) => (b.loud > a.loud ? b : a));
  const rest = scored.filter((s) => Math.abs(s.at - loudest.at) >= EXCERPT_SECONDS);
  const moving = rest.length > 0 ? rest.reduce((a, b) => (b.moving > a.moving ? b : a)) : null;
  return moving ? [loudest.at, moving.at] : [loudest.at];
}

/** Where the reference ends, in seconds of the target. */
export const endOf = (reference: PcmSource, target: PcmSource, { delayFrames, driftPpm }: Alignment): number =>
  (reference.frames / reference.sampleRate - delayFrames / target.sampleRate) / (1 + driftPpm * 1e-6);

/**
 * Aligned excerpts of a pair: the whole of a short one, two windows of a long one.
 * Cost: one read of the excerpts, interpolated where the alignment is not on the frame.
 */
export async function readExcerpts(reference: PcmSource, target: PcmSource, features: Features, alignment: Alignment): Promise<Excerpt[]> {
  const rate = target.sampleRate;
  const slope = 1 + alignment.driftPpm * 1e-6;
  const ratio = reference.sampleRate / rate;
  // What both recordings hold, in frames of the target.
  const first = Math.max(0, Math.ceil(-alignment.delayFrames / slope));
  const last = Math.min(target.frames, Math.floor(endOf(reference, target, alignment) * rate));
  const isWhole = (last - first) / rate <= WHOLE_SECONDS;
  const windows = isWhole
    ? [{ from: first, frames: last - first }]
    : starts(features, first / rate, last / rate).map((s) => ({ from: Math.round(s * rate), frames: EXCERPT_SECONDS * rate }));
  // Almost every tool delays by whole frames: what is near one is one, and then nothing has to be interpolated.
  const isOnFrame = Math.abs(alignment.delayFrames - Math.round(alignment.delayFrames)) < 0.15 && alignment.driftPpm === 0;
  const delay = isOnFrame ? Math.round(alignment.delayFrames) : alignment.delayFrames;
  const canStay = alignment.driftPpm === 0 && ratio === 1 && !isOnFrame;
  return Promise.all(
    windows.map(async ({ from, frames }) => {
      const own = await readResampled(target, { startFrame: from, step: 1, frames });
      const other = await readResampled(reference, { startFrame: (from * slope + delay) * ratio, step: ratio * slope, frames });
      const whole = canStay ? await readResampled(reference, { startFrame: from + Math.round(delay), step: 1, frames }) : other;
      if (alignment.polarity < 0) for (const channel of new Set([...other, ...whole])) for (let i = 0; i < channel.length; i += 1) channel[i]! *= -1;
      return { startFrame: from, frames, target: stereo(own), reference: stereo(other), heard: stereo(whole) };
    }),
  );
}
