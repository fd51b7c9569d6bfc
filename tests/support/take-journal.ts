/** Take journals made in memory. */
import type { TakeSegment } from '../../shared/takes.ts';
import { JournalWriter } from '../../wasm/formats/take-journal/journal-writer.ts';

export const MARK = 0x7a3e_19c5;
export const IDENTITY = { takeId: 'take-1', name: 'Morning', startedMs: 1_700_000_000_000 };

export const segmentFacts = (changes: Partial<Omit<TakeSegment, 'frames' | 'gaps'>> = {}): Omit<TakeSegment, 'frames' | 'gaps'> => ({
  index: 0, sampleRate: 48_000, channels: 1, startedMs: 1_700_000_000_100, deviceLabel: 'Built-in',
  processing: { echoCancellation: false, noiseSuppression: false, autoGainControl: false }, why: 'started', ...changes,
});

/** A sink that keeps everything, and where each record begins. */
export function memorySink() {
  const pieces: Uint8Array[] = [];
  const offsets: number[] = [];
  let length = 0;
  return {
    offsets,
    bytes(): Uint8Array<ArrayBuffer> {
      const all = new Uint8Array(length);
      let at = 0;
      for (const piece of pieces) {
        all.set(piece, at);
        at += piece.length;
      }
      return all;
    },
    write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
      offsets.push(length);
      pieces.push(bytes);
      length += bytes.length;
      return Promise.resolve();
    },
  };
}

/** Frame numbers as samples: whole numbers up to 2^24 are exact in float32. */
export const ramp = (from: number, frames: number): Float32Array<ArrayBuffer> => Float32Array.from({ length: frames }, (_, i) => from + i + 1);

export async function journalOf(write: (journal: JournalWriter) => Promise<void>): Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly offsets: readonly number[] }> {
  const sink = memorySink();
  const journal = new JournalWriter(sink, MARK);
  await journal.begin(IDENTITY);
  await write(journal);
  return { bytes: sink.bytes(), offsets: sink.offsets };
}

/** One segment of equal blocks of a ramp, closed and ended. */
export const plainJournal = (blocks: number, blockFrames: number) =>
  journalOf(async (journal) => {
    await journal.segment(segmentFacts());
    for (let i = 0; i < blocks; i += 1) await journal.audio(0, i * blockFrames, [ramp(i * blockFrames, blockFrames)], 1_700_000_000_200 + i);
    await journal.closeSegment(0, blocks * blockFrames, 1_700_000_001_000);
    await journal.end({ endedMs: 1_700_000_001_000, why: 'stopped' });
  });
