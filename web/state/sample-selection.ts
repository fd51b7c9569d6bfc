/** The stretch of a recording that becomes a sample: moved as a whole or by an end, always as long as a sample may be. */
import { SPEECH_LIMITS } from '../../shared/api/speech.ts';

export interface Selection {
  /** s */
  readonly start: number;
  readonly end: number;
}

const { least, most } = SPEECH_LIMITS.sampleSeconds;
/** Hundredths: what a screen shows is what is cut. */
const rounded = (seconds: number): number => Math.round(seconds * 100) / 100;
const within = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), Math.max(low, high));

/** The first choice: where most is said, else the start, at most as long as allowed. */
export function firstSelection(seconds: number, best: Selection | null): Selection {
  const start = rounded(within(best?.start ?? 0, 0, seconds));
  return { start, end: Math.min(seconds, rounded(within(best?.end ?? seconds, start, start + most))) };
}

/**
 * @param which  what is held: an end, or the whole
 * @param at  s: where that end, or the start of the whole, is wanted
 * @param seconds  of the recording; one shorter than a sample is always selected whole
 */
export function moveSelection({ start, end }: Selection, which: 'start' | 'end' | 'whole', at: number, seconds: number): Selection {
  if (seconds <= least) return { start: 0, end: seconds };
  const wanted = rounded(at);
  if (which === 'start') return { start: within(wanted, Math.max(0, end - most), end - least), end };
  if (which === 'end') return { start, end: within(wanted, start + least, Math.min(seconds, start + most)) };
  const length = end - start;
  const first = within(wanted, 0, seconds - length);
  return { start: first, end: first + length };
}
