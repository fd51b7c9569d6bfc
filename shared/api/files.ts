/** Samples of a speaker on their way to a voice: kept encrypted, and no longer than needed. */
import { z } from 'zod';
import { rawBody, route } from './contract.ts';

const id = z.object({ id: z.uuid() });

export const sampleFile = z.object({
  id: z.uuid(), name: z.string(), content_type: z.enum(['audio/wav', 'audio/mpeg']), bytes: z.number().int(),
  /** Hexadecimal, of the bytes. */
  sha256: z.string(),
  seconds: z.number(),
  created_at: z.iso.datetime(),
  /** Its bytes are deleted then, or as soon as a voice was made of it. */
  expires_at: z.iso.datetime(),
});

/**
 * Not a JSON body: `multipart/form-data` with one part `file`, or the bytes alone with `Content-Type: audio/wav` or `audio/mpeg` and
 * the name in the query.
 */
export const uploadFile = route('post', '/files/upload', {
  summary: 'Upload a sample: WAV or MP3, 5 to 10 s, 10 MB at most. The same bytes again answer the file that is there.', status: 201,
  access: 'guest', isEnveloped: true,
  query: z.object({ name: z.string().trim().max(200).optional() }), body: rawBody, answer: sampleFile,
  errors: ['audio/empty', 'audio/decode-failed', 'speech/sample-type', 'speech/sample-length', 'request/too-large', 'account/too-many-tries', 'account/origin'],
});

export const getFile = route('get', '/files/{id}', { summary: 'What is known of an uploaded sample.', access: 'guest', isEnveloped: true, params: id, answer: sampleFile, errors: ['server/not-found'] });

export const deleteFile = route('delete', '/files/{id}', { summary: 'Delete a sample, and its voice print where no voice has it.', access: 'guest', isEnveloped: true, params: id, answer: z.object({ id: z.uuid(), deleted: z.literal(true) }), errors: ['server/not-found', 'account/origin'] });
