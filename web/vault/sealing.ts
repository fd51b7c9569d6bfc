/** Seals a file as it is read: any part of the sealed file can be had at any time, and had again. */
import type { ByteSource } from '../../wasm/formats/byte-source.ts';
import { chunkKeyOf } from './file-key.ts';
import { chunkCountOf, HEADER_BYTES, nonceOf, sealedBytesOf, type SealedHeader, TAG_BYTES, writeHeader } from './sealed-format.ts';

/**
 * The sealed file of a plaintext that does not change.
 *
 * @param plain  the whole file
 * @param held   of `heldFileKey`, used for this content and no other
 * @returns the same bytes for the same range, however often it is read and after any reload: what an upload that goes on needs
 *
 * Cost: a chunk more than the range where it begins or ends within one. Plaintext is read in one piece per call.
 */
export async function sealedSource(plain: ByteSource, held: CryptoKey, header: SealedHeader): Promise<ByteSource> {
  const { chunkLog2 } = header;
  const chunkBytes = 2 ** chunkLog2;
  const count = chunkCountOf(plain.bytes, chunkLog2);
  const bytes = sealedBytesOf(plain.bytes, chunkLog2);
  const seal = await sealer(held, header);
  return {
    bytes,
    async read(offset, length) {
      const end = Math.min(bytes, offset + length);
      const result = new Uint8Array(Math.max(0, end - offset));
      if (offset < HEADER_BYTES) result.set(seal.header.subarray(offset, Math.min(end, HEADER_BYTES)));
      if (end <= HEADER_BYTES || result.length === 0) return result;
      const stride = chunkBytes + TAG_BYTES;
      const first = Math.floor(Math.max(0, offset - HEADER_BYTES) / stride);
      const last = Math.floor((end - 1 - HEADER_BYTES) / stride);
      const slab = await plain.read(first * chunkBytes, (last - first + 1) * chunkBytes);
      await Promise.all(
        Array.from({ length: last - first + 1 }, async (_, i) => {
          const index = first + i;
          const chunk = await seal.chunk(index, index === count - 1, slab.subarray(i * chunkBytes, (i + 1) * chunkBytes));
          const at = HEADER_BYTES + index * stride;
          const from = Math.max(0, offset - at);
          result.set(chunk.subarray(from, Math.max(from, Math.min(chunk.length, end - at))), at + from - offset);
        }),
      );
      return result;
    },
  };
}

export interface Sealer {
  readonly header: Uint8Array<ArrayBuffer>;
  /** @param plain of full length, but for the last */
  chunk(index: number, isLast: boolean, plain: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
}

/** Chunks one by one: for files that still grow. */
export async function sealer(held: CryptoKey, header: SealedHeader): Promise<Sealer> {
  const key = await chunkKeyOf(held, header.salt);
  const written = writeHeader(header);
  return {
    header: written,
    chunk: async (index, isLast, plain) =>
      new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonceOf(index, isLast), additionalData: written, tagLength: 8 * TAG_BYTES }, key, plain)),
  };
}
