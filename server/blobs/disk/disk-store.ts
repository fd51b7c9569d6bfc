/** Blobs in a folder, one file each. Written in place, forced to the disk before anybody is told that they are there. */
import { type FileHandle, mkdir, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../shared/errors.ts';
import { type BlobStore, checkedId, type Progress } from '../contract.ts';

/** So much is sent again at most after a kill or a power cut, bytes. */
const RECORD_BYTES = 8 * 1024 * 1024;
const READ_BYTES = 256 * 1024;

const isMissing = (thrown: unknown): boolean => (thrown as NodeJS.ErrnoException).code === 'ENOENT';

function full(thrown: unknown): never {
  const { code } = thrown as NodeJS.ErrnoException;
  throw code === 'ENOSPC' || code === 'EDQUOT' ? new AppError('storage/full', {}, { cause: thrown }) : thrown;
}

/** A new file's name is on the disk only when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (thrown) {
    // Windows opens no folder for that.
    if (!['EPERM', 'EISDIR', 'EINVAL'].includes((thrown as NodeJS.ErrnoException).code ?? '')) throw thrown;
  } finally {
    await handle.close();
  }
}

/** @param folder  made when it is first needed; only ids are put together with it */
export function createDiskStore(folder: string): BlobStore {
  const pathOf = (id: string): string => join(folder, checkedId(id));

  async function openToWrite(id: string, received: number): Promise<FileHandle> {
    try {
      return await open(pathOf(id), 'r+');
    } catch (thrown) {
      if (!isMissing(thrown)) throw thrown;
    }
    if (received > 0) throw new AppError('storage/missing');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const handle = await open(pathOf(id), 'wx', 0o600);
    await syncFolder(folder);
    return handle;
  }

  return {
    async append(id, from, chunks, _isWhole, record) {
      const file = await openToWrite(id, from.received);
      let [written, recorded] = [from.received, from.received];
      const keep = async (): Promise<void> => {
        if (written === recorded) return;
        await file.datasync();
        await record({ received: written, place: {} });
        recorded = written;
      };
      try {
        try {
          for await (const chunk of chunks) {
            for (let at = 0; at < chunk.length; ) {
              const { bytesWritten } = await file.write(chunk, at, chunk.length - at, written).catch(full);
              at += bytesWritten;
              written += bytesWritten;
            }
            if (written - recorded >= RECORD_BYTES) await keep();
          }
        } finally {
          await keep();
        }
      } finally {
        await file.close();
      }
      return { received: written, place: {} } satisfies Progress;
    },

    async finish(id, { received }) {
      const file = await openToWrite(id, received);
      try {
        // Of a writer that was killed behind what it had recorded.
        await file.truncate(received);
        await file.sync();
      } finally {
        await file.close();
      }
      return {};
    },

    async *read(id, _place, from, to) {
      const file = await open(pathOf(id), 'r').catch((thrown: unknown) => {
        throw isMissing(thrown) ? new AppError('storage/missing') : thrown;
      });
      try {
        for (let at = from; at <= to; ) {
          const { bytesRead, buffer } = await file.read({ buffer: new Uint8Array(Math.min(READ_BYTES, to - at + 1)), position: at });
          if (bytesRead === 0) throw new AppError('storage/missing');
          at += bytesRead;
          yield buffer.subarray(0, bytesRead);
        }
      } finally {
        await file.close();
      }
    },

    remove: (id) => rm(pathOf(id), { force: true }),

    async check() {
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await stat(folder);
      } catch (thrown) {
        throw new AppError('server/blobs', { detail: (thrown as Error).message }, { cause: thrown });
      }
    },
  };
}
