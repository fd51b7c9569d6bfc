/** What the voice studio can do on this server: who speaks, with which models, at what price, within which limits; and whose things are whose. */
import { z } from 'zod';
import { ERRORS, type ErrorCode } from '../errors.ts';
import { route } from './contract.ts';

/**
 * The frame of every answer of the voice studio. `data` is null where `error` is not.
 * @param data  what the route answers
 */
export const envelope = <D extends z.ZodType>(data: D) =>
  z.object({ success: z.boolean(), data: data.nullable(), message: z.string(), error: z.object({ code: z.string(), message: z.string(), detail: z.record(z.string(), z.unknown()).optional() }).nullable() });

export interface Envelope<T> {
  readonly success: boolean;
  readonly data: T | null;
  readonly message: string;
  readonly error: { readonly code: string; readonly message: string; readonly detail?: Readonly<Record<string, unknown>> } | null;
}

/** Everything that goes on to the speech service may fail with these. */
export const UPSTREAM_ERRORS = [...(Object.keys(ERRORS) as ErrorCode[]).filter((code) => code.startsWith('upstream/')), 'content/blocked', 'speech/no-provider', 'speech/quota', 'account/too-many-tries'] as readonly ErrorCode[];

/** Lengths in characters, times in s. */
export const SPEECH_LIMITS = {
  textLength: 1000, sampleTextLength: 50, sampleSeconds: { least: 5, most: 10 }, sampleBytes: 10 * 1024 * 1024,
  nameLength: 80, descriptionLength: 500, tags: 10, tagLength: 30,
} as const;

export const AUDIO_FORMATS = ['wav', 'mp3', 'flac', 'opus', 'pcm'] as const;
export const SAMPLE_RATES = [8000, 16000, 22050, 24000, 48000] as const;
export const audioFormat = z.enum(AUDIO_FORMATS);
export const sampleRate = z.literal(SAMPLE_RATES);

const range = z.object({ least: z.number(), most: z.number(), default: z.number() });

/** What one model takes. `kind` says how it is told to speak in a manner: by a sentence, by a label, or not at all. */
const manner = z.discriminatedUnion('kind', [
  /** Free text, and (words in brackets) inside the text, which are not spoken. */
  z.object({ kind: z.literal('instruction'), most_characters: z.number().int() }),
  /** Exactly one of the labels. */
  z.object({ kind: z.literal('label'), languages: z.array(z.string()), emotions: z.array(z.string()), styles: z.array(z.string()) }),
  z.object({ kind: z.literal('none') }),
]);

const price = z.object({ amount: z.number(), currency: z.enum(['CNY', 'USD']) });

export const speechModel = z.object({
  id: z.string(), name: z.string(),
  can_clone: z.boolean(),
  /** Characters in `(...)` are instructions and are not spoken. */
  reads_brackets: z.boolean(),
  manner,
  speed: range, volume: range,
  /** What a voice costs once; null: not known, or nothing. */
  clone_price: price.nullable(),
  /** For 10 000 characters as the provider counts them: a Chinese character is one, two Latin letters are one. */
  speech_price: price.nullable(),
});

export const speechModels = route('get', '/speech/models', {
  summary: 'Who speaks, with which models, prices and limits. With `status` unavailable the reason says why, and nothing else works.',
  access: 'anybody', isEnveloped: true,
  answer: z.object({
    provider: z.object({
      name: z.enum(['stepfun', 'emulator', 'none']),
      /** The program that speaks, of the emulator: "espeak-ng 1.51". */
      synthesiser: z.string().nullable(),
      is_emulator: z.boolean(),
      status: z.enum(['ready', 'limited', 'unavailable']),
      /** Why it is not ready. no-synthesiser: no key and nothing that speaks; key, account: the service refuses the server's key, its account is empty; failing: it is left alone after failures. */
      reason: z.enum(['no-synthesiser', 'key', 'account', 'failing']).nullable(),
    }),
    models: z.array(speechModel),
    default_model: z.string().nullable(),
    /** Address of the manifest of the encoder that voice prints are made with on the device; null: the engine's own. */
    speaker_encoder: z.string().nullable().default(null),
    formats: z.array(audioFormat), sample_rates: z.array(z.number().int()),
    limits: z.object({
      text_characters: z.number().int(), sample_text_characters: z.number().int(),
      sample_seconds: z.object({ least: z.number(), most: z.number() }), sample_bytes: z.number().int(), sample_types: z.array(z.string()),
    }),
  }),
});

export const speechUsage = route('get', '/speech/usage', {
  summary: "What the caller used today, and what a day allows.",
  access: 'guest', isEnveloped: true,
  answer: z.object({
    owner: z.enum(['account', 'guest', 'nobody']),
    /** Of a guest: after this all that they made is gone, unless it moves to an account. */
    guest_until: z.iso.datetime().nullable(),
    today: z.object({ calls: z.number().int(), seconds: z.number(), characters: z.number().int(), voices: z.number().int() }),
    allowed: z.object({ characters: z.number().int(), voices: z.number().int() }),
    resets_at: z.iso.datetime(),
    total: z.object({ calls: z.number().int(), seconds: z.number() }),
  }),
});

export const adoptGuest = route('post', '/speech/adopt', {
  summary: "Moves what the guest of this browser made to the account that is signed in. Asked after signing in; with nothing to move it does nothing.",
  access: 'account', isEnveloped: true,
  answer: z.object({ files: z.number().int(), voices: z.number().int(), results: z.number().int() }),
});
