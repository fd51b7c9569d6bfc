/** The body of a render in a temporary file: planar float32, one channel behind the other, so that threads can read it too. */
import { type FileHandle, open, rm } from 'node:fs/promises';
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

async function readRows(file: FileHandle, place: ScratchPlace, frame: number, frames: number, into: readonly Float32Array<ArrayBuffer>[] = []): Promise<Float32Array<ArrayBuffer>[]> {
  const count = Math.max(0, frames);
  const rows = Array.from({ length: place.channels }, (_, channel) => into[channel]?.subarray(0, count) ?? new Float32Array(count));
  for (const [channel, row] of rows.entries()) {
    if (count > 0) await file.read(new Uint8Array(row.buffer, row.byteOffset, row.byteLength), 0, row.byteLength, offsetOf(place, channel, frame));
  }
  return rows;
}

/** For reading, by anyone, what has been written. */
export async function openScratch(place: ScratchPlace): Promise<{ readonly source: FrameSource; close(): Promise<void> }> {
  const file = await open(place.path, 'r').catch((cause: unknown) => Promise.reject(fileError(place.path, cause)));
  return {
    source: { isClean: true, read: (frame, frames, into) => readRows(file, place, frame, Math.min(frames, place.frames - frame), into) },
    close: () => file.close(),
  };
}

/** @param frames that will be written */
export async function createScratch(folder: string, channels: 1 | 2, frames: number): Promise<{ readonly scratch: Scratch; readonly place: ScratchPlace }> {
  const place = { path: join(folder, `scratch-${process.pid}.f32`), channels, frames };
  const guard = <T>(work: Promise<T>): Promise<T> => work.catch((cause: unknown) => Promise.reject(fileError(place.path, cause)));
  const file = await guard(open(place.path, 'w+'));
  let length = 0;
  const scratch: Scratch = {
    isClean: true,
    get frames() {
      return length;
    },
    async write(rows) {
      for (const [channel, row] of rows.entries()) {
        await guard(file.write(new Uint8Array(row.buffer, row.byteOffset, row.byteLength), 0, row.byteLength, offsetOf(place, channel, length)));
      }
      length += rows[0]?.length ?? 0;
    },
    read: (frame, count, into) => guard(readRows(file, place, frame, Math.min(count, length - frame), into)),
    truncate: (count) => Promise.resolve(void (length = Math.min(length, count))),
    async remove() {
      await file.close();
      await rm(place.path, { force: true });
    },
  };
  return { scratch, place };
}
