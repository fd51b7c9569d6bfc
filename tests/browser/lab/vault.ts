/** Sealing in a page, as an upload does it, beside what it is made of. */
import { byteSourceFromBlob, type ByteSource } from '../../../wasm/formats/byte-source.ts';
import { heldFileKey, newFileKey } from '../../../web/vault/file-key.ts';
import { CHUNK_LOG2 } from '../../../web/vault/sealed-format.ts';
import { sealedSource } from '../../../web/vault/sealing.ts';
import { openedSource } from '../../../web/vault/opening.ts';

/** As one request of an upload reads. */
const PIECE_BYTES = 8 * 1024 * 1024;

export interface SealTimes {
  readonly bytes: number;
  /** ms for all of it, per round. */
  readonly reading: number[];
  readonly sealing: number[];
  readonly opening: number[];
  /** The cipher alone, over the same chunks in memory, one after the other. */
  readonly cipher: number[];
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

const readAll = (source: ByteSource) => async (): Promise<void> => {
  for (let at = 0; at < source.bytes; at += PIECE_BYTES) await source.read(at, PIECE_BYTES);
};

async function measureSealing(megabytes: number, rounds: number): Promise<SealTimes> {
  const parts = Array.from({ length: megabytes }, () => {
    const part = new Uint8Array(1024 * 1024);
    for (let at = 0; at < part.length; at += 65_536) crypto.getRandomValues(part.subarray(at, at + 65_536));
    return part;
  });
  // A file on disk, as a recording is.
  const root = await navigator.storage.getDirectory();
  const handle = await root.getFileHandle('bench', { create: true });
  const writable = await handle.createWritable();
  await writable.write(new Blob(parts));
  await writable.close();
  const plain = byteSourceFromBlob(await handle.getFile());
  const { secret, salt } = newFileKey();
  const held = await heldFileKey(secret);
  const sealed = await sealedSource(plain, held, { chunkLog2: CHUNK_LOG2, salt });
  const pieces: BlobPart[] = [];
  for (let at = 0; at < sealed.bytes; at += PIECE_BYTES) pieces.push(await sealed.read(at, PIECE_BYTES));
  const opened = await openedSource(byteSourceFromBlob(new Blob(pieces)), held);
  const key = await crypto.subtle.importKey('raw', secret, 'AES-GCM', false, ['encrypt']);
  const chunk = 2 ** CHUNK_LOG2;
  const cipher = async (): Promise<void> => {
    for (const part of parts) for (let at = 0; at < part.length; at += chunk) await crypto.subtle.encrypt({ name: 'AES-GCM', iv: new Uint8Array(12) }, key, part.subarray(at, at + chunk));
  };
  const times: SealTimes = { bytes: plain.bytes, reading: [], sealing: [], opening: [], cipher: [] };
  for (let round = 0; round < rounds; round += 1) {
    times.reading.push(await timed(readAll(plain)));
    times.sealing.push(await timed(readAll(sealed)));
    times.opening.push(await timed(readAll(opened)));
    times.cipher.push(await timed(cipher));
  }
  await root.removeEntry('bench');
  return times;
}

export type MeasureSealing = typeof measureSealing;
(globalThis as unknown as { MEASURE_SEALING: MeasureSealing }).MEASURE_SEALING = measureSealing;
