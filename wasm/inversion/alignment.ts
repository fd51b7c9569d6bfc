/**
 * Are two recordings the same performance, and where does one lie in the other: delay, polarity, drift, pitch.
 *
 * Whitened cross-correlation of short excerpts proposes a delay (several seconds either way), further excerpts must
 * agree with it, and the slope of the phase between them gives the fraction of a frame.
 */
import { throwIfAborted } from '../../shared/errors.ts';
import type { PcmSource } from '../../shared/pcm.ts';
import { type EngineBinary, openEngine, type Engine } from '../host/engine.ts';
import { fineDelay, type FineDelay } from './paired/fine-delay.ts';
import { alignPitched } from './paired/pitched-alignment.ts';
import { correlationPeak, type CorrelationPeak } from './paired/whitened-correlation.ts';
import { readResampled } from './paired/resampled-reader.ts';

export interface Alignment {
  readonly paired: boolean;
  /** 0 (different recordings, surely) to 1 (the same performance, surely). */
  readonly confidence: number;
  /** Frames at the target's rate, sub-sample: reference(t) ~ target(t - delay), at the target's first frame. */
  readonly delayFrames: number;
  readonly polarity: 1 | -1;
  /** How much slower the reference runs than the target, parts per million: the delay grows by this. */
  readonly driftPpm: number;
  /** Musical interval from target to reference. */
  readonly pitchSemitones: number;
}

export interface AlignOptions {
  readonly engine: EngineBinary;
  readonly signal?: AbortSignal | undefined;
  /** Largest delay looked for, either way; default 30. */
  readonly maxDelaySeconds?: number;
}

/** Rate of the rough look: holds the band up to 5 kHz, where music has most of its phase information. */
const ROUGH_HZ = 11_025;
const EXCERPT_SECONDS = 6;
/**
 * Peak over the background's RMS. The largest of half a million chance values of a normal background is 5; tonal music
 * has a heavier background. Over the development cases (all 120 pairs of unrelated recordings) chance stays under 9,
 * pairs are over 30.
 */
const PROPOSED_OVER = 9;
const CERTAIN_OVER = 25;
/** Median coherence of a pair whose waveforms surely agree. */
const COHERENT = 0.5;
/** A clock that is off by more belongs to another performance. */
const MAX_DRIFT_PPM = 400;

/** The mid channel of a recording, as a recording. */
const monoOf = (source: PcmSource): PcmSource => ({
  ...source,
  channels: 1,
  read: async (frame, frames) => {
    const [left, right] = await source.read(frame, frames);
    if (!left || !right) return left ? [left] : [];
    return [left.map((x, i) => (x + right[i]!) / 2)];
  },
});

async function readMono(source: PcmSource, startFrame: number, step: number, frames: number, crossings: number): Promise<Float32Array> {
  const [mono] = await readResampled(monoOf(source), { startFrame, step, frames, crossings });
  return mono!;
}

const notPaired = (confidence: number): Alignment => ({ paired: false, confidence, delayFrames: 0, polarity: 1, driftPpm: 0, pitchSemitones: 0 });

/** Where excerpts are taken: spread over the target, the loudest first. Seconds. */
async function excerptStarts(target: PcmSource, length: number): Promise<number[]> {
  const seconds = target.frames / target.sampleRate;
  const count = seconds < 3 * length ? 3 : 5;
  const starts = Array.from({ length: count }, (_, k) => ((seconds - length) * (k + 0.5)) / count);
  const levels = await Promise.all(
    starts.map(async (start) => {
      const piece = await readMono(target, start * target.sampleRate, 16, Math.floor((length * target.sampleRate) / 16), 1);
      return piece.reduce((sum, x) => sum + x * x, 0);
    }),
  );
  const order = starts.map((_, k) => k).sort((a, b) => levels[b]! - levels[a]!);
  const loudest = levels[order[0]!]!;
  return order.filter((k) => levels[k]! > 1e-4 * loudest && levels[k]! > 0).map((k) => starts[k]!);
}

interface Search {
  readonly engine: Engine;
  readonly reference: PcmSource;
  readonly target: PcmSource;
}

/** Correlates an excerpt of the target with the reference around an expected delay. Seconds. */
async function look({ engine, reference, target }: Search, start: number, length: number, around: number, reach: number): Promise<CorrelationPeak> {
  const from = Math.max(0, start + around - reach);
  const until = Math.min(reference.frames / reference.sampleRate, start + length + around + reach);
  if (until - from < 0.5 * length) return { delaySeconds: 0, score: 0 };
  const [piece, field] = await Promise.all([
    readMono(target, start * target.sampleRate, target.sampleRate / ROUGH_HZ, Math.floor(length * ROUGH_HZ), 8),
    readMono(reference, from * reference.sampleRate, reference.sampleRate / ROUGH_HZ, Math.floor((until - from) * ROUGH_HZ), 8),
  ]);
  const peak = correlationPeak(engine, piece, field, ROUGH_HZ);
  return { delaySeconds: peak.delaySeconds + from - start, score: peak.score };
}

/** Straight line through delays by time, robust against single outliers. */
function lineThrough(points: readonly { readonly at: number; readonly delay: number; readonly weight: number }[]): { offset: number; slope: number; spread: number } {
  let kept = [...points];
  for (;;) {
    const sum = (of: (p: (typeof kept)[number]) => number) => kept.reduce((total, p) => total + p.weight * of(p), 0);
    const n = sum(() => 1);
    const meanAt = sum((p) => p.at) / n;
    const meanDelay = sum((p) => p.delay) / n;
    const variance = sum((p) => (p.at - meanAt) ** 2);
    const slope = kept.length > 1 && variance > 0 ? sum((p) => (p.at - meanAt) * (p.delay - meanDelay)) / variance : 0;
    const offset = meanDelay - slope * meanAt;
    const errors = kept.map((p) => Math.abs(p.delay - offset - slope * p.at));
    const spread = Math.sqrt(sum((p) => (p.delay - offset - slope * p.at) ** 2) / n);
    const worst = errors.indexOf(Math.max(...errors));
    if (kept.length <= 3 || errors[worst]! < 3 * median(errors) + 0.02) return { offset, slope, spread };
    kept = kept.filter((_, k) => k !== worst);
  }
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

/**
 * Finds the reference in the target.
 *
 * @returns paired false (and zeros) where the recordings are different performances
 * @throws AppError 'job/cancelled'
 *
 * Exact: at the same pitch, delay ±0.05 frame and drift ±0.5 ppm behind equalizers and dynamics; behind a reverb the direct sound's delay.
 * At another pitch (up to ±4 semitones): delay ±5 ms, interval ±2 cents.
 * Cost: about a second whatever the length, excerpts only.
 * Source: C. Knapp, G. C. Carter, "The generalized correlation method for estimation of time delay", 1976 (PHAT);
 * the fraction from the phase slope, after taking away the phase of the minimum-phase filter with the same magnitude.
 */
export async function alignRecordings(reference: PcmSource, target: PcmSource, options: AlignOptions): Promise<Alignment> {
  const engine = await openEngine(options.engine);
  const search = { engine, reference, target };
  const seconds = target.frames / target.sampleRate;
  const length = Math.min(EXCERPT_SECONDS, seconds / 2);
  const starts = await excerptStarts(target, length);
  if (starts.length === 0 || seconds < 0.5) return notPaired(0);
  // Reach at both ends of the shorter recording: a short reference may lie anywhere in a long target.
  const reach = options.maxDelaySeconds ?? 30;
  let proposed: CorrelationPeak = { delaySeconds: 0, score: 0 };
  let from = 0;
  for (const [k, start] of starts.entries()) {
    throwIfAborted(options.signal);
    const peak = await look(search, start, length, 0, reach);
    if (peak.score > proposed.score) {
      proposed = peak;
      from = k;
    }
    if (proposed.score > CERTAIN_OVER || k === 2) break;
  }
  if (proposed.score < PROPOSED_OVER) return (await pitched(search, starts[0]!, reach)) ?? notPaired(Math.min(0.4, proposed.score / 60));

  const overlaps = (start: number) => start + proposed.delaySeconds >= 0 && start + length + proposed.delaySeconds <= reference.frames / reference.sampleRate;
  const others = starts.filter((start, k) => k !== from && overlaps(start));
  const slack = (0.005 + (MAX_DRIFT_PPM * 1e-6 * seconds));
  const peaks: { start: number; delay: number; score: number }[] = [{ start: starts[from]!, delay: proposed.delaySeconds, score: proposed.score }];
  for (const start of others) {
    throwIfAborted(options.signal);
    const peak = await look(search, start, length, proposed.delaySeconds, 1);
    const agrees = peak.score > PROPOSED_OVER && Math.abs(peak.delaySeconds - proposed.delaySeconds) < slack;
    peaks.push({ start, delay: peak.delaySeconds, score: agrees ? peak.score : 0 });
  }
  const agreeing = peaks.filter((p) => p.score > 0);
  const share = agreeing.length / peaks.length;
  const strength = median(agreeing.map((p) => p.score));
  if (peaks.length > 1 && share <= 0.5) return (await pitched(search, starts[0]!, reach)) ?? notPaired(0.4 * share);

  const rough = lineThrough(agreeing.map((p) => ({ at: p.start + length / 2, delay: p.delay, weight: 1 })));
  const fine = await refine(search, agreeing.map((p) => p.start), length, rough, options.signal);
  const coherence = median(fine.points.map((p) => p.coherence));
  const confidence = Math.min(1, strength / CERTAIN_OVER) * share * Math.min(1, coherence / COHERENT);
  const paired = confidence > 0.3;
  // A small interval leaves the waveforms enough in common to be found, though little of it holds.
  const shifted = coherence < COHERENT ? await pitched(search, starts[0]!, reach) : null;
  if (shifted) return shifted;
  if (!paired) return notPaired(confidence);
  return {
    paired,
    confidence,
    delayFrames: fine.offset * target.sampleRate,
    polarity: fine.points.reduce((sum, p) => sum + p.polarity * p.coherence, 0) < 0 ? -1 : 1,
    driftPpm: fine.slope * 1e6,
    pitchSemitones: 0,
  };
}

/** Longer than an excerpt: a few bars of onsets. */
const PITCHED_SECONDS = 15;
/** A smaller interval is the same pitch, and then the waveforms would have agreed. */
const LEAST_SEMITONES = 0.1;

/** The same performance at another pitch: waveforms have nothing in common, onsets and spectra do. */
async function pitched({ engine, reference, target }: Search, around: number, reach: number): Promise<Alignment | null> {
  const seconds = target.frames / target.sampleRate;
  const length = Math.min(PITCHED_SECONDS, seconds);
  const start = Math.max(0, Math.min(seconds - length, around - length / 3));
  const from = Math.max(0, start - reach);
  const until = Math.min(reference.frames / reference.sampleRate, start + length + reach);
  if (until - from < 2) return null;
  const [piece, field] = await Promise.all([
    readMono(target, start * target.sampleRate, target.sampleRate / ROUGH_HZ, Math.floor(length * ROUGH_HZ), 8),
    readMono(reference, from * reference.sampleRate, reference.sampleRate / ROUGH_HZ, Math.floor((until - from) * ROUGH_HZ), 8),
  ]);
  const found = alignPitched(engine, piece, field, ROUGH_HZ);
  if (!found || Math.abs(found.semitones) < LEAST_SEMITONES) return null;
  const delaySeconds = from + found.delaySeconds - start;
  return { paired: true, confidence: Math.min(1, found.agreement + 0.1), delayFrames: delaySeconds * target.sampleRate, polarity: 1, driftPpm: 0, pitchSemitones: found.semitones };
}

/** Frames off the line that a further look would not mend. */
const ON_THE_LINE = 0.02;

/** Sub-sample delay per excerpt, twice: the second time along the line that the first found. Seconds. */
async function refine(search: Search, starts: readonly number[], length: number, line: { offset: number; slope: number }, signal: AbortSignal | undefined) {
  const { engine, reference, target } = search;
  const rate = target.sampleRate;
  const ratio = reference.sampleRate / rate;
  const count = Math.floor(Math.min(length, 3) * rate);
  let { offset, slope } = line;
  let points: FineDelay[] = [];
  let spread = 0;
  for (let round = 0; round < 3; round += 1) {
    points = [];
    const measured: { at: number; delay: number; weight: number }[] = [];
    for (const start of starts) {
      throwIfAborted(signal);
      const centre = start + length / 2;
      const first = Math.round((centre - count / rate / 2) * rate);
      const input = await readMono(target, first, 1, count, 24);
      const at = (first / rate) * (1 + slope) + offset;
      const output = await readMono(reference, at * reference.sampleRate, ratio * (1 + slope), count, 24);
      const found = fineDelay(engine, input, output, rate, round === 0 ? 0.02 : 0.001);
      points.push(found);
      measured.push({ at: centre, delay: offset + slope * centre + found.delayFrames / rate, weight: found.coherence ** 2 + 1e-6 });
    }
    const fit = lineThrough(measured.map((m) => ({ ...m, delay: m.delay * rate })));
    offset = fit.offset / rate;
    slope = fit.slope / rate;
    spread = fit.spread;
    // Two clocks that are one: a slope within what the scatter of the delays explains is none.
    const span = Math.max(...starts) - Math.min(...starts);
    if (starts.length < 2 || Math.abs(slope) * span * rate < Math.max(0.15, 3 * spread)) {
      offset = median(measured.map((m) => m.delay));
      slope = 0;
    }
    // Looked at along this line already, and every excerpt lies on it.
    if (round > 0 && slope === 0 && points.every((p) => Math.abs(p.delayFrames) < ON_THE_LINE)) break;
  }
  return { offset, slope, spread, points };
}
