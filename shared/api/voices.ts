/** Voices: cloned ones, and those that the speech service brings along. */
import { z } from 'zod';
import { route, sound } from './contract.ts';
import { result } from './tts.ts';
import { SPEECH_LIMITS, UPSTREAM_ERRORS } from './speech.ts';

const id = z.object({ id: z.uuid() });
const name = z.string().trim().min(1).max(SPEECH_LIMITS.nameLength);
const description = z.string().trim().max(SPEECH_LIMITS.descriptionLength);
/** BCP 47: "en", "zh-CN". Empty: not said. */
const language = z.string().trim().regex(/^$|^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/).max(35);
const tags = z.array(z.string().trim().toLowerCase().min(1).max(SPEECH_LIMITS.tagLength)).max(SPEECH_LIMITS.tags).transform((list) => [...new Set(list)]);
const sampleText = z.string().trim().min(1).max(SPEECH_LIMITS.sampleTextLength);
const transcript = z.string().trim().max(SPEECH_LIMITS.textLength);

export const voice = z.object({
  id: z.uuid(),
  kind: z.enum(['cloned', 'system']),
  /** `model` is its own; `models` are all that can speak with it. */
  name: z.string(), description: z.string(), model: z.string(), models: z.array(z.string()), language: z.string(), tags: z.array(z.string()),
  public: z.boolean(),
  /** The caller's own: may be changed and deleted. */
  is_own: z.boolean(),
  /** Made and spoken by the emulator, not by the speech service. */
  is_emulated: z.boolean(),
  /** Made with an earlier setting of this server (another provider or region): it is shown, but cannot speak now. */
  can_speak: z.boolean(),
  /** What its sample says; the sample is spoken when it is first asked for. */
  sample_text: z.string(),
  embedding: z.object({ version: z.string(), hash: z.string() }).nullable(),
  usage: z.object({ calls: z.number().int(), seconds: z.number() }),
  created_at: z.iso.datetime(), updated_at: z.iso.datetime(),
});

export const listVoices = route('get', '/voices', {
  summary: 'Voices: the caller’s own, the public ones (system voices are public), or both.',
  access: 'guest', isEnveloped: true,
  query: z.object({
    scope: z.enum(['mine', 'public', 'all']).default('all'),
    /** In name, description and tags. */
    search: z.string().trim().max(120).default(''),
    language: z.string().trim().max(35).optional(), model: z.string().trim().max(60).optional(), tag: z.string().trim().toLowerCase().max(SPEECH_LIMITS.tagLength).optional(),
    kind: z.enum(['cloned', 'system']).optional(),
    sort: z.enum(['newest', 'most_used', 'name']).default('newest'),
    limit: z.coerce.number().int().min(1).max(100).default(24), cursor: z.string().max(400).optional(),
  }),
  answer: z.object({
    voices: z.array(voice), next_cursor: z.string().nullable(), total: z.number().int(),
    /** What there is to filter by in this scope, whatever the other filters. */
    filters: z.object({ languages: z.array(z.string()), models: z.array(z.string()), tags: z.array(z.string()) }),
  }),
});

export const previewVoice = route('post', '/voices/preview', {
  summary: 'Hear a sample’s voice before it is made: costs only the speaking.', status: 201,
  access: 'guest', isEnveloped: true,
  body: z.object({ file_id: z.uuid(), model: z.string().min(1).max(60), sample_text: sampleText, transcript: transcript.optional() }),
  answer: result,
  errors: ['speech/sample-gone', 'speech/model', 'server/not-found', 'account/origin', ...UPSTREAM_ERRORS],
});

export const createVoice = route('post', '/voices', {
  summary: 'Make a voice of a sample: costs the model’s price, once. The same sample and model again answer the same voice, `duplicated`.', status: 201,
  access: 'guest', isEnveloped: true,
  body: z.object({
    file_id: z.uuid(), model: z.string().min(1).max(60), name, description: description.default(''), language: language.default(''), tags: tags.default([]),
    public: z.boolean().default(false),
    /** What is said in the sample: helps the provider. */
    transcript: transcript.optional(),
    /** Spoken by the new voice: its sample. Without it a greeting in its language. */
    sample_text: sampleText.optional(),
    /** The speaker agreed; kept with the time. Anything but true is refused with 'speech/consent'. */
    consent: z.boolean().default(false),
  }),
  answer: z.object({ voice, duplicated: z.boolean() }),
  errors: ['speech/consent', 'speech/being-made', 'speech/sample-gone', 'speech/model', 'server/not-found', 'account/origin', ...UPSTREAM_ERRORS],
});

export const getVoice = route('get', '/voices/{id}', { summary: 'One voice.', access: 'guest', isEnveloped: true, params: id, answer: voice, errors: ['server/not-found'] });

export const updateVoice = route('put', '/voices/{id}', {
  summary: 'Change what is said about it.',
  access: 'guest', isEnveloped: true, params: id,
  body: z.object({ name: name.optional(), description: description.optional(), language: language.optional(), tags: tags.optional(), public: z.boolean().optional() }),
  answer: voice, errors: ['server/not-found', 'account/origin'],
});

export const deleteVoice = route('delete', '/voices/{id}', {
  summary: 'Delete it, with its sample, voice print and results. The speech service keeps its own copy: it has no way to delete one.',
  access: 'guest', isEnveloped: true, params: id, answer: z.object({ id: z.uuid(), deleted: z.literal(true) }), errors: ['server/not-found', 'account/origin'],
});

export const nearestVoices = route('get', '/voices/{id}/nearest', {
  summary: 'Voices that sound most like it, of those the caller may see: cosine of the voice prints, -1 to 1. Empty without a voice print.',
  access: 'guest', isEnveloped: true, params: id, query: z.object({ limit: z.coerce.number().int().min(1).max(24).default(6) }),
  answer: z.object({ voices: z.array(z.object({ voice, similarity: z.number() })) }), errors: ['server/not-found'],
});

/** Answers audio bytes, not JSON; a failure is the envelope. `download=1`: as a file to keep. */
export const voiceSample = route('get', '/voices/{id}/sample', {
  summary: 'Hear it: what its sample says, spoken by it. WAV bytes.',
  access: 'guest', isEnveloped: true, params: id, query: z.object({ download: z.enum(['0', '1']).default('0') }), answer: sound, errors: ['server/not-found', ...UPSTREAM_ERRORS],
});
