/** Uploaded samples: kept encrypted until a voice is made of them, or for a day. */
import { createHash } from 'node:crypto';
import { and, eq, isNotNull, lte } from 'drizzle-orm';
import { AppError } from '../../shared/errors.ts';
import { files } from '../database/schema.ts';
import { newId } from '../ids.ts';
import type { Owner } from './owners.ts';
import { sampleFacts } from './sample-file.ts';
import { providerOf, type Studio } from './studio.ts';

export type FileRow = typeof files.$inferSelect;
/** Without the sound. */
export type FileFacts = Omit<FileRow, 'sealed'>;

const KEPT_MS = 24 * 3600 * 1000;
const facts = {
  id: files.id, ownerId: files.ownerId, name: files.name, contentType: files.contentType, bytes: files.bytes, seconds: files.seconds,
  sha256: files.sha256, providerFile: files.providerFile, place: files.place, createdAt: files.createdAt, expiresAt: files.expiresAt,
};
const about = (ownerless: { readonly id: string }): string => `file ${ownerless.id}`;

export interface Samples {
  /** The same bytes again are the same file. @throws AppError 'audio/empty', 'speech/sample-type', 'speech/sample-length', 'request/too-large' */
  add(owner: Owner, name: string, bytes: Uint8Array): Promise<FileFacts>;
  /** @throws AppError 'server/not-found' */
  get(owner: Owner | null, id: string): Promise<FileFacts>;
  remove(owner: Owner | null, id: string): Promise<void>;
  /**
   * Runs something that needs the provider's copy, uploading it where there is none, once more where it is gone.
   * @throws AppError 'speech/sample-gone', and what `work` throws
   */
  withCopy<T>(file: FileFacts, work: (providerFile: string) => Promise<T>, signal: AbortSignal): Promise<T>;
  /** A voice was made: the sound is deleted here and at the provider. */
  used(file: FileFacts, signal: AbortSignal): Promise<void>;
  /** What is older than it may be. @returns how many */
  clean(signal: AbortSignal): Promise<number>;
}

export function createSamples(studio: Studio): Samples {
  const { queries, nowMs, seal } = studio;

  async function get(owner: Owner | null, id: string): Promise<FileFacts> {
    const [found] = owner ? await queries.select(facts).from(files).where(and(eq(files.id, id), eq(files.ownerId, owner.id))) : [];
    if (!found) throw new AppError('server/not-found');
    return found;
  }

  async function copyOf(file: FileFacts, signal: AbortSignal): Promise<string> {
    const provider = providerOf(studio);
    const [row] = await queries.select({ sealed: files.sealed }).from(files).where(eq(files.id, file.id));
    if (!row?.sealed) throw new AppError('speech/sample-gone');
    const copy = await provider.upload({ bytes: seal.open(row.sealed, about(file)), contentType: file.contentType }, signal);
    await queries.update(files).set({ providerFile: copy, place: provider.place }).where(eq(files.id, file.id));
    return copy;
  }

  /** At the provider; what fails is tried again when it is cleaned. */
  async function removeCopy({ id, providerFile, place }: FileFacts, signal: AbortSignal): Promise<void> {
    const { provider } = studio;
    if (providerFile === null || place !== provider?.place) return;
    await provider.deleteFile(providerFile, signal);
    await queries.update(files).set({ providerFile: null, place: null }).where(eq(files.id, id));
  }

  return {
    get,
    async add(owner, name, bytes) {
      const { contentType, seconds } = sampleFacts(bytes);
      const [id, now, sha256] = [newId(nowMs()), new Date(nowMs()), createHash('sha256').update(bytes).digest('hex')];
      const expiresAt = new Date(nowMs() + KEPT_MS);
      return queries.transaction(async (transaction) => {
        const [known] = await transaction.select({ id: files.id }).from(files).where(and(eq(files.ownerId, owner.id), eq(files.sha256, sha256))).for('update');
        if (known) {
          const [again] = await transaction.update(files).set({ sealed: seal.close(bytes, about(known)), expiresAt }).where(eq(files.id, known.id)).returning(facts);
          return again!;
        }
        const [made] = await transaction.insert(files).values({ id, ownerId: owner.id, name: name || 'sample', contentType, bytes: bytes.length, seconds, sha256, sealed: seal.close(bytes, about({ id })), createdAt: now, expiresAt }).onConflictDoNothing().returning(facts);
        if (made) return made;
        // Somebody was faster with the same.
        const [theirs] = await transaction.select(facts).from(files).where(and(eq(files.ownerId, owner.id), eq(files.sha256, sha256)));
        return theirs!;
      });
    },
    async remove(owner, id) {
      const file = await get(owner, id);
      await removeCopy(file, AbortSignal.timeout(10_000)).catch(() => undefined);
      await queries.delete(files).where(eq(files.id, file.id));
    },
    async withCopy(file, work, signal) {
      const { place } = providerOf(studio);
      if (file.providerFile === null || file.place !== place) return work(await copyOf(file, signal));
      try {
        return await work(file.providerFile);
      } catch (thrown) {
        // It may have been thrown away over there; both say that nothing was begun.
        if (!(thrown instanceof AppError) || (thrown.code !== 'upstream/not-found' && thrown.code !== 'upstream/invalid-request')) throw thrown;
        return work(await copyOf(file, signal));
      }
    },
    async used(file, signal) {
      await queries.update(files).set({ sealed: null }).where(eq(files.id, file.id));
      const [row] = await queries.select(facts).from(files).where(eq(files.id, file.id));
      if (row) await removeCopy(row, signal).catch(() => undefined);
    },
    async clean(signal) {
      const now = new Date(nowMs());
      const old = await queries.update(files).set({ sealed: null }).where(and(lte(files.expiresAt, now), isNotNull(files.sealed))).returning({ id: files.id });
      const copied = await queries.select(facts).from(files).where(and(lte(files.expiresAt, now), isNotNull(files.providerFile))).limit(100);
      for (const file of copied) await removeCopy(file, signal).catch(() => undefined);
      return old.length;
    },
  };
}
