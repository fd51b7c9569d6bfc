/** Uploads in pieces that go on where they were cut, by tus 1.0 (contract: shared/api/uploads.ts). */
import type { HttpStack, Upload } from 'tus-js-client';
import { BLOB_HEADER, type UploadMetadata } from '../../shared/api/uploads.ts';
import { AppError, toAppError } from '../../shared/errors.ts';
import type { ApiClient } from './client.ts';

export interface UploadSource {
  /** Null: it is not known where it ends. */
  readonly bytes: number | null;
  /** Waits where there is nothing yet; less than `length` is fine, nothing only at the end. */
  read(offset: number, length: number): Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly isEnd: boolean }>;
}

export interface UploadRequest {
  readonly source: UploadSource;
  readonly metadata: UploadMetadata;
  /** Of an upload that was begun; null begins one. */
  readonly url: string | null;
  /** Called before the first byte is sent, and waited for. */
  readonly onUrl: (url: string) => Promise<void>;
  /** Bytes the server has. */
  readonly onSent: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/** @returns the id of the blob it became. @throws AppError: the server's, 'network/unavailable', 'job/cancelled', what `source` throws */
export type SendUpload = (request: UploadRequest) => Promise<string>;

const ENDPOINT = '/api/uploads';
/** One request: so much is sent again where a proxy forgets it. */
const PIECE_BYTES = 8 * 1024 * 1024;

/** What tus-js-client tells of a failure. */
interface TusFailure extends Error {
  readonly originalResponse?: { getStatus(): number; getBody(): string } | null;
  readonly causingError?: Error | null;
}

function failureOf(thrown: Error): AppError {
  if (thrown instanceof AppError) return thrown;
  const { originalResponse, causingError } = thrown as TusFailure;
  if (originalResponse) {
    try {
      return AppError.fromAnswer(JSON.parse(originalResponse.getBody()));
    } catch {
      // HEAD has no body; a proxy answers with a page.
      const status = originalResponse.getStatus();
      return new AppError(status === 423 ? 'upload/busy' : status === 404 ? 'server/not-found' : 'network/unavailable', {}, { cause: thrown });
    }
  }
  return causingError instanceof AppError ? causingError : new AppError('network/unavailable', {}, { cause: thrown });
}

const idOf = (url: string): string => url.split('/').at(-1)!;

/** @param httpStack  what sends requests; the browser's own by default */
export function createSendUpload(client: Pick<ApiClient, 'authorization' | 'fetch'>, httpStack?: HttpStack): SendUpload {
  return async ({ source, metadata, url, onUrl, onSent, signal }) => {
    // 40 kB that only those need who back up.
    const { Upload: TusUpload } = await import('tus-js-client');
    const begun = url === null ? null : await stateOf(client, url, signal);
    // An upload whose length was open may have been told it by now: the server wants to hear it once.
    const isOpen = begun ? begun.length === null : source.bytes === null;
    const uploadSize = isOpen ? null : (begun?.length ?? source.bytes);
    return new Promise<string>((resolve, reject) => {
      let upload: Upload | null = null;
      const stop = (): void => {
        void upload?.abort();
        reject(new AppError('job/cancelled'));
      };
      const leave = (): void => signal.removeEventListener('abort', stop);
      if (signal.aborted) return stop();
      signal.addEventListener('abort', stop, { once: true });
      let failed: unknown = null;
      upload = new TusUpload(new Blob(), {
        endpoint: ENDPOINT,
        uploadUrl: begun ? url : null,
        metadata: metadata as Record<string, string>,
        uploadSize, uploadLengthDeferred: isOpen,
        chunkSize: PIECE_BYTES,
        // When to try again is decided by the queue, which survives a reload.
        retryDelays: null,
        ...(httpStack ? { httpStack } : {}),
        fingerprint: () => Promise.resolve('one'),
        urlStorage: {
          findAllUploads: () => Promise.resolve([]),
          findUploadsByFingerprint: () => Promise.resolve([]),
          removeUpload: () => Promise.resolve(),
          async addUpload(_fingerprint, { uploadUrl }) {
            await onUrl(new URL(uploadUrl!, globalThis.location?.href ?? 'http://localhost').pathname);
            return 'one';
          },
        },
        fileReader: {
          openFile: () =>
            Promise.resolve({
              size: uploadSize ?? 0,
              async slice(start, end) {
                try {
                  const { bytes, isEnd } = await source.read(start, end - start);
                  return { value: new Blob([bytes]), done: isEnd };
                } catch (thrown) {
                  failed = thrown;
                  throw thrown;
                }
              },
              close: () => undefined,
            }),
        },
        async onBeforeRequest(request) {
          request.setHeader('Authorization', await client.authorization(signal));
        },
        onChunkComplete: (_size, accepted) => onSent(accepted),
        onSuccess({ lastResponse }) {
          leave();
          resolve(lastResponse.getHeader(BLOB_HEADER) ?? idOf(upload!.url!));
        },
        onError(thrown) {
          leave();
          reject(failed === null ? failureOf(thrown) : toAppError(failed));
        },
      });
      upload.start();
    });
  };
}

/** Null where it is gone: it begins afresh. @throws AppError */
async function stateOf(client: Pick<ApiClient, 'fetch'>, url: string, signal: AbortSignal): Promise<{ readonly length: number | null } | null> {
  try {
    const answer = await client.fetch(url.replace(/^\/api/, ''), { method: 'HEAD', headers: { 'Tus-Resumable': '1.0.0' }, signal });
    const length = answer.headers.get('Upload-Length');
    return { length: length === null ? null : Number(length) };
  } catch (thrown) {
    const error = toAppError(thrown);
    // HEAD has no body that would say more than its status.
    if (['server/not-found', 'upload/expired', 'upload/checksum'].includes(error.code) || /HTTP 4(04|10|60)/.test(error.message)) return null;
    throw error;
  }
}
