/** The rows of blobs: asked and changed here alone, always with the owner in the question. */
import { and, count, eq, sql, sum } from 'drizzle-orm';
import { z } from 'zod';
import { AppError } from '../../shared/errors.ts';
import type { Queries } from '../database/open-database.ts';
import { blobs, users } from '../database/schema.ts';
import type { Progress } from './contract.ts';

export type BlobRow = typeof blobs.$inferSelect;

/** Foreign ones are not there. @throws AppError 'server/not-found' */
export async function ownBlob(queries: Queries, userId: string, id: string, status?: BlobRow['status']): Promise<BlobRow> {
  const [row] = await queries.select().from(blobs).where(and(eq(blobs.id, id), eq(blobs.userId, userId), status === undefined ? undefined : eq(blobs.status, status)));
  if (!row) throw new AppError('server/not-found');
  return row;
}

/** For an address that was signed, which is as good as its owner. */
export async function anyBlob(queries: Queries, id: string, status: BlobRow['status']): Promise<BlobRow> {
  const [row] = await queries.select().from(blobs).where(and(eq(blobs.id, id), eq(blobs.status, status)));
  if (!row) throw new AppError('server/not-found');
  return row;
}

export interface RoomUsed {
  readonly blobs: number;
  /** Under way. */
  readonly uploads: number;
  readonly usedBytes: number;
  readonly uploadingBytes: number;
}

/** What is promised counts as used. */
export async function roomUsed(queries: Pick<Queries, 'select'>, userId: string): Promise<RoomUsed> {
  const bytes = sql`GREATEST(COALESCE(${blobs.length}, 0), ${blobs.received})`;
  const [row] = await queries
    .select({
      blobs: sql<string>`count(*) FILTER (WHERE ${blobs.status} = 'stored')`,
      uploads: sql<string>`count(*) FILTER (WHERE ${blobs.status} = 'uploading')`,
      used: sql<string>`COALESCE(sum(${bytes}), 0)`,
      uploading: sql<string>`COALESCE(sum(${bytes}) FILTER (WHERE ${blobs.status} = 'uploading'), 0)`,
    })
    .from(blobs).where(eq(blobs.userId, userId));
  return { blobs: Number(row!.blobs), uploads: Number(row!.uploads), usedBytes: Number(row!.used), uploadingBytes: Number(row!.uploading) };
}

/**
 * One at a time per person, so that two that each just fit do not both get in.
 * @throws AppError 'upload/quota', 'account/sign-in' where the account is gone
 */
export async function claimRoom(transaction: Pick<Queries, 'select'>, userId: string, bytes: number, quotaBytes: number): Promise<RoomUsed> {
  const [user] = await transaction.select({ id: users.id }).from(users).where(eq(users.id, userId)).for('update');
  if (!user) throw new AppError('account/sign-in');
  const used = await roomUsed(transaction, userId);
  if (used.usedBytes + bytes > quotaBytes) throw noRoom(used.usedBytes, quotaBytes);
  return used;
}

export const noRoom = (usedBytes: number, quotaBytes: number): AppError => new AppError('upload/quota', { used: Math.round(usedBytes / 1e6), quota: Math.round(quotaBytes / 1e6) });

/**
 * Writes down how far it is, only where it is still as far as this writer knew.
 * @throws AppError 'upload/busy' where another writer went on, or the row is gone
 */
export async function recordProgress(queries: Queries, id: string, before: number, { received, place }: Progress, expiresAt: Date): Promise<void> {
  const changed = await queries.update(blobs).set({ received, place, expiresAt })
    .where(and(eq(blobs.id, id), eq(blobs.status, 'uploading'), eq(blobs.received, before))).returning({ id: blobs.id });
  if (changed.length === 0) throw new AppError('upload/busy');
}

/** Stored, of this person, or not. */
export async function storedOf(queries: Queries, userId: string, id: string): Promise<boolean> {
  if (!z.uuid().safeParse(id).success) return false;
  const rows = await queries.select({ id: blobs.id }).from(blobs).where(and(eq(blobs.id, id), eq(blobs.userId, userId), eq(blobs.status, 'stored')));
  return rows.length > 0;
}

/** What all keep together, by kind. */
export async function storedTotals(queries: Queries): Promise<{ kind: string; bytes: number; count: number }[]> {
  const rows = await queries.select({ kind: blobs.kind, bytes: sum(blobs.received), count: count() }).from(blobs).where(eq(blobs.status, 'stored')).groupBy(blobs.kind);
  return rows.map((row) => ({ kind: row.kind, bytes: Number(row.bytes ?? 0), count: row.count }));
}

/** What a person keeps, as their export says it; the bytes are loaded by themselves. */
export async function belongingsOf(queries: Queries, userId: string) {
  const rows = await queries.select().from(blobs).where(and(eq(blobs.userId, userId), eq(blobs.status, 'stored')));
  return rows.map((row) => ({
    id: row.id, kind: row.kind, encrypted: row.isEncrypted, bytes: row.received, content_type: row.contentType, sha256: row.sha256,
    // With the vault's keys, which are in the export too, it opens the file.
    sealed: row.sealed, dedupe_tag: row.dedupeTag, created_at: row.createdAt.toISOString(), stored_at: row.storedAt?.toISOString() ?? null, expires_at: row.expiresAt?.toISOString() ?? null,
  }));
}
