/** Opens a sealed file from any place of it: for playing what lies on the server, and for bringing it back. */
import { AppError } from '../../shared/errors.ts';
import type { ByteSource } from '../../wasm/formats/byte-source.ts';
import { chunkKeyOf } from './file-key.ts';
import { chunkCountOf, HEADER_BYTES, nonceOf, plainBytesOf, readHeader, TAG_BYTES, writeHeader } from './sealed-format.ts';

/** Opened chunks that are kept: a player reads in small steps, forwards and from two places at most. */
const KEPT_CHUNKS = 4;

/**
 * The plaintext of a sealed file.
 *
 * The last chunk is opened first: it says that it is the last, so from then on the length is known to be true, and a file that was
 * cut or extended anywhere is refused before a byte of it is used. Chunks that were changed, moved or exchanged are refused when
 * they are read.
 *
 * @param held  of `heldFileKey`
 * @throws AppError 'vault/damaged', 'vault/newer'
 */
export async function openedSource(sealed: ByteSource, held: CryptoKey): Promise<ByteSource> {
  const header = readHeader(await sealed.read(0, HEADER_BYTES));
  const chunkBytes = 2 ** header.chunkLog2;
  const bytes = plainBytesOf(sealed.bytes, header.chunkLog2);
  const count = chunkCountOf(bytes, header.chunkLog2);
  const stride = chunkBytes + TAG_BYTES;
  const key = await chunkKeyOf(held, header.salt);
  const additionalData = writeHeader(header);

  async function open(index: number, chunk: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    try {
      return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv: nonceOf(index, index === count - 1), additionalData, tagLength: 8 * TAG_BYTES }, key, chunk));
    } catch (cause) {
      throw new AppError('vault/damaged', {}, { cause });
    }
  }

  const kept = new Map<number, Uint8Array<ArrayBuffer>>();
  function keep(index: number, plain: Uint8Array<ArrayBuffer>): void {
    kept.delete(index);
    kept.set(index, plain);
    const [oldest] = kept.keys();
    if (kept.size > KEPT_CHUNKS && oldest !== undefined) kept.delete(oldest);
  }

  /** Chunks in a row, those that are not kept fetched in one piece. */
  async function chunks(first: number, last: number): Promise<Uint8Array<ArrayBuffer>[]> {
    const known = Array.from({ length: last - first + 1 }, (_, i) => kept.get(first + i));
    const missing = known.flatMap((plain, i) => (plain ? [] : [first + i]));
    if (missing.length === 0) return known as Uint8Array<ArrayBuffer>[];
    const [from, to] = [missing[0]!, missing.at(-1)!];
    const slab = await sealed.read(HEADER_BYTES + from * stride, Math.min(sealed.bytes - HEADER_BYTES, (to + 1) * stride) - from * stride);
    return Promise.all(
      known.map(async (plain, i) => {
        if (plain) return plain;
        const at = (first + i - from) * stride;
        const opened = await open(first + i, slab.subarray(at, at + stride));
        keep(first + i, opened);
        return opened;
      }),
    );
  }

  await chunks(count - 1, count - 1);
  return {
    bytes,
    async read(offset, length, into) {
      const end = Math.min(bytes, offset + length);
      const wanted = Math.max(0, end - offset);
      const result = into ? into.subarray(0, wanted) : new Uint8Array(wanted);
      if (wanted === 0) return result;
      const first = Math.floor(offset / chunkBytes);
      const opened = await chunks(first, Math.floor((end - 1) / chunkBytes));
      for (const [i, plain] of opened.entries()) {
        const at = (first + i) * chunkBytes;
        const from = Math.max(0, offset - at);
        result.set(plain.subarray(from, Math.min(plain.length, end - at)), at + from - offset);
      }
      return result;
    },
  };
}
