/// <reference lib="webworker" />
import { createSHA256 } from 'hash-wasm';
import { AppError, throwIfAborted } from '../../../shared/errors.ts';
import type { ByteStore, FileName } from '../../storage/contract.ts';
import { openPcm } from '../../storage/open-pcm.ts';
import { openStorage } from '../../storage/open-storage.ts';
import { serve, type WorkerTask } from '../rpc.ts';
import type { DecodeMethods } from './contract.ts';
import { decodeRecording } from './decode-recording.ts';
import { decodeWithLibAv } from './libav-decoder.ts';
import { measurePeaks } from './measure-peaks.ts';

const READ_BYTES = 4 * 1024 * 1024;

async function hashOf(file: Blob, { signal, onProgress }: WorkerTask): Promise<string> {
  if (file.size === 0) throw new AppError('audio/empty');
  const hash = await createSHA256();
  for (let offset = 0; offset < file.size; offset += READ_BYTES) {
    throwIfAborted(signal);
    hash.update(new Uint8Array(await file.slice(offset, offset + READ_BYTES).arrayBuffer()));
    onProgress(Math.min(1, (offset + READ_BYTES) / file.size));
  }
  return hash.digest('hex');
}

async function copyInto(bytes: ByteStore, name: FileName, file: Blob, { signal, onProgress }: WorkerTask): Promise<void> {
  const writer = await bytes.writer(name);
  try {
    for (let offset = 0; offset < file.size; offset += READ_BYTES) {
      throwIfAborted(signal);
      await writer.write(new Uint8Array(await file.slice(offset, offset + READ_BYTES).arrayBuffer()));
      onProgress(Math.min(1, (offset + READ_BYTES) / file.size));
    }
    await writer.close();
  } catch (thrown) {
    await writer.close().catch(() => undefined);
    await bytes.remove(name);
    throw thrown;
  }
}

const methods: DecodeMethods = {
  hash: hashOf,
  async keep({ file, recordingId }, task) {
    const { bytes } = await openStorage();
    await copyInto(bytes, { folder: 'recordings', id: recordingId }, file, task);
    return null;
  },
  async decode(request, task) {
    const { bytes } = await openStorage();
    const decoders = {
      libav: decodeWithLibAv,
      // 300 kB that most recordings never need.
      webcodecs: async (...args: Parameters<typeof decodeWithLibAv>) => (await import('./mediabunny-decoder.ts')).decodeWithMediabunny(...args),
    };
    return decodeRecording(bytes, request, decoders, task);
  },
  async peaks(id, task) {
    const storage = await openStorage();
    await storage.documents.put('peaks', await measurePeaks(id, await openPcm(storage, id), task));
    return null;
  },
};

serve(methods);
