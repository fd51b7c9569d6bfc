/** The waveform of a take that is no recording of its own yet, read from its audio. */
import type { PcmSource } from '../../shared/pcm.ts';
import type { Peaks } from '../jobs/contract.ts';

/** More of a column is not read: a take of hours is seen by samples of it, within a second. */
const MOST_FRAMES_PER_COLUMN = 16_384;

/**
 * Lowest and highest sample per column, left and right folded.
 *
 * @param columns  of equal duration
 * @param onPart  the same arrays, filled further each time
 * @returns exact up to 6 minutes at 48 kHz and 1200 columns; beyond that the start of each column speaks for it
 */
export async function readPeaks(pcm: PcmSource, columns: number, signal: AbortSignal, onPart: (peaks: Peaks) => void): Promise<Peaks> {
  const peaks: Peaks = { min: new Float32Array(columns), max: new Float32Array(columns) };
  for (let column = 0; column < columns; column += 1) {
    if (signal.aborted) break;
    const from = Math.floor((column * pcm.frames) / columns);
    const to = Math.floor(((column + 1) * pcm.frames) / columns);
    const rows = to > from ? await pcm.read(from, Math.min(to - from, MOST_FRAMES_PER_COLUMN)) : [];
    let [low, high] = [0, 0];
    for (const row of rows) {
      for (const sample of row) {
        if (sample < low) low = sample;
        if (sample > high) high = sample;
      }
    }
    peaks.min[column] = low;
    peaks.max[column] = high;
    if (column % 100 === 99) onPart({ ...peaks });
  }
  onPart({ ...peaks });
  return peaks;
}
