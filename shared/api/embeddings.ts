/** Voice prints: what makes two voices near each other. Computed where the sample is, on the device; kept and compared here. */
import { z } from 'zod';
import { route } from './contract.ts';

export const EMBEDDING_DIMENSIONS = 256;
/** How far the length of the vector may be from one. */
export const EMBEDDING_NORM_ERROR = 1e-3;

export const embedding = z.object({
  id: z.uuid(), file_id: z.uuid().nullable(), voice_id: z.uuid().nullable(),
  /** Of the computation: only prints of one version are compared. */
  version: z.string(), hash: z.string(), dimensions: z.literal(EMBEDDING_DIMENSIONS), created_at: z.iso.datetime(),
});

/**
 * `vector` has length one (L2, ±0.001); `hash` is the SHA-256, in hexadecimal, of its values as 32-bit floats, little-endian, in order.
 * Exactly one of `file_id` and `voice_id`. The voice made of the file has its print.
 */
export const storeEmbedding = route('post', '/embeddings/generate', {
  summary: 'Keep the voice print of a sample or of a voice. The same again changes nothing; another one takes its place.', status: 201,
  access: 'guest', isEnveloped: true,
  body: z.object({
    file_id: z.uuid().optional(), voice_id: z.uuid().optional(),
    vector: z.array(z.number()).length(EMBEDDING_DIMENSIONS),
    version: z.string().trim().regex(/^[\w.:-]{1,60}$/),
    hash: z.string().regex(/^[0-9a-f]{64}$/),
  }),
  answer: embedding,
  errors: ['speech/embedding', 'server/not-found', 'account/origin', 'account/too-many-tries'],
});
