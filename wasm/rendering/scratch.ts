/**
 * Where the body of a render waits for its loudness to be known: planar float32, written once from start to end, then
 * read several times. Memory serves short recordings; long ones lie in a file (OPFS in a browser, a temporary file in Node).
 */
export interface Scratch {
  /** Frames written and safe. */
  readonly frames: number;
  /** True: what was written is numbers. */
  readonly isClean?: boolean;
  /** Appends; safe when the promise resolves. */
  write(channels: readonly Float32Array[]): Promise<void>;
  /** As `PcmSource.read`: shorter at the end; the arrays belong to the caller. */
  read(frame: number, frames: number, into?: readonly Float32Array<ArrayBuffer>[]): Promise<Float32Array<ArrayBuffer>[]>;
  /** Forgets everything from `frames` on: what was written after the last checkpoint. */
  truncate(frames: number): Promise<void>;
  /** Gives the space back. */
  remove(): Promise<void>;
}

/** A scratch in memory: 8 bytes per stereo frame. */
export function memoryScratch(): Scratch {
  let pieces: { from: number; channels: Float32Array[] }[] = [];
  let length = 0;
  return {
    get frames() {
      return length;
    },
    write(channels) {
      pieces.push({ from: length, channels: channels.map((channel) => channel.slice()) });
      length += channels[0]?.length ?? 0;
      return Promise.resolve();
    },
    read(frame, frames) {
      const end = Math.min(length, frame + frames);
      const count = Math.max(0, end - frame);
      const rows = Array.from({ length: pieces[0]?.channels.length ?? 1 }, () => new Float32Array(count));
      for (const { from, channels } of pieces) {
        const pieceEnd = from + channels[0]!.length;
        if (pieceEnd <= frame || from >= end) continue;
        const [low, high] = [Math.max(from, frame), Math.min(pieceEnd, end)];
        rows.forEach((row, c) => row.set(channels[c]!.subarray(low - from, high - from), low - frame));
      }
      return Promise.resolve(rows);
    },
    truncate(frames) {
      pieces = pieces
        .filter(({ from }) => from < frames)
        .map(({ from, channels }) => ({ from, channels: channels.map((channel) => channel.subarray(0, frames - from)) }));
      length = Math.min(length, frames);
      return Promise.resolve();
    },
    remove() {
      pieces = [];
      length = 0;
      return Promise.resolve();
    },
  };
}
