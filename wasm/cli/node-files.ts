/** Files of this machine as the engine's rooms want them: bytes in, bytes out, scratch. */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type FileHandle, mkdtemp, open, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../../shared/errors.ts';
import type { PcmSource } from '../../shared/pcm.ts';
import type { ByteSource } from '../formats/byte-source.ts';
import { openUncompressed } from '../formats/uncompressed.ts';
import type { ByteSink } from '../formats/wav-writer.ts';

/** Words for what the system says, where a person can do something about it. */
const SYSTEM_WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'it may not be read or written',
  EPERM: 'it may not be read or written',
  EROFS: 'the disk is read-only',
  ENOTDIR: 'its folder does not exist',
};

export function fileError(file: string, cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  const { code = '', message = String(cause) } = cause as { code?: string; message?: string };
  if (code === 'ENOSPC' || code === 'EDQUOT') return new AppError('storage/full', {}, { cause });
  return new AppError('cli/file', { file, detail: SYSTEM_WORDS[code] ?? message }, { cause });
}

export interface OpenFile extends ByteSource {
  close(): Promise<void>;
}

/**
 * Reads without waiting its turn in the event loop: nothing else is done meanwhile, and a hop to another thread for every
 * piece costs more than the piece.
 * @throws AppError 'cli/file'
 */
export async function openBytes(path: string): Promise<OpenFile> {
  try {
    const file = openSync(path, 'r');
    const stat = fstatSync(file);
    if (stat.isDirectory()) {
      closeSync(file);
      throw Object.assign(new Error(), { code: 'EISDIR' });
    }
    return {
      bytes: stat.size,
      read: async (offset, length, into) => {
        const wanted = Math.max(0, Math.min(length, stat.size - offset));
        const bytes = into ?? new Uint8Array(wanted);
        return bytes.subarray(0, wanted === 0 ? 0 : readSync(file, bytes, 0, wanted, offset));
      },
      close: async () => closeSync(file),
    };
  } catch (cause) {
    throw fileError(path, cause);
  }
}

/** SHA-256 of all bytes, hexadecimal. */
export async function hashBytes(source: ByteSource): Promise<string> {
  const hash = createHash('sha256');
  for (let at = 0; at < source.bytes; at += 1 << 20) hash.update(await source.read(at, 1 << 20));
  return hash.digest('hex');
}

/** A folder that is removed when the work is over. */
export const temporaryFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'tonetwin-'));

export const removeFolder = (path: string): Promise<void> => rm(path, { recursive: true, force: true });

export interface FileSink extends Required<ByteSink> {
  /** Gives the file its name. */
  finish(): Promise<void>;
  /** Removes what was written. */
  discard(): Promise<void>;
}

/** Writes beside the place and moves there when done: a failure leaves what was there before. */
export async function createFile(path: string): Promise<FileSink> {
  const partial = `${path}.part`;
  let file: FileHandle;
  try {
    file = await open(partial, 'w');
  } catch (cause) {
    if ((cause as { code?: string }).code === 'ENOENT') throw new AppError('cli/file', { file: path, detail: 'its folder does not exist' }, { cause });
    throw fileError(path, cause);
  }
  const guard = <T>(work: Promise<T>): Promise<T> => work.catch((cause: unknown) => Promise.reject(fileError(path, cause)));
  let position = 0;
  return {
    write: (bytes) =>
      guard(
        (async () => {
          for (let done = 0; done < bytes.length; ) done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
          position += bytes.length;
        })(),
      ),
    restart: () => guard(file.truncate(0).then(() => void (position = 0))),
    finish: () => guard(file.close().then(() => rename(partial, path))),
    discard: async () => {
      await file.close().catch(() => undefined);
      await rm(partial, { force: true });
    },
  };
}

/** Interleaved float32 in a file, as a recording. */
export const openRaw = (source: ByteSource, sampleRate: number, channels: 1 | 2): PcmSource =>
  openUncompressed(source, { sampleRate, channels, channelMask: 0, encoding: 'f32', littleEndian: true, dataOffset: 0, declaredFrames: null });

/** @param channels one or two */
export function interleaved([left, right]: readonly Float32Array[]): Uint8Array<ArrayBuffer> {
  if (!left || !right) return new Uint8Array((left ?? new Float32Array(0)).slice().buffer);
  const samples = new Float32Array(2 * left.length);
  for (let i = 0, at = 0; i < left.length; i += 1, at += 2) {
    samples[at] = left[i]!;
    samples[at + 1] = right[i]!;
  }
  return new Uint8Array(samples.buffer);
}
