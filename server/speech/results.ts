/** What was spoken: kept encrypted for a while, found again by everything that made it sound as it does. */
import { createHash } from 'node:crypto';
import { and, desc, eq, getTableColumns, gt, isNotNull, lt, lte, or, sql } from 'drizzle-orm';
import { AppError } from '../../shared/errors.ts';
import { ttsRequests } from '../database/schema.ts';
import type { AudioFormat } from './contract.ts';
import type { Owner } from './owners.ts';
import type { Studio } from './studio.ts';
import { readWav } from './wav.ts';

const { sealed: _sound, ...facts } = getTableColumns(ttsRequests);
export type ResultRow = Omit<typeof ttsRequests.$inferSelect, 'sealed'>;

/** What a result is of. */
export interface Made {
  readonly voiceId: string | null;
  readonly voiceName: string | null;
  readonly model: string;
  readonly text: string;
  readonly format: AudioFormat;
  readonly sampleRate: number;
  readonly characters: number;
  readonly cacheKey: string;
}

export interface Results {
  /** What was made with the same key and is still kept. */
  cached(owner: Owner, cacheKey: string): Promise<ResultRow | null>;
  keep(owner: Owner, id: string, made: Made, bytes: Uint8Array): Promise<ResultRow>;
  get(owner: Owner | null, id: string): Promise<ResultRow>;
  sound(owner: Owner | null, id: string): Promise<{ readonly row: ResultRow; readonly bytes: Buffer }>;
  list(owner: Owner | null, query: { readonly voiceId?: string | undefined; readonly limit: number; readonly cursor?: string | undefined }): Promise<{ readonly rows: ResultRow[]; readonly nextCursor: string | null }>;
  remove(owner: Owner | null, id: string): Promise<void>;
  /** What is older than it may be, and what is more than anybody may keep. @returns how many */
  clean(): Promise<number>;
}

const DAY_MS = 24 * 3600 * 1000;
const KEPT_MS = { account: 30 * DAY_MS, guest: 7 * DAY_MS } as const;
/** Of one owner; the newest are kept. */
const MOST_KEPT = 200;
const about = (id: string): string => `result ${id}`;

export const CONTENT_TYPES: Readonly<Record<AudioFormat, string>> = { wav: 'audio/wav', mp3: 'audio/mpeg', flac: 'audio/flac', opus: 'audio/ogg', pcm: 'audio/pcm' };

export const cacheKeyOf = (parts: readonly unknown[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('hex');

/** s, where the format tells. */
export function secondsOf(bytes: Uint8Array, format: AudioFormat, sampleRate: number): number | null {
  if (format === 'pcm') return bytes.length / 2 / sampleRate;
  const wav = format === 'wav' ? readWav(bytes) : null;
  return wav && wav.frames / wav.sampleRate;
}

function readCursor(cursor: string): { readonly createdAt: Date; readonly id: string } {
  const [at = '', id = ''] = Buffer.from(cursor, 'base64url').toString().split(' ');
  const createdAt = new Date(at);
  if (Number.isNaN(createdAt.getTime()) || !/^[0-9a-f-]{36}$/.test(id)) throw new AppError('request/invalid', { detail: 'query.cursor: not one of ours' });
  return { createdAt, id };
}

export function createResults({ queries, nowMs, seal, provider }: Studio): Results {
  const mine = (owner: Owner | null, id: string) => (owner ? and(eq(ttsRequests.id, id), eq(ttsRequests.ownerId, owner.id), gt(ttsRequests.expiresAt, new Date(nowMs()))) : sql`false`);

  return {
    async cached(owner, cacheKey) {
      const [row] = await queries.select(facts).from(ttsRequests).where(and(eq(ttsRequests.ownerId, owner.id), eq(ttsRequests.cacheKey, cacheKey), gt(ttsRequests.expiresAt, new Date(nowMs()))));
      return row ?? null;
    },

    async keep(owner, id, { voiceId, voiceName, model, text, format, sampleRate, characters, cacheKey }, bytes) {
      const row = {
        id, voiceId, voiceName, model, text, format, sampleRate, characters, bytes: bytes.length, seconds: secondsOf(bytes, format, sampleRate), isEmulated: provider?.name === 'emulator',
        sealed: seal.close(bytes, about(id)), createdAt: new Date(nowMs()), expiresAt: new Date(nowMs() + KEPT_MS[owner.kind]),
      };
      const [kept] = await queries.insert(ttsRequests).values({ ...row, ownerId: owner.id, cacheKey }).onConflictDoUpdate({ target: [ttsRequests.ownerId, ttsRequests.cacheKey], set: row }).returning(facts);
      return kept!;
    },

    async get(owner, id) {
      const [row] = await queries.select(facts).from(ttsRequests).where(mine(owner, id));
      if (!row) throw new AppError('server/not-found');
      return row;
    },

    async sound(owner, id) {
      const [found] = await queries.select().from(ttsRequests).where(mine(owner, id));
      if (!found) throw new AppError('server/not-found');
      const { sealed, ...row } = found;
      return { row, bytes: seal.open(sealed, about(id)) };
    },

    async list(owner, { voiceId, limit, cursor }) {
      if (!owner) return { rows: [], nextCursor: null };
      const after = cursor === undefined ? null : readCursor(cursor);
      const rows = await queries.select(facts).from(ttsRequests).where(and(
        eq(ttsRequests.ownerId, owner.id), gt(ttsRequests.expiresAt, new Date(nowMs())),
        // Previews are heard where they are asked for, and nowhere else.
        isNotNull(ttsRequests.voiceName),
        voiceId === undefined ? undefined : eq(ttsRequests.voiceId, voiceId),
        after === null ? undefined : or(lt(ttsRequests.createdAt, after.createdAt), and(eq(ttsRequests.createdAt, after.createdAt), gt(ttsRequests.id, after.id))),
      )).orderBy(desc(ttsRequests.createdAt), ttsRequests.id).limit(limit + 1);
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      return { rows: page, nextCursor: rows.length > limit && last ? Buffer.from(`${last.createdAt.toISOString()} ${last.id}`).toString('base64url') : null };
    },

    async remove(owner, id) {
      const gone = owner ? await queries.delete(ttsRequests).where(and(eq(ttsRequests.id, id), eq(ttsRequests.ownerId, owner.id))).returning({ id: ttsRequests.id }) : [];
      if (gone.length === 0) throw new AppError('server/not-found');
    },

    async clean() {
      const old = await queries.delete(ttsRequests).where(lte(ttsRequests.expiresAt, new Date(nowMs()))).returning({ id: ttsRequests.id });
      const many = await queries.execute(sql`DELETE FROM ${ttsRequests} WHERE id IN (SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY owner_id ORDER BY created_at DESC, id) AS place FROM ${ttsRequests}) AS placed WHERE place > ${MOST_KEPT}) RETURNING id`);
      return old.length + [...many].length;
    },
  };
}

