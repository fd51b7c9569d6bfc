import { makeZip } from 'client-zip';
import { throwIfAborted } from '../../../shared/errors.ts';
import { createWavWriter } from '../../../wasm/formats/wav-writer.ts';
import type { Storage } from '../../storage/contract.ts';
import { openPcm } from '../../storage/open-pcm.ts';
import { storageError } from '../../storage/storage-error.ts';
import type { WorkerTask } from '../rpc.ts';
import type { ArchiveEntry, ArchiveSource, ArchiveTarget } from './contract.ts';

const READ_BYTES = 1024 * 1024;
const READ_FRAMES = 131_072;

type Bytes = Uint8Array<ArrayBuffer>;

async function* wavOf(storage: Storage, id: string): AsyncGenerator<Bytes> {
  const pcm = await openPcm(storage, id);
  const pieces: Bytes[] = [];
  const { sampleRate, channels, frames } = pcm;
  const wav = await createWavWriter({ write: async (bytes) => void pieces.push(bytes) }, { sampleRate, channels, frames, bitDepth: '24' });
  for (let frame = 0; frame < frames; frame += READ_FRAMES) {
    await wav.write(await pcm.read(frame, READ_FRAMES));
    yield* pieces.splice(0);
  }
  await wav.finish();
  yield* pieces.splice(0);
}

async function* bytesOf(storage: Storage, source: ArchiveSource): AsyncGenerator<Bytes> {
  switch (source.kind) {
    case 'text':
      yield new TextEncoder().encode(source.text);
      return;
    case 'wav':
      yield* wavOf(storage, source.id);
      return;
    case 'file': {
      const stored = await storage.bytes.open(source.file);
      for (let offset = 0; offset < stored.bytes; offset += READ_BYTES) yield (await stored.read(offset, READ_BYTES)) as Bytes;
      return;
    }
    default:
      source satisfies never;
  }
}

/** What takes the bytes of one file. */
interface Sink {
  write(bytes: Bytes): Promise<void>;
  close(): Promise<void>;
  /** Leaves nothing behind. */
  abort(): Promise<void>;
}

async function fill(sink: Sink, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    for await (const piece of pieces) await sink.write(piece as Bytes);
    await sink.close();
  } catch (thrown) {
    await sink.abort().catch(() => undefined);
    throw thrown;
  }
}

async function handleSink(handle: FileSystemFileHandle): Promise<Sink> {
  const stream = await handle.createWritable();
  return { write: (bytes) => stream.write(bytes), close: () => stream.close(), abort: () => stream.abort() };
}

async function storedSink({ bytes }: Storage, file: (ArchiveTarget & { readonly kind: 'stored' })['file']): Promise<Sink> {
  const writer = await bytes.writer(file);
  return {
    write: (piece) => writer.write(piece),
    close: () => writer.close(),
    async abort() {
      await writer.close().catch(() => undefined);
      await bytes.remove(file);
    },
  };
}

async function fileIn(folder: FileSystemDirectoryHandle, path: string): Promise<FileSystemFileHandle> {
  const [name, ...parents] = path.split('/').reverse();
  let place = folder;
  for (const parent of parents.reverse()) place = await place.getDirectoryHandle(parent, { create: true });
  return place.getFileHandle(name!, { create: true });
}

export async function writeArchive(storage: Storage, entries: readonly ArchiveEntry[], target: ArchiveTarget, { signal, onProgress }: WorkerTask): Promise<number> {
  const expected = Math.max(1, entries.reduce((sum, { bytes }) => sum + bytes, 0));
  let written = 0;
  async function* counted(source: ArchiveSource): AsyncGenerator<Bytes> {
    for await (const piece of bytesOf(storage, source)) {
      throwIfAborted(signal);
      written += piece.length;
      yield piece;
      onProgress(Math.min(1, written / expected));
    }
  }
  try {
    if (target.kind === 'folder') {
      for (const { path, source } of entries) {
        throwIfAborted(signal);
        await fill(await handleSink(await fileIn(target.handle, path)), counted(source));
      }
    } else {
      const sink = target.kind === 'file' ? await handleSink(target.handle) : await storedSink(storage, target.file);
      function* inputs() {
        for (const { path, modifiedMs, source } of entries) yield { name: path, lastModified: new Date(modifiedMs), input: counted(source) };
      }
      await fill(sink, makeZip(inputs()) as ReadableStream<Uint8Array> & AsyncIterable<Uint8Array>);
    }
  } catch (thrown) {
    throwIfAborted(signal);
    throw storageError(thrown);
  }
  return written;
}
