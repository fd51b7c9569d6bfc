/** Minimum and maximum per column of equal duration: what a waveform draws. */
import { throwIfAborted } from '../../shared/errors.ts';
import type { PcmSource } from '../../shared/pcm.ts';
import type { Peaks } from '../jobs/contract.ts';
import type { WorkerTask } from './rpc.ts';

/** More than a wide screen has; what is drawn is folded from these. */
export const PEAK_COLUMNS = 8192;
const READ_FRAMES = 65536;

/** Left and right folded into one pair; a recording shorter than `PEAK_COLUMNS` frames has one column per frame. */
export class PeakColumns {
  readonly #frames: number;
  readonly #min: Float32Array<ArrayBuffer>;
  readonly #max: Float32Array<ArrayBuffer>;

  /** @param frames of the whole recording */
  constructor(frames: number) {
    this.#frames = frames;
    const columns = Math.max(1, Math.min(PEAK_COLUMNS, frames));
    this.#min = new Float32Array(columns).fill(Infinity);
    this.#max = new Float32Array(columns).fill(-Infinity);
  }

  /** @param rows a stretch of the recording, one array per channel. @param frame where it starts */
  add(rows: readonly Float32Array[], frame: number): void {
    const [columns, frames] = [this.#min.length, this.#frames];
    const length = rows[0]?.length ?? 0;
    let i = 0;
    while (i < length) {
      const column = Math.min(columns - 1, Math.floor(((frame + i) * columns) / frames));
      const end = Math.min(length, Math.max(i + 1, Math.ceil(((column + 1) * frames) / columns) - frame));
      let [low, high] = [this.#min[column]!, this.#max[column]!];
      for (const row of rows) {
        for (let k = i; k < end; k += 1) {
          const x = row[k]!;
          // Comparisons, so that what is not a number is passed over.
          if (x < low) low = x;
          if (x > high) high = x;
        }
      }
      this.#min[column] = low;
      this.#max[column] = high;
      i = end;
    }
  }

  /** @returns what was added; a column without a number in it is silent */
  finish(): Peaks {
    const [min, max] = [this.#min.slice(), this.#max.slice()];
    for (let column = 0; column < min.length; column += 1) if (min[column]! > max[column]!) min[column] = max[column] = 0;
    return { min, max };
  }
}

/** Reads a whole recording for its peaks alone. */
export async function measurePeaks(pcm: PcmSource, { signal, onProgress }: WorkerTask): Promise<Peaks> {
  const columns = new PeakColumns(pcm.frames);
  const into = Array.from({ length: pcm.channels }, () => new Float32Array(Math.min(READ_FRAMES, pcm.frames)));
  for (let frame = 0; frame < pcm.frames; frame += READ_FRAMES) {
    throwIfAborted(signal);
    const rows = await pcm.read(frame, READ_FRAMES, into);
    columns.add(rows, frame);
    onProgress(Math.min(1, (frame + (rows[0]?.length ?? 0)) / pcm.frames));
  }
  return columns.finish();
}

/** The same recording; the peaks of what is read of it are noted on the way. */
export function notingPeaks(pcm: PcmSource): { readonly pcm: PcmSource; readonly peaks: () => Peaks } {
  const columns = new PeakColumns(pcm.frames);
  return {
    pcm: {
      sampleRate: pcm.sampleRate,
      channels: pcm.channels,
      frames: pcm.frames,
      get notices() {
        return pcm.notices;
      },
      async read(frame, frames, into) {
        const rows = await pcm.read(frame, frames, into);
        columns.add(rows, frame);
        return rows;
      },
    },
    peaks: () => columns.finish(),
  };
}
