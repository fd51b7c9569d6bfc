/** Minimum and maximum per column of equal duration: what a waveform draws. */
import { throwIfAborted } from '../../../shared/errors.ts';
import type { PcmSource } from '../../../shared/pcm.ts';
import type { PeaksRecord } from '../../storage/contract.ts';
import type { WorkerTask } from '../rpc.ts';

/** More than a wide screen has; what is drawn is folded from these. */
export const PEAK_COLUMNS = 8192;
const READ_FRAMES = 65536;

/** Left and right folded into one pair; a recording shorter than `PEAK_COLUMNS` frames has one column per frame. */
export async function measurePeaks(id: string, pcm: PcmSource, { signal, onProgress }: WorkerTask): Promise<PeaksRecord> {
  const columns = Math.max(1, Math.min(PEAK_COLUMNS, pcm.frames));
  const min = new Float32Array(columns).fill(Infinity);
  const max = new Float32Array(columns).fill(-Infinity);
  const into = Array.from({ length: pcm.channels }, () => new Float32Array(Math.min(READ_FRAMES, pcm.frames)));
  for (let frame = 0; frame < pcm.frames; frame += READ_FRAMES) {
    throwIfAborted(signal);
    const rows = await pcm.read(frame, READ_FRAMES, into);
    const length = rows[0]?.length ?? 0;
    let i = 0;
    while (i < length) {
      const column = Math.min(columns - 1, Math.floor(((frame + i) * columns) / pcm.frames));
      const end = Math.min(length, Math.max(i + 1, Math.ceil(((column + 1) * pcm.frames) / columns) - frame));
      let [low, high] = [min[column]!, max[column]!];
      for (const row of rows) {
        for (let k = i; k < end; k += 1) {
          const x = row[k]!;
          // Comparisons, so that what is not a number is passed over.
          if (x < low) low = x;
          if (x > high) high = x;
        }
      }
      min[column] = low;
      max[column] = high;
      i = end;
    }
    onProgress(Math.min(1, (frame + length) / pcm.frames));
  }
  // A column without a number in it is silent.
  for (let column = 0; column < columns; column += 1) if (min[column]! > max[column]!) min[column] = max[column] = 0;
  return { id, min, max };
}
