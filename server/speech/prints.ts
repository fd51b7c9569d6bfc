/** Voice prints: checked, kept, and compared by their angle. The device computes them; what is compared here has one length and one version. */
import { createHash } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { EMBEDDING_NORM_ERROR } from '../../shared/api/embeddings.ts';
import { AppError } from '../../shared/errors.ts';
import { embeddings } from '../database/schema.ts';
import { newId } from '../ids.ts';
import type { Owner } from './owners.ts';
import type { Studio, Writer } from './studio.ts';

export type PrintRow = typeof embeddings.$inferSelect;

export interface Print {
  /** Length one. */
  readonly vector: readonly number[];
  readonly version: string;
  readonly hash: string;
}

/** 32-bit floats, little-endian, in order: what is hashed, and what is kept. */
export function bytesOf(vector: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * vector.length);
  for (const [i, value] of vector.entries()) bytes.writeFloatLE(value, 4 * i);
  return bytes;
}

/** @throws AppError 'speech/embedding' */
export function checkedBytes({ vector, hash }: Print): Buffer {
  if (!vector.every((value) => Math.abs(value) <= 1)) throw new AppError('speech/embedding', { detail: 'a value is outside -1 to 1' });
  const bytes = bytesOf(vector);
  const norm = Math.hypot(...vector);
  if (Math.abs(norm - 1) > EMBEDDING_NORM_ERROR) throw new AppError('speech/embedding', { detail: `its length is ${norm.toFixed(4)}, not 1` });
  if (createHash('sha256').update(bytes).digest('hex') !== hash) throw new AppError('speech/embedding', { detail: 'its hash is another' });
  return bytes;
}

/** Of two of length one: the cosine of the angle between them, -1 to 1. */
export function likeness(one: Uint8Array, other: Uint8Array): number {
  const [a, b] = [Buffer.from(one.buffer, one.byteOffset, one.byteLength), Buffer.from(other.buffer, other.byteOffset, other.byteLength)];
  if (a.length !== b.length) return 0;
  let sum = 0;
  for (let at = 0; at < a.length; at += 4) sum += a.readFloatLE(at) * b.readFloatLE(at);
  return Math.max(-1, Math.min(1, sum));
}

/** Of a file or of a voice: another one takes the place of what was there, the same changes nothing. */
export async function keepPrint({ queries, nowMs }: Studio, owner: Owner, of: { readonly fileId: string } | { readonly voiceId: string }, print: Print): Promise<PrintRow> {
  const vector = checkedBytes(print);
  const kept = { version: print.version, hash: print.hash, vector };
  const [row] = await queries
    .insert(embeddings)
    .values({ id: newId(nowMs()), ownerId: owner.id, ...of, ...kept, createdAt: new Date(nowMs()) })
    .onConflictDoUpdate({ target: 'fileId' in of ? embeddings.fileId : embeddings.voiceId, set: kept })
    .returning();
  return row!;
}

/** The voice made of a file has its print. */
export async function copyPrint(writer: Writer, fileId: string, voiceId: string, nowMs: number): Promise<void> {
  const [print] = await writer.select().from(embeddings).where(eq(embeddings.fileId, fileId));
  if (print) await writer.insert(embeddings).values({ ...print, id: newId(nowMs), fileId: null, voiceId }).onConflictDoNothing();
}
