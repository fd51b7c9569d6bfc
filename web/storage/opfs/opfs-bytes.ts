/** Files in the origin's private file system: synchronous handles in workers, writable streams on the page. */
import { AppError } from '../../../shared/errors.ts';
import { type ByteSource, loadFromBlob, readAhead } from '../../../wasm/formats/byte-source.ts';
import { type ByteStore, type ByteWriter, type FileName, type Folder, FOLDERS, type StoredFile } from '../contract.ts';
import { guarded } from '../storage-error.ts';

/** In dedicated workers only, and so not in every program's types. */
interface SyncAccessHandle {
  write(bytes: Uint8Array, options: { readonly at: number }): number;
  read(bytes: Uint8Array, options: { readonly at: number }): number;
  truncate(bytes: number): void;
  getSize(): number;
  flush(): void;
  close(): void;
}
type FileHandle = FileSystemFileHandle & { createSyncAccessHandle?(options?: { readonly mode: 'read-only' }): Promise<SyncAccessHandle> };
type Directory = FileSystemDirectoryHandle & { values(): AsyncIterable<FileSystemHandle> };

/** @throws what the browser throws where it has no private file system */
export async function openOpfsBytes(root = 'tonetwin'): Promise<ByteStore> {
  const top = await (await navigator.storage.getDirectory()).getDirectoryHandle(root, { create: true });
  const folderOf = (folder: Folder): Promise<Directory> => top.getDirectoryHandle(folder, { create: true }) as Promise<Directory>;
  const handleOf = async ({ folder, id }: FileName, create: boolean): Promise<FileHandle> => (await folderOf(folder)).getFileHandle(id, { create });
  const fileOf = async (name: FileName): Promise<File> => (await handleOf(name, false)).getFile();

  async function openWriter(name: FileName, start: number): Promise<ByteWriter> {
    if (start > 0 && (await fileOf(name)).size < start) throw new AppError('storage/missing');
    const handle = await handleOf(name, true);
    return handle.createSyncAccessHandle ? syncWriter(await whenFree(() => handle.createSyncAccessHandle!()), start) : streamWriter(handle, start);
  }

  return {
    writer: (name, position = 0) => guarded(() => openWriter(name, position)),
    open: (name) => guarded(async () => sourceOf(await handleOf(name, false))),
    blob: (name) => guarded(() => fileOf(name)),
    list: () =>
      guarded(async () => {
        const found: StoredFile[] = [];
        for (const folder of FOLDERS) {
          for await (const handle of (await folderOf(folder)).values()) {
            if (handle.kind === 'file') found.push({ folder, id: handle.name, bytes: (await (handle as FileHandle).getFile()).size });
          }
        }
        return found;
      }),
    remove: async (name) => {
      try {
        const folder = await folderOf(name.folder);
        await whenFree(() => folder.removeEntry(name.id));
      } catch (thrown) {
        if (!(thrown instanceof Error && thrown.name === 'NotFoundError')) await guarded(() => Promise.reject(thrown));
      }
    },
  };
}

const FREE_TRIES = 10;
const FREE_MS = 20;

/** Tries again while a file is read: a stretch takes some milliseconds. */
async function whenFree<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (thrown) {
      if (!(thrown instanceof Error && thrown.name === 'NoModificationAllowedError') || tries === FREE_TRIES) throw thrown;
      await new Promise((resolve) => setTimeout(resolve, FREE_MS));
    }
  }
}

/**
 * Read in place where a worker may: through a blob every byte passes another process and is copied there. A handle is held for
 * one stretch only, because nobody can write or remove the file meanwhile; where it is refused, the blob is read.
 */
async function sourceOf(handle: FileHandle): Promise<ByteSource> {
  const file = await handle.getFile();
  const loadBlob = loadFromBlob(file);
  let inPlace = handle.createSyncAccessHandle !== undefined;
  return readAhead(file.size, async (from, to) => {
    if (!inPlace) return loadBlob(from, to);
    let isShared = false;
    try {
      const opened = await handle.createSyncAccessHandle!({
        // A browser that does not know the mode never asks for it, and would hold the file alone.
        get mode() {
          isShared = true;
          return 'read-only' as const;
        },
      });
      try {
        if (isShared) {
          const bytes = new Uint8Array(to - from);
          return bytes.subarray(0, opened.read(bytes, { at: from }));
        }
      } finally {
        opened.close();
      }
    } catch {
      // Somebody writes it.
    }
    inPlace = false;
    return loadBlob(from, to);
  });
}

function syncWriter(handle: SyncAccessHandle, start: number): ByteWriter {
  handle.truncate(start);
  let position = start;
  return {
    isImmediate: true,
    get position() {
      return position;
    },
    write: (bytes) =>
      guarded(async () => {
        const written = handle.write(bytes, { at: position });
        // Chromium answers a full disk with the number -8 read as unsigned (4294967288) instead of throwing.
        if (written !== bytes.length) throw new AppError('storage/full');
        position += written;
      }),
    flush: () => guarded(async () => handle.flush()),
    close: () =>
      guarded(async () => {
        handle.flush();
        handle.close();
      }),
  };
}

/** Safe once closed; a stream that is never closed leaves the file as it was. */
async function streamWriter(handle: FileHandle, start: number): Promise<ByteWriter> {
  let stream = await handle.createWritable({ keepExistingData: start > 0 });
  await stream.truncate(start);
  await stream.seek(start);
  let position = start;
  return {
    isImmediate: false,
    get position() {
      return position;
    },
    write: (bytes) =>
      guarded(async () => {
        await stream.write(bytes);
        position += bytes.length;
      }),
    flush: () =>
      guarded(async () => {
        await stream.close();
        stream = await handle.createWritable({ keepExistingData: true });
        await stream.seek(position);
      }),
    close: () => guarded(() => stream.close()),
  };
}
