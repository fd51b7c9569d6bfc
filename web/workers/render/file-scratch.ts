/** The body of a render in a file; written to its end, then read. The file is closed in between, because a reader must see it whole. */
import type { Scratch } from '../../../wasm/rendering/scratch.ts';
import type { ByteStore, ByteWriter, FileName } from '../../storage/contract.ts';
import { interleave, openPcmFile, pcmFileBytes } from '../../storage/pcm-file.ts';

export interface FileScratch extends Scratch {
  /** What was written is safe afterwards. */
  flush(): Promise<void>;
  close(): Promise<void>;
  readonly channels: 1 | 2 | null;
}

/** @param kept frames and channels of a file left by an interrupted render; null starts afresh */
export function fileScratch(bytes: ByteStore, name: FileName, kept: { readonly frames: number; readonly channels: 1 | 2 } | null): FileScratch {
  let frames = kept?.frames ?? 0;
  let channels: 1 | 2 | null = kept?.channels ?? null;
  let writer: ByteWriter | undefined;

  async function close(): Promise<void> {
    const open = writer;
    writer = undefined;
    await open?.close();
  }

  return {
    get frames() {
      return frames;
    },
    get channels() {
      return channels;
    },
    async write(rows) {
      channels ??= rows.length === 1 ? 1 : 2;
      writer ??= await bytes.writer(name, pcmFileBytes(frames, channels));
      await writer.write(interleave(rows));
      frames += rows[0]?.length ?? 0;
    },
    async read(frame, count) {
      if (channels === null) return [new Float32Array(0)];
      await close();
      const pcm = openPcmFile(await bytes.open(name), { sampleRate: 0, channels, frames, notices: [] });
      return pcm.read(frame, count);
    },
    async truncate(length) {
      await close();
      frames = Math.min(frames, length);
      // The next writer cuts the file itself.
      if (frames === 0) channels = null;
    },
    async remove() {
      await close();
      await bytes.remove(name);
      frames = 0;
    },
    flush: async () => writer?.flush(),
    close,
  };
}
