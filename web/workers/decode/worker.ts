/// <reference lib="webworker" />
import { createSHA256 } from 'hash-wasm';
import { AppError } from '../../../shared/errors.ts';
import { openPcm } from '../../storage/open-pcm.ts';
import { openStorage } from '../../storage/open-storage.ts';
import { measurePeaks } from '../peak-columns.ts';
import { serve, transferring, type WorkerTask } from '../rpc.ts';
import type { DecodeMethods, HashedFile } from './contract.ts';
import { decodeRecording } from './decode-recording.ts';
import { keepFile, readPieces } from './keep-file.ts';
import { decodeWithLibAv } from './libav-decoder.ts';

/**
 * The browser's own digest is several times as fast, and wants the whole file in memory: for takes of some minutes that is
 * little. It is there in secure contexts only.
 */
const WHOLE_BYTES = 64 * 1024 * 1024;

const hexadecimal = (bytes: ArrayBuffer): string => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');

async function hashOf(file: Blob, task: WorkerTask): Promise<HashedFile> {
  if (file.size === 0) throw new AppError('audio/empty');
  if (isSecureContext && file.size <= WHOLE_BYTES) {
    const bytes = await file.arrayBuffer();
    return transferring({ hash: hexadecimal(await crypto.subtle.digest('SHA-256', bytes)), bytes }, [bytes]);
  }
  const hash = await createSHA256();
  await readPieces(file, task, (bytes) => void hash.update(bytes));
  return { hash: hash.digest('hex'), bytes: null };
}

const methods: DecodeMethods = {
  hash: hashOf,
  async keep({ file, recordingId }, task) {
    const { bytes } = await openStorage();
    await keepFile(bytes, { folder: 'recordings', id: recordingId }, file, task);
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
    await storage.documents.put('peaks', { id, ...(await measurePeaks(await openPcm(storage, id), task)) });
    return null;
  },
};

serve(methods);
