/** The body of a render in a temporary file: planar float32, one channel behind the other, so that threads can read it too. */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrameSource } from '../rendering/chain-stream.ts';
import type { Scratch } from '../rendering/scratch.ts';
import { fileError } from './node-files.ts';

export interface ScratchPlace {
  readonly path: string;
  readonly channels: 1 | 2;
  /** Room for each channel, frames. */
  readonly frames: number;
}

const offsetOf = ({ frames }: ScratchPlace, channel: number, frame: number): number => 4 * (channel * frames + frame);

function readRows(file: number, place: ScratchPlace, frame: number, frames: number, into: readonly Float32Array<ArrayBuffer>[] = []): Float32Array<ArrayBuffer>[] {
  const count = Math.max(0, frames);
  const rows = Array.from({ length: place.channels }, (_, channel) => into[channel]?.subarray(0, count) ?? new Float32Array(count));
  for (const [channel, row] of rows.entries()) {
    if (count > 0) readSync(file, row, 0, row.byteLength, offsetOf(place, channel, frame));
  }
  return rows;
}

function guarded<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw fileError(path, cause);
  }
}

/** For reading, by anyone, what has been written. */
export async function openScratch(place: ScratchPlace): Promise<{ readonly source: FrameSource; close(): Promise<void> }> {
  const file = guarded(place.path, () => openSync(place.path, 'r'));
  return {
    source: { isClean: true, read: async (frame, frames, into) => guarded(place.path, () => readRows(file, place, frame, Math.min(frames, place.frames - frame), into)) },
    close: async () => closeSync(file),
  };
}

/** @param frames that will be written */
export async function createScratch(folder: string, channels: 1 | 2, frames: number): Promise<{ readonly scratch: Scratch; readonly place: ScratchPlace }> {
  const place = { path: join(folder, `scratch-${process.pid}.f32`), channels, frames };
  const file = guarded(place.path, () => openSync(place.path, 'w+'));
  let length = 0;
  const scratch: Scratch = {
    isClean: true,
    get frames() {
      return length;
    },
    async write(rows) {
      guarded(place.path, () => {
        for (const [channel, row] of rows.entries()) {
          for (let done = 0; done < row.byteLength; ) done += writeSync(file, row, done, row.byteLength - done, offsetOf(place, channel, length) + done);
        }
      });
      length += rows[0]?.length ?? 0;
    },
    read: async (frame, count, into) => guarded(place.path, () => readRows(file, place, frame, Math.min(count, length - frame), into)),
    truncate: (count) => Promise.resolve(void (length = Math.min(length, count))),
    async remove() {
      closeSync(file);
      await rm(place.path, { force: true });
    },
  };
  return { scratch, place };
}
