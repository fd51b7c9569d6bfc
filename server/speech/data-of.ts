/** All that the voice studio keeps of somebody, as plain data; sound and voice prints are got by their own addresses. */
import { eq } from 'drizzle-orm';
import type { Queries } from '../database/open-database.ts';
import { files, speechUsage, ttsRequests, voices } from '../database/schema.ts';

export async function studioDataOf(queries: Queries, ownerId: string): Promise<Record<string, unknown>> {
  return {
    samples: await queries.select({ id: files.id, name: files.name, sha256: files.sha256, seconds: files.seconds, createdAt: files.createdAt, expiresAt: files.expiresAt }).from(files).where(eq(files.ownerId, ownerId)),
    voices: await queries
      .select({ id: voices.id, name: voices.name, description: voices.description, model: voices.model, language: voices.language, tags: voices.tags, public: voices.isPublic, consentedAt: voices.consentedAt, calls: voices.calls, seconds: voices.seconds, createdAt: voices.createdAt })
      .from(voices).where(eq(voices.ownerId, ownerId)),
    speech: await queries.select({ id: ttsRequests.id, voice: ttsRequests.voiceId, text: ttsRequests.text, model: ttsRequests.model, createdAt: ttsRequests.createdAt }).from(ttsRequests).where(eq(ttsRequests.ownerId, ownerId)),
    speechUsage: await queries.select({ day: speechUsage.day, calls: speechUsage.calls, seconds: speechUsage.seconds, characters: speechUsage.characters, voices: speechUsage.voices }).from(speechUsage).where(eq(speechUsage.ownerId, ownerId)),
  };
}
