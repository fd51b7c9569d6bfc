/** A server that takes files, and people who send them, called without a network. */
import type { BlobLimits } from '../../../server/blobs/uploads.ts';
import { openTestStore, type TestStore } from '../../support/blob-store.ts';
import { CHUNK, sealedMetadata, TUS } from '../../support/tus.ts';
import { type ApiCaller, bearer, openApiCaller, type Somebody } from './api-caller.ts';

export interface UploadCaller {
  readonly caller: ApiCaller;
  readonly world: TestStore;
  /** Under /api, with whatever body and headers. */
  send(somebody: Somebody | null, method: string, path: string, headers?: Readonly<Record<string, string>>, body?: BodyInit): Promise<Response>;
  /** @returns id of the upload */
  begin(somebody: Somebody, length: number | null, metadata: string): Promise<string>;
  append(somebody: Somebody, id: string, offset: number, bytes: Uint8Array<ArrayBuffer>, headers?: Readonly<Record<string, string>>): Promise<Response>;
  /** Whole. @returns id of the blob */
  store(somebody: Somebody, bytes: Uint8Array<ArrayBuffer>, metadata?: string): Promise<string>;
  /** Ends what removes bytes in the background. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

export const LIMITS: BlobLimits = { quotaBytes: 60_000_000, mostUploadBytes: 40_000_000, intermediateDays: 7, clamdUrl: null };

export async function openUploadCaller(limits: Partial<BlobLimits> = {}): Promise<UploadCaller> {
  const world = await openTestStore();
  const caller = await openApiCaller({ blobs: { store: world.store, limits: { ...LIMITS, ...limits } } });
  const made: UploadCaller = {
    caller, world,
    send: async (somebody, method, path, headers = {}, body) =>
      caller.app.request(`/api${path}`, { method, headers: { ...(somebody ? bearer(somebody.access) : {}), ...headers }, ...(body === undefined ? {} : { body, duplex: 'half' }) } as RequestInit),
    async begin(somebody, length, metadata) {
      const answer = await made.send(somebody, 'POST', '/uploads', { ...TUS, 'upload-metadata': metadata, ...(length === null ? { 'upload-defer-length': '1' } : { 'upload-length': String(length) }) });
      if (answer.status !== 201) throw new Error(`not begun: ${answer.status} ${await answer.text()}`);
      return answer.headers.get('location')!.split('/').at(-1)!;
    },
    append: (somebody, id, offset, bytes, headers = {}) => made.send(somebody, 'PATCH', `/uploads/${id}`, { ...CHUNK, 'upload-offset': String(offset), ...headers }, bytes),
    async store(somebody, bytes, metadata = sealedMetadata(bytes)) {
      const id = await made.begin(somebody, bytes.length, metadata);
      const answer = bytes.length === 0 ? null : await made.append(somebody, id, 0, bytes);
      if (answer && answer.status !== 204) throw new Error(`not stored: ${answer.status} ${await answer.text()}`);
      return id;
    },
    settle: async () => void (await caller.api.blobs!.cleaning.run()),
    async close() {
      await caller.api.close();
      await caller.close();
      world.remove();
    },
  };
  return made;
}
