/** Voices as people see them: their own, and the public ones. A voice that is private to somebody else is none. */
import { and, asc, desc, eq, getTableColumns, gt, ilike, lt, ne, or, sql, type SQL } from 'drizzle-orm';
import { z } from 'zod';
import { AppError } from '../../shared/errors.ts';
import { embeddings, voices } from '../database/schema.ts';
import { newId } from '../ids.ts';
import type { Owner } from './owners.ts';
import { likeness } from './prints.ts';
import type { Studio } from './studio.ts';

export type VoiceRow = Omit<typeof voices.$inferSelect, 'sampleSealed'>;
export interface SeenVoice extends VoiceRow {
  readonly print: { readonly version: string; readonly hash: string } | null;
}

export type Sort = 'newest' | 'most_used' | 'name';

export interface VoiceQuery {
  readonly scope: 'mine' | 'public' | 'all';
  readonly search: string;
  readonly language?: string | undefined;
  readonly model?: string | undefined;
  readonly tag?: string | undefined;
  readonly kind?: 'cloned' | 'system' | undefined;
  readonly sort: Sort;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

const { sampleSealed: _sound, ...shown } = getTableColumns(voices);
/** So many of the newest are compared with one. */
const MOST_COMPARED = 2000;
/** What the provider brings along is asked for this often. ms */
const SYNC_MS = 12 * 3600 * 1000;
const SYNC_AGAIN_MS = 60_000;

/** In a pattern these stand for others; here they stand for themselves. */
const literally = (text: string): string => text.replace(/[\\%_]/g, (letter) => `\\${letter}`);

const cursorSchema = z.tuple([z.enum(['newest', 'most_used', 'name']), z.union([z.string(), z.number()]), z.uuid()]);
const cursorOf = (sort: Sort, { createdAt, calls, name, id }: VoiceRow): string => Buffer.from(JSON.stringify([sort, { newest: createdAt.toISOString(), most_used: calls, name: name.toLowerCase() }[sort], id])).toString('base64url');

function readCursor(cursor: string, sort: Sort): { readonly value: string | number; readonly id: string } {
  try {
    const [of, value, id] = cursorSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
    if (of === sort && (sort === 'most_used') === (typeof value === 'number') && (sort !== 'newest' || !Number.isNaN(Date.parse(value as string)))) return { value, id };
  } catch {
    // Below.
  }
  throw new AppError('request/invalid', { detail: 'query.cursor: not one of ours' });
}

/** Behind a place in the order, the ids being what decides between equals. */
function behind(sort: Sort, cursor: string): SQL {
  const { value, id } = readCursor(cursor, sort);
  const [isBehind, isEqual] = {
    newest: () => [lt(voices.createdAt, new Date(value)), eq(voices.createdAt, new Date(value))],
    most_used: () => [lt(voices.calls, Number(value)), eq(voices.calls, Number(value))],
    name: () => [sql`lower(${voices.name}) > ${value}`, sql`lower(${voices.name}) = ${value}`],
  }[sort]() as [SQL, SQL];
  return or(isBehind, and(isEqual, gt(voices.id, id)))!;
}

export interface Voices {
  list(owner: Owner | null, query: VoiceQuery): Promise<{ readonly voices: SeenVoice[]; readonly nextCursor: string | null; readonly total: number; readonly filters: { readonly languages: string[]; readonly models: string[]; readonly tags: string[] } }>;
  /** One's own or a public one. @throws AppError 'server/not-found' */
  seen(owner: Owner | null, id: string): Promise<SeenVoice>;
  /** @throws AppError 'server/not-found' for every voice of somebody else, a public one too */
  own(owner: Owner | null, id: string): Promise<SeenVoice>;
  change(owner: Owner | null, id: string, what: Partial<Pick<VoiceRow, 'name' | 'description' | 'language' | 'tags' | 'isPublic'>>): Promise<SeenVoice>;
  nearest(owner: Owner | null, id: string, limit: number): Promise<readonly { readonly voice: SeenVoice; readonly similarity: number }[]>;
}

export function createVoices({ queries, nowMs, provider }: Studio): Voices {
  let syncedUntilMs = 0;
  let syncing: Promise<void> | null = null;

  async function sync(): Promise<void> {
    if (!provider) return;
    const now = new Date(nowMs());
    const rows = (await provider.systemVoices(AbortSignal.timeout(10_000))).map(({ id, name, description, language, tags, models }) => ({
      id: newId(nowMs()), kind: 'system' as const, status: 'ready' as const, name, description, model: models[0]!, models, language, tags, isPublic: true, place: provider.place, providerVoice: id, createdAt: now, updatedAt: now,
    }));
    if (rows.length === 0) return;
    await queries.insert(voices).values(rows).onConflictDoUpdate({
      target: [voices.place, voices.providerVoice], targetWhere: sql`kind = 'system'`,
      set: { name: sql`excluded.name`, description: sql`excluded.description`, model: sql`excluded.model`, models: sql`excluded.models`, language: sql`excluded.language`, tags: sql`excluded.tags` },
    });
  }

  /** The provider's own voices are among ours. Without an answer the list is shown as it was. */
  async function synced(): Promise<void> {
    if (nowMs() < syncedUntilMs) return;
    syncing ??= sync()
      .then(() => (syncedUntilMs = nowMs() + SYNC_MS), () => (syncedUntilMs = nowMs() + SYNC_AGAIN_MS))
      .then(() => void (syncing = null));
    await syncing;
  }

  const isReady = eq(voices.status, 'ready');
  /** What the provider brought along in another place cannot speak here and is nobody's. */
  const isHere = or(eq(voices.kind, 'cloned'), eq(voices.place, provider?.place ?? ''))!;
  const isMine = (owner: Owner | null): SQL => (owner ? eq(voices.ownerId, owner.id) : sql`false`);
  /** Others' that cannot speak here are of no use to anybody. */
  const isPublic = and(eq(voices.isPublic, true), eq(voices.place, provider?.place ?? ''))!;
  const inScope = (owner: Owner | null, scope: VoiceQuery['scope']): SQL => and(isReady, isHere, { mine: () => isMine(owner), public: () => isPublic, all: () => or(isMine(owner), isPublic)! }[scope]())!;

  const select = () => queries.select({ ...shown, printVersion: embeddings.version, printHash: embeddings.hash }).from(voices).leftJoin(embeddings, eq(embeddings.voiceId, voices.id));
  const seenOf = ({ printVersion, printHash, ...row }: VoiceRow & { readonly printVersion: string | null; readonly printHash: string | null }): SeenVoice => ({
    ...row, print: printVersion !== null && printHash !== null ? { version: printVersion, hash: printHash } : null,
  });

  async function one(where: SQL): Promise<SeenVoice> {
    const [found] = await select().where(where);
    if (!found) throw new AppError('server/not-found');
    return seenOf(found);
  }

  const api: Voices = {
    seen: (owner, id) => one(and(eq(voices.id, id), isReady, isHere, or(isMine(owner), eq(voices.isPublic, true)))!),
    own: (owner, id) => one(and(eq(voices.id, id), isReady, isMine(owner))!),

    async list(owner, { scope, search, language, model, tag, kind, sort, limit, cursor }) {
      await synced();
      const scoped = inScope(owner, scope);
      const pattern = `%${literally(search)}%`;
      const wanted = and(
        scoped,
        search === '' ? undefined : or(ilike(voices.name, pattern), ilike(voices.description, pattern), sql`${voices.tags}::text ILIKE ${pattern}`),
        // "zh" is every Chinese.
        language === undefined ? undefined : or(ilike(voices.language, literally(language)), ilike(voices.language, `${literally(language)}-%`)),
        model === undefined ? undefined : sql`${voices.models} @> ${JSON.stringify([model])}::jsonb`,
        tag === undefined ? undefined : sql`${voices.tags} @> ${JSON.stringify([tag])}::jsonb`,
        kind === undefined ? undefined : eq(voices.kind, kind),
      )!;
      const order = { newest: desc(voices.createdAt), most_used: desc(voices.calls), name: asc(sql`lower(${voices.name})`) }[sort];
      const rows = await select().where(cursor === undefined ? wanted : and(wanted, behind(sort, cursor))).orderBy(order, voices.id).limit(limit + 1);
      const page = rows.slice(0, limit).map(seenOf);
      const [[count], languages, models, tags] = [
        await queries.select({ total: sql<number>`count(*)`.mapWith(Number) }).from(voices).where(wanted),
        await queries.selectDistinct({ value: voices.language }).from(voices).where(and(scoped, ne(voices.language, ''))),
        await queries.execute<{ value: string }>(sql`SELECT DISTINCT value FROM ${voices}, jsonb_array_elements_text(${voices.models}) AS value WHERE ${scoped}`),
        await queries.execute<{ value: string }>(sql`SELECT DISTINCT value FROM ${voices}, jsonb_array_elements_text(${voices.tags}) AS value WHERE ${scoped} LIMIT 200`),
      ];
      const sorted = (values: Iterable<{ readonly value: string }>): string[] => [...values].map(({ value }) => value).sort();
      return { voices: page, nextCursor: rows.length > limit ? cursorOf(sort, page.at(-1)!) : null, total: count!.total, filters: { languages: sorted(languages), models: sorted(models), tags: sorted(tags) } };
    },

    async change(owner, id, what) {
      const { id: mine } = await api.own(owner, id);
      await queries.update(voices).set({ ...what, updatedAt: new Date(nowMs()) }).where(eq(voices.id, mine));
      return api.own(owner, id);
    },

    async nearest(owner, id, limit) {
      const of = await api.seen(owner, id);
      const [print] = await queries.select().from(embeddings).where(eq(embeddings.voiceId, of.id));
      if (!print) return [];
      const others = await queries
        .select({ id: voices.id, vector: embeddings.vector })
        .from(embeddings).innerJoin(voices, eq(voices.id, embeddings.voiceId))
        .where(and(eq(embeddings.version, print.version), ne(voices.id, of.id), inScope(owner, 'all')))
        .orderBy(desc(voices.createdAt)).limit(MOST_COMPARED);
      const near = others.map(({ id: other, vector }) => ({ other, similarity: likeness(print.vector, vector) })).sort((a, b) => b.similarity - a.similarity).slice(0, limit);
      const found: { voice: SeenVoice; similarity: number }[] = [];
      for (const { other, similarity } of near) found.push({ voice: await api.seen(owner, other), similarity });
      return found;
    },
  };
  return api;
}

/** Uses are counted where they happen, by whomever. */
export async function countVoiceUse({ queries }: Pick<Studio, 'queries'>, id: string, seconds: number): Promise<void> {
  await queries.update(voices).set({ calls: sql`${voices.calls} + 1`, seconds: sql`${voices.seconds} + ${seconds}` }).where(eq(voices.id, id));
}
