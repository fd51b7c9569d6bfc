/** What a day allows: reserved before it is paid, given back where nothing came of it. Counted in the database, so that all instances count together. */
import { and, eq, sql } from 'drizzle-orm';
import { AppError } from '../../shared/errors.ts';
import type { Queries } from '../database/open-database.ts';
import { speechUsage } from '../database/schema.ts';
import type { Owner } from './owners.ts';

export interface Allowance {
  /** As they are billed. */
  readonly characters: number;
  readonly voices: number;
}

export type Allowances = Readonly<Record<Owner['kind'], Allowance>>;

export const ALLOWANCES: Allowances = { account: { characters: 50_000, voices: 20 }, guest: { characters: 10_000, voices: 3 } };

export interface Day {
  readonly calls: number;
  readonly seconds: number;
  readonly characters: number;
  readonly voices: number;
}

const DAY_MS = 24 * 3600 * 1000;
const dayOf = (nowMs: number): string => new Date(nowMs).toISOString().slice(0, 10);
export const endOfDay = (nowMs: number): Date => new Date((Math.floor(nowMs / DAY_MS) + 1) * DAY_MS);

export interface Quotas {
  readonly allowances: Allowances;
  today(owner: Owner | null): Promise<Day>;
  total(owner: Owner | null): Promise<Pick<Day, 'calls' | 'seconds'>>;
  /**
   * @returns what gives it back
   * @throws AppError 'speech/quota'
   */
  reserve(owner: Owner, what: Partial<Pick<Day, 'characters' | 'voices'>>): Promise<() => Promise<void>>;
  count(owner: Owner, what: Pick<Day, 'calls' | 'seconds'>): Promise<void>;
}

export interface QuotaParts {
  readonly queries: Queries;
  readonly nowMs: () => number;
  readonly allowances?: Allowances | undefined;
}

export function createQuotas({ queries, nowMs, allowances = ALLOWANCES }: QuotaParts): Quotas {
  return {
    allowances,
    async today(owner) {
      const [row] = owner ? await queries.select().from(speechUsage).where(and(eq(speechUsage.ownerId, owner.id), eq(speechUsage.day, dayOf(nowMs())))) : [];
      return { calls: row?.calls ?? 0, seconds: row?.seconds ?? 0, characters: row?.characters ?? 0, voices: row?.voices ?? 0 };
    },
    async total(owner) {
      if (!owner) return { calls: 0, seconds: 0 };
      const [row] = await queries
        .select({ calls: sql<number>`coalesce(sum(${speechUsage.calls}), 0)`.mapWith(Number), seconds: sql<number>`coalesce(sum(${speechUsage.seconds}), 0)`.mapWith(Number) })
        .from(speechUsage).where(eq(speechUsage.ownerId, owner.id));
      return row!;
    },
    async reserve(owner, { characters = 0, voices = 0 }) {
      const allowed = allowances[owner.kind];
      const day = dayOf(nowMs());
      const isTooMuch = characters > allowed.characters || voices > allowed.voices;
      const [kept] = isTooMuch ? [] : await queries
        .insert(speechUsage)
        .values({ ownerId: owner.id, day, characters, voices })
        .onConflictDoUpdate({
          target: [speechUsage.ownerId, speechUsage.day],
          set: { characters: sql`${speechUsage.characters} + ${characters}`, voices: sql`${speechUsage.voices} + ${voices}` },
          setWhere: sql`${speechUsage.characters} + ${characters} <= ${allowed.characters} AND ${speechUsage.voices} + ${voices} <= ${allowed.voices}`,
        })
        .returning({ day: speechUsage.day });
      if (!kept) {
        const detail = voices > 0 ? `${allowed.voices} voices` : `${allowed.characters} characters`;
        throw new AppError('speech/quota', { detail, seconds: Math.ceil((endOfDay(nowMs()).getTime() - nowMs()) / 1000) });
      }
      return async () => {
        await queries
          .update(speechUsage)
          .set({ characters: sql`greatest(0, ${speechUsage.characters} - ${characters})`, voices: sql`greatest(0, ${speechUsage.voices} - ${voices})` })
          .where(and(eq(speechUsage.ownerId, owner.id), eq(speechUsage.day, day)));
      };
    },
    async count(owner, { calls, seconds }) {
      await queries
        .insert(speechUsage)
        .values({ ownerId: owner.id, day: dayOf(nowMs()), calls, seconds })
        .onConflictDoUpdate({ target: [speechUsage.ownerId, speechUsage.day], set: { calls: sql`${speechUsage.calls} + ${calls}`, seconds: sql`${speechUsage.seconds} + ${seconds}` } });
    },
  };
}
