/** Speech in a voice: asked for, streamed, kept for a while and got again. */
import { z } from 'zod';
import { route, sound } from './contract.ts';
import { audioFormat, sampleRate, SPEECH_LIMITS, UPSTREAM_ERRORS } from './speech.ts';

const id = z.object({ id: z.uuid() });

export const result = z.object({
  id: z.uuid(),
  /** Null: the preview of a sample, or a voice that is deleted. */
  voice_id: z.uuid().nullable(), voice_name: z.string().nullable(), model: z.string(), text: z.string(),
  format: audioFormat, sample_rate: z.number().int(), content_type: z.string(), bytes: z.number().int(),
  /** Null where the format does not tell (mp3, flac, opus). */
  seconds: z.number().nullable(),
  /** Under /api; needs the caller, like every other route. */
  audio_url: z.string(),
  /** Nothing was spoken anew, and nothing paid. */
  cached: z.boolean(),
  is_emulated: z.boolean(),
  created_at: z.iso.datetime(), expires_at: z.iso.datetime(),
});
export type SpeechResult = z.output<typeof result>;

/** What every model takes. Which of the others a model takes stands in GET /speech/models; anything else is refused before it is paid. */
export const speakBody = z.object({
  voice_id: z.uuid(),
  /** Without one: the voice's own. */
  model: z.string().min(1).max(60).optional(),
  text: z.string().trim().min(1).max(SPEECH_LIMITS.textLength),
  format: audioFormat.default('wav'), sample_rate: sampleRate.default(24000),
  speed: z.number().min(0.5).max(2).default(1), volume: z.number().min(0.1).max(2).default(1),
  /** Models with `manner.kind` instruction. */
  instruction: z.string().trim().min(1).max(500).optional(),
  /** Models with `manner.kind` label. */
  voice_label: z.union([z.strictObject({ language: z.string().min(1).max(30) }), z.strictObject({ emotion: z.string().min(1).max(30) }), z.strictObject({ style: z.string().min(1).max(30) })]).optional(),
  text_normalization: z.enum(['standard', 'enhanced']).optional(), markdown_filter: z.boolean().optional(),
  /** "阿胶/e1胶": how to say it. */
  pronunciations: z.array(z.string().min(3).max(60)).max(50).optional(),
  stream: z.boolean().default(false),
});

/**
 * With `stream` false: JSON, the result. With `stream` true: `text/event-stream` (status 200), each event one `data:` line of
 * `speechEvent` JSON. The order is start, audio ..., done; or an error at any place, after which nothing comes. A failure before
 * the first event is JSON with its status, as everywhere. `wav` and `pcm` stream as raw 16-bit little-endian mono frames
 * (`encoding` pcm_s16le), cut anywhere between frames, so that they can be played as they come; the kept result of `wav` is a WAV file.
 */
export const speak = route('post', '/tts/generate', {
  summary: 'Speak a text. Equal requests are answered from what is kept.', status: 201,
  access: 'guest', isEnveloped: true, body: speakBody, answer: result,
  errors: ['server/not-found', 'speech/model', 'speech/option', 'speech/nothing-to-say', 'account/origin', ...UPSTREAM_ERRORS],
});

export const speechEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('start'), id: z.uuid(), encoding: z.enum(['pcm_s16le', 'mp3', 'flac', 'opus']), sample_rate: z.number().int(), cached: z.boolean(), is_emulated: z.boolean() }),
  /** base64. */
  z.object({ type: z.literal('audio'), audio: z.string() }),
  z.object({ type: z.literal('done'), result }),
  z.object({ type: z.literal('error'), error: z.object({ code: z.string(), message: z.string(), detail: z.record(z.string(), z.unknown()).optional() }) }),
]);
export type SpeechEvent = z.output<typeof speechEvent>;

export const listResults = route('get', '/tts', {
  summary: 'What was spoken for the caller and is still kept, newest first.',
  access: 'guest', isEnveloped: true,
  query: z.object({ voice_id: z.uuid().optional(), limit: z.coerce.number().int().min(1).max(100).default(20), cursor: z.string().max(200).optional() }),
  answer: z.object({ results: z.array(result), next_cursor: z.string().nullable() }),
});

export const getResult = route('get', '/tts/{id}', { summary: 'One result.', access: 'guest', isEnveloped: true, params: id, answer: result, errors: ['server/not-found'] });

/** Answers audio bytes, not JSON; a failure is the envelope. `download=1`: as a file to keep. */
export const resultAudio = route('get', '/tts/{id}/audio', {
  summary: 'Its sound. Audio bytes.',
  access: 'guest', isEnveloped: true, params: id, query: z.object({ download: z.enum(['0', '1']).default('0') }), answer: sound, errors: ['server/not-found'],
});

export const deleteResult = route('delete', '/tts/{id}', { summary: 'Delete it.', access: 'guest', isEnveloped: true, params: id, answer: z.object({ id: z.uuid(), deleted: z.literal(true) }), errors: ['server/not-found', 'account/origin'] });
