import type { ByteSource } from '../../wasm/formats/byte-source.ts';
import { AppError, throwIfAborted } from '../../shared/errors.ts';
import type { ApiClient } from './client.ts';

/**
 * A blob on the server, read in ranges.
 * @param bytes  its length, as the server lists it
 * @throws AppError 'network/unavailable' also for an answer that is not the range asked for
 */
export function blobSource(client: Pick<ApiClient, 'fetch'>, id: string, bytes: number, signal?: AbortSignal): ByteSource {
  return {
    bytes,
    async read(offset, length) {
      throwIfAborted(signal);
      const end = Math.min(bytes, offset + length);
      if (end <= offset) return new Uint8Array(0);
      const answer = await client.fetch(`/blobs/${id}`, { headers: { Range: `bytes=${offset}-${end - 1}` }, ...(signal ? { signal } : {}) });
      const read = await answer.arrayBuffer().catch((cause: unknown) => {
        throw new AppError('network/unavailable', {}, { cause });
      });
      if (read.byteLength !== end - offset) throw new AppError('network/unavailable');
      return new Uint8Array(read);
    },
  };
}
