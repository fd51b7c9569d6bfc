/** The bytes that are backed up, as they lie on the device. */
import { AppError, throwIfAborted, toAppError } from '../../../shared/errors.ts';
import type { UploadSource } from '../../api/resumable-upload.ts';
import type { ByteSource } from '../../../wasm/formats/byte-source.ts';
import type { Storage, UploadSeal } from '../../storage/contract.ts';
import { openTakeBytes } from '../../storage/take-bytes.ts';
import { settledBytesOf } from '../../vault/sealed-format.ts';
import { sealedSource } from '../../vault/sealing.ts';
import type { EntryFile } from './facts.ts';

/** The first `bytes` of a source. */
const beginningOf = (source: ByteSource, bytes: number): ByteSource => ({ bytes, read: (offset, length) => source.read(offset, Math.max(0, Math.min(length, bytes - offset))) });

/** @throws AppError 'storage/missing' where it is not all there */
export async function openPlain({ bytes }: Storage, { name, bytes: length }: Pick<EntryFile, 'name' | 'bytes'>): Promise<ByteSource> {
  const whole = name.folder === 'takes' ? await openTakeBytes(bytes, name.id) : await bytes.open(name);
  if (whole.bytes < length) throw new AppError('storage/missing');
  return beginningOf(whole, length);
}

/** So much is sent at once of a take that goes on, but for its end. */
const LEAST_BYTES = 1024 * 1024;
const LOOK_MS = 2000;
/** A file that grows while it is read: the browser refuses, and gives it when asked again. */
const READ_TRIES = 5;

export interface GrowingParts {
  readonly open: () => Promise<ByteSource>;
  /** Bytes of the whole once it has ended; null: it goes on. @throws AppError 'job/cancelled' when it was discarded */
  readonly end: () => Promise<number | null>;
  readonly seal: UploadSeal;
  /** Called, and waited for, before anything of the first so many bytes is sealed. */
  readonly settle: (plainBytes: number) => Promise<void>;
  readonly sleep: (ms: number) => Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * A take that is being recorded, sealed as far as it has got. Only what was there at the look before is taken: the journal is
 * flushed twice a second, and what is safe is never written again.
 */
export function growingSource({ open, end, seal, settle, sleep, signal }: GrowingParts): UploadSource {
  let safeBytes = 0;
  let seenBytes = 0;
  const header = { chunkLog2: seal.chunkLog2, salt: seal.salt };

  async function sealed(plainBytes: number, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await (await sealedSource(beginningOf(await open(), plainBytes), seal.key, header)).read(offset, length);
      } catch (thrown) {
        if (attempt === READ_TRIES || toAppError(thrown).code !== 'storage/failed') throw thrown;
        await sleep(100);
      }
    }
  }

  return {
    bytes: null,
    async read(offset, length) {
      for (;;) {
        throwIfAborted(signal);
        const total = await end();
        if (total !== null) {
          // Less than was promised: its end was torn off after it had been sealed. Another key, from the start.
          if (total < Math.max(safeBytes, seal.settledBytes)) throw new AppError('upload/checksum');
          const whole = await sealedSource(beginningOf(await open(), total), seal.key, header);
          const bytes = await whole.read(offset, length);
          return { bytes, isEnd: offset + bytes.length >= whole.bytes };
        }
        safeBytes = seenBytes;
        seenBytes = (await open()).bytes;
        const ready = settledBytesOf(safeBytes, seal.chunkLog2) - offset;
        if (ready >= Math.min(LEAST_BYTES, length)) {
          await settle(safeBytes);
          return { bytes: await sealed(safeBytes, offset, Math.min(ready, length)), isEnd: false };
        }
        await sleep(LOOK_MS);
      }
    },
  };
}
