/**
 * Making voices. It is paid, so it happens once for a sample and a model: a row says that it is being made before anything is asked
 * of the provider, and whoever comes after an outcome that nobody knows looks for the voice first.
 */
import { and, eq, lte, sql } from 'drizzle-orm';
import { AppError } from '../../shared/errors.ts';
import { auditLogs, embeddings, ttsRequests, voices } from '../database/schema.ts';
import { newId } from '../ids.ts';
import type { Owner } from './owners.ts';
import { copyPrint } from './prints.ts';
import type { FileFacts, Samples } from './samples.ts';
import { providerOf, rulesOf, type Studio, untilDone } from './studio.ts';
import type { SeenVoice, Voices } from './voices.ts';

export interface VoiceWish {
  readonly file_id: string;
  readonly model: string;
  readonly name: string;
  readonly description: string;
  readonly language: string;
  readonly tags: readonly string[];
  readonly public: boolean;
  readonly transcript?: string | undefined;
  readonly sample_text?: string | undefined;
  readonly consent: boolean;
}

export interface Cloning {
  /** @throws AppError 'speech/consent', 'speech/model', 'speech/sample-gone', 'speech/being-made', 'speech/quota', 'server/not-found', 'upstream/*' */
  make(owner: Owner, wish: VoiceWish): Promise<{ readonly voice: SeenVoice; readonly duplicated: boolean }>;
  /** With its print, its sample and what its owner had it say. @throws AppError 'server/not-found' */
  remove(owner: Owner | null, id: string): Promise<void>;
  /** Voices that were never finished. @returns how many */
  clean(): Promise<number>;
}

/** Making one takes no longer; after that somebody else may go on. */
const MAKING_MS = 3 * 60_000;
/** Nobody came back for it. */
const FORGOTTEN_MS = 7 * 24 * 3600 * 1000;
/** After these nobody knows whether a voice was made. */
const UNKNOWN_OUTCOMES = new Set(['upstream/timeout', 'upstream/failed', 'job/cancelled', 'internal']);

export function createCloning(studio: Studio, samples: Samples, seen: Voices): Cloning {
  const { queries, nowMs, quotas } = studio;

  const made = (file: FileFacts, model: string, place: string) => and(eq(voices.fileId, file.id), eq(voices.model, model), eq(voices.place, place));

  /** @returns the row that is now ours to finish, and whether somebody tried before; null where it is finished or somebody else is at it */
  async function claim(owner: Owner, file: FileFacts, wish: VoiceWish, place: string): Promise<{ readonly id: string; readonly wasTried: boolean } | null> {
    const [id, now, makingUntil] = [newId(nowMs()), new Date(nowMs()), new Date(nowMs() + MAKING_MS)];
    const said = { name: wish.name, description: wish.description, language: wish.language, tags: wish.tags, isPublic: wish.public, sampleText: wish.sample_text ?? null, consentedAt: now, updatedAt: now, makingUntil };
    const [row] = await queries
      .insert(voices)
      .values({ id, ownerId: owner.id, kind: 'cloned', status: 'making', model: wish.model, models: [wish.model], place, fileId: file.id, createdAt: now, ...said })
      .onConflictDoUpdate({
        target: [voices.fileId, voices.model, voices.place], targetWhere: sql`file_id IS NOT NULL`, set: said,
        setWhere: and(eq(voices.status, 'making'), lte(voices.makingUntil, now))!,
      })
      .returning({ id: voices.id });
    return row ? { id: row.id, wasTried: row.id !== id } : null;
  }

  return {
    async make(owner, wish) {
      if (!wish.consent) throw new AppError('speech/consent');
      const provider = providerOf(studio);
      if (!rulesOf(studio, wish.model).canClone) throw new AppError('speech/model', { model: wish.model });
      const file = await samples.get(owner, wish.file_id);
      const [known] = await queries.select({ id: voices.id, status: voices.status }).from(voices).where(made(file, wish.model, provider.place));
      if (known?.status === 'ready') return { voice: await seen.own(owner, known.id), duplicated: true };
      const giveBack = await quotas.reserve(owner, { voices: 1 });
      const claimed = await claim(owner, file, wish, provider.place);
      if (!claimed) {
        await giveBack();
        const [now] = await queries.select({ id: voices.id, status: voices.status }).from(voices).where(made(file, wish.model, provider.place));
        if (now?.status !== 'ready') throw new AppError('speech/being-made');
        return { voice: await seen.own(owner, now.id), duplicated: true };
      }
      const signal = untilDone();
      try {
        const { voice } = await samples.withCopy(file, (fileId) => provider.clone({ model: wish.model, fileId, transcript: wish.transcript ?? '', wasTried: claimed.wasTried }, signal), signal);
        await queries.transaction(async (transaction) => {
          await transaction.update(voices).set({ status: 'ready', providerVoice: voice, makingUntil: null }).where(eq(voices.id, claimed.id));
          await copyPrint(transaction, file.id, claimed.id, nowMs());
          await transaction.insert(auditLogs).values({ at: new Date(nowMs()), userId: owner.kind === 'account' ? owner.id : null, action: 'voice.made', detail: { voice: claimed.id, model: wish.model, consent: true } });
        });
      } catch (thrown) {
        await giveBack();
        const isUnknown = !(thrown instanceof AppError) || UNKNOWN_OUTCOMES.has(thrown.code);
        // The next one may go on at once, and looks first.
        if (isUnknown) await queries.update(voices).set({ makingUntil: new Date(nowMs()) }).where(eq(voices.id, claimed.id));
        else if (!claimed.wasTried) await queries.delete(voices).where(eq(voices.id, claimed.id));
        else await queries.update(voices).set({ makingUntil: new Date(nowMs()) }).where(eq(voices.id, claimed.id));
        throw thrown;
      }
      await quotas.count(owner, { calls: 1, seconds: 0 });
      await samples.used(file, AbortSignal.timeout(10_000));
      return { voice: await seen.own(owner, claimed.id), duplicated: false };
    },

    async remove(owner, id) {
      const voice = await seen.own(owner, id);
      await queries.transaction(async (transaction) => {
        await transaction.delete(ttsRequests).where(and(eq(ttsRequests.voiceId, voice.id), eq(ttsRequests.ownerId, voice.ownerId!)));
        if (voice.fileId !== null) await transaction.delete(embeddings).where(eq(embeddings.fileId, voice.fileId));
        await transaction.delete(voices).where(eq(voices.id, voice.id));
        await transaction.insert(auditLogs).values({ at: new Date(nowMs()), userId: owner?.kind === 'account' ? owner.id : null, action: 'voice.deleted', detail: { voice: voice.id } });
      });
    },

    async clean() {
      const old = new Date(nowMs() - FORGOTTEN_MS);
      return (await queries.delete(voices).where(and(eq(voices.status, 'making'), lte(voices.makingUntil, old))).returning({ id: voices.id })).length;
    },
  };
}
