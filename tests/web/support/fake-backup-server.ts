/** A server that keeps vaults and blobs, in memory, for one account: what the contracts promise, and a network that can be cut. */
import { createHash } from 'node:crypto';
import * as blobs from '../../../shared/api/blobs.ts';
import type { RouteContract } from '../../../shared/api/contract.ts';
import * as vaults from '../../../shared/api/vault.ts';
import { AppError } from '../../../shared/errors.ts';
import type { AccountState, ApiClient } from '../../../web/api/client.ts';
import type { SendUpload } from '../../../web/api/resumable-upload.ts';
import { HEADER_BYTES } from '../../../web/vault/sealed-format.ts';

interface Stored {
  readonly info: blobs.Blob;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

interface Upload {
  readonly id: string;
  readonly metadata: Parameters<SendUpload>[0]['metadata'];
  bytes: Uint8Array<ArrayBuffer>;
}

/** So much goes over at once. */
const PIECE_BYTES = 20_000;

export interface FakeBackupServer {
  readonly blobs: Map<string, Stored>;
  readonly uploads: Map<string, Upload>;
  vault: vaults.Vault | null;
  /** Everything that ever arrived. */
  readonly received: string[];
  /** Before each request; what it throws stops it. */
  onRequest: (what: string) => void;
  /** After the server has done it, and before anybody hears so. */
  onDone: (what: string) => void;
  /** A device that is signed in. `die`: nothing of it gets through any more. */
  device(accountId?: string): { readonly api: ApiClient; readonly send: SendUpload; die(): void };
}

export function fakeBackupServer(nowMs: () => number): FakeBackupServer {
  const pairings = new Map<string, vaults.Pairing>();
  /** What was sealed under one key at one place: another content there would give both away. */
  const sealedAt = new Map<string, string>();
  let count = 0;
  const newId = (): string => `00000000-0000-7000-8000-${String((count += 1)).padStart(12, '0')}`;
  const at = (): string => new Date(nowMs() + count).toISOString();

  const server: FakeBackupServer = {
    blobs: new Map(), uploads: new Map(), vault: null, received: [], onRequest: () => undefined, onDone: () => undefined,
    device(accountId = 'ann') {
      let isDead = false;
      const watchers = new Set<(account: AccountState) => void>();
      const account: AccountState = { status: 'in', account: { id: accountId, email: 'ann@example.org', workspaceId: 'w' } };

      async function request<T>(what: string, work: () => T): Promise<T> {
        await Promise.resolve();
        const dead = (): void => {
          if (isDead) throw new AppError('network/unavailable');
        };
        dead();
        server.onRequest(what);
        const answer = work();
        server.onDone(what);
        dead();
        return answer;
      }
      const found = (id: string): Stored => {
        const blob = server.blobs.get(id);
        if (!blob) throw new AppError('server/not-found');
        return blob;
      };

      function answer(contract: RouteContract, asked: { params?: any; query?: any; body?: any }): unknown {
        const { params = {}, query = {}, body } = asked;
        if (body !== undefined) server.received.push(JSON.stringify(body));
        switch (contract) {
          case vaults.getVault:
            if (!server.vault) throw new AppError('server/not-found');
            return server.vault;
          case vaults.createVault:
            if (server.vault) throw new AppError('vault/exists');
            return (server.vault = { ...(vaults.envelope.parse(body)), id: newId(), version: 1, created_at: at(), updated_at: at() });
          case vaults.updateVault:
            if (!server.vault) throw new AppError('server/not-found');
            if (server.vault.version !== body.version) throw new AppError('vault/changed-meanwhile');
            return (server.vault = { ...server.vault, ...vaults.envelope.parse(body), version: server.vault.version + 1, updated_at: at() });
          case vaults.destroyVault:
            if (!server.vault) throw new AppError('server/not-found');
            server.vault = null;
            return undefined;
          case vaults.openPairing:
            pairings.set(params.id, { answer: null, sealed: null, expires_at: new Date(nowMs() + 300_000).toISOString() });
            return pairings.get(params.id);
          case vaults.getPairing:
          case vaults.answerPairing:
          case vaults.completePairing: {
            const pairing = pairings.get(params.id);
            if (!pairing) throw new AppError('server/not-found');
            if (contract === vaults.answerPairing) pairings.set(params.id, { ...pairing, answer: body });
            if (contract === vaults.completePairing) pairings.set(params.id, { ...pairing, sealed: body.sealed });
            return pairings.get(params.id);
          }
          case vaults.endPairing:
            if (!pairings.delete(params.id)) throw new AppError('server/not-found');
            return undefined;
          case blobs.listBlobs: {
            const all = [...server.blobs.values()].map(({ info }) => info).filter(({ dedupe_tag }) => query.dedupe_tag === undefined || dedupe_tag === query.dedupe_tag).sort((a, b) => (a.stored_at < b.stored_at ? 1 : -1));
            const from = Number(query.cursor ?? 0);
            // Pages of two: so that whoever forgets to turn them is caught.
            return { blobs: all.slice(from, from + 2), next_cursor: all.length > from + 2 ? String(from + 2) : null };
          }
          case blobs.blobInfo:
            return found(params.id).info;
          case blobs.changeBlob: {
            const { info, bytes } = found(params.id);
            server.blobs.set(params.id, { bytes, info: { ...info, sealed: body.sealed } });
            return info;
          }
          case blobs.deleteBlob:
            found(params.id);
            server.blobs.delete(params.id);
            return undefined;
          case blobs.storageUse:
            return { blobs: server.blobs.size, used_bytes: [...server.blobs.values()].reduce((sum, { bytes }) => sum + bytes.length, 0), uploading_bytes: 0, quota_bytes: 1e9 };
          default:
            throw new Error(`no answer to ${contract.method} ${contract.path}`);
        }
      }

      /** Nonces are counted from the start of the file: equal places of one file have equal bytes, or a key was used twice. */
      function watch(upload: Upload, offset: number, piece: Uint8Array): void {
        for (let i = 0; i < piece.length; i += 1) {
          if (offset + i < HEADER_BYTES) continue;
          const key = `${createHash('sha1').update(upload.bytes.subarray(0, HEADER_BYTES)).digest('hex')} ${offset + i}`;
          const before = sealedAt.get(key);
          if (before !== undefined && before !== String(piece[i])) throw new Error(`two contents under one key at ${offset + i}`);
          if ((offset + i) % 97 === 0) sealedAt.set(key, String(piece[i]));
        }
      }

      const send: SendUpload = async ({ source, metadata, url, onUrl, onSent, signal }) => {
        let upload = url === null ? undefined : server.uploads.get(url);
        if (!upload) {
          upload = await request('POST /uploads', () => {
            const made = { id: newId(), metadata, bytes: new Uint8Array(0) };
            server.received.push(JSON.stringify(metadata));
            server.uploads.set(`/api/uploads/${made.id}`, made);
            return made;
          });
          await onUrl(`/api/uploads/${upload.id}`);
        } else await request('HEAD /uploads', () => undefined);
        const begun = upload;
        for (let isEnd = server.blobs.has(begun.id); !isEnd; ) {
          if (signal.aborted) throw new AppError('job/cancelled');
          const offset = begun.bytes.length;
          const piece = await source.read(offset, PIECE_BYTES);
          isEnd = piece.isEnd;
          await request('PATCH /uploads', () => {
            if (begun.bytes.length !== offset) throw new AppError('upload/offset');
            begun.bytes = Uint8Array.from([...begun.bytes, ...piece.bytes]);
            watch(begun, offset, piece.bytes);
            if (isEnd) {
              const sha256 = createHash('sha256').update(begun.bytes).digest('hex');
              if (metadata.sha256 !== undefined && sha256 !== metadata.sha256) throw new AppError('upload/checksum');
              server.blobs.set(begun.id, {
                bytes: begun.bytes,
                info: { id: begun.id, kind: metadata.kind, encrypted: true, content_type: 'application/octet-stream', size_bytes: begun.bytes.length, sha256, dedupe_tag: begun.metadata.dedupe_tag ?? null, sealed: begun.metadata.sealed ?? null, created_at: at(), stored_at: at(), expires_at: null },
              });
            }
          });
          onSent(begun.bytes.length);
        }
        return begun.id;
      };

      const api = {
        account,
        call: async (contract: RouteContract, asked = {}) => request(`${contract.method} ${contract.path}`, () => answer(contract, asked)),
        fetch: async (path: string, init: RequestInit = {}) =>
          request(`GET ${path}`, () => {
            const { bytes } = found(path.split('/').at(-1)!);
            const [, from, to] = /bytes=(\d+)-(\d+)/.exec(new Headers(init.headers).get('range') ?? '') ?? [];
            return new Response(bytes.slice(Number(from ?? 0), to === undefined ? undefined : Number(to) + 1));
          }),
        watch(listener: (state: AccountState) => void) {
          watchers.add(listener);
          listener(account);
          return () => void watchers.delete(listener);
        },
      } as unknown as ApiClient;
      return { api, send, die: () => void (isDead = true) };
    },
  };
  return server;
}
