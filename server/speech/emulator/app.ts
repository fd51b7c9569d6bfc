/**
 * A speech service that behaves like the documented StepFun API, for servers without a key and for tests: the same paths, shapes,
 * limits and failures. It speaks with a real synthesiser, and says in every answer that it is an emulator.
 */
import { type Context, Hono } from 'hono';
import { stream } from 'hono/streaming';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { AudioFormat } from '../contract.ts';
import { EMULATOR_HEADER, TRACE_HEADER } from '../stepfun/wire.ts';
import { pcm16Of } from '../wav.ts';
import { type Character, characterOf } from './character.ts';
import type { Coder } from './coder.ts';
import { badRequest, noPath, Refusal, tooFast, wrongKey } from './refusal.ts';
import { cloneRequest, listRequest, mannerOf, MOST_INPUT, parsed, partsOf, previewRequest, saidText, speechRequest } from './requests.ts';
import { speak } from './speak.ts';
import type { EmulatorStore, StoredFile } from './store.ts';
import type { Synthesiser } from './synthesiser.ts';
import { SYSTEM_VOICES } from './system-voices.ts';

/** What a test may do to a call before it is answered. */
export type Disturbance = { readonly status: number; readonly body?: unknown } | { readonly kind: 'silence' } | { readonly kind: 'work-then-silence' };

export interface EmulatorParts {
  readonly synthesiser: Synthesiser;
  readonly coder: Coder;
  readonly store: EmulatorStore;
  readonly nowMs: () => number;
  /** Null: any key will do. */
  readonly key: string | null;
  /** The international service has samples in the answer of a clone; the Chinese one does not any more. */
  readonly region: 'com' | 'ai';
  /** ms before any answer. */
  readonly latencyMs: number;
  /** Of the account's tier. Source: rate limits of the lowest international tier, September 2026. */
  readonly limits: { readonly concurrent: number; readonly perMinute: number };
  readonly disturb?: (method: string, path: string) => Disturbance | null;
}

const MINUTE_MS = 60_000;
const LINK_MS = 12 * 3600 * 1000;
const MOST_FILE_BYTES = 128 * 1024 * 1024;
const CLONED_SECONDS = { least: 5, most: 10 };
/** Samples the client measures a hair differently. s */
const TOLERANCE = 0.1;
const PIECE_BYTES = 9600;
const TYPES: Readonly<Record<AudioFormat, string>> = { wav: 'audio/wav', mp3: 'audio/mpeg', flac: 'audio/flac', opus: 'audio/ogg', pcm: 'audio/pcm' };
const NAME = 'tonetwin speech emulator';

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));
const fileAnswer = ({ id, filename, bytes, createdAt }: StoredFile) => ({ id, object: 'file', bytes: bytes.length, created_at: createdAt, filename, purpose: 'storage', status: 'processed' });

export function createEmulatorApp({ synthesiser, coder, store, nowMs, key, region, latencyMs, limits, disturb = () => null }: EmulatorParts): Hono {
  const app = new Hono();
  const recent: number[] = [];
  const links = new Map<string, { readonly bytes: Buffer; readonly type: string; readonly untilMs: number }>();
  let [running, calls] = [0, 0];

  app.use('*', async (c, next) => {
    calls += 1;
    c.header(EMULATOR_HEADER, NAME);
    c.header(TRACE_HEADER, `emulated-${calls}`);
    await next();
  });
  app.onError((thrown, c) => {
    const refusal = thrown instanceof Refusal ? thrown : new Refusal(500, 'internal_error', 'internal server error');
    return c.json(refusal.body(), refusal.status as ContentfulStatusCode);
  });
  app.notFound((c) => c.json(noPath().body(), 404));

  app.get('/links/:id', (c) => {
    const link = links.get(c.req.param('id'));
    if (!link || link.untilMs < nowMs()) throw noPath();
    return c.body(new Uint8Array(link.bytes), 200, { 'Content-Type': link.type });
  });

  app.use('/v1/*', async (c, next) => {
    const [, given] = /^Bearer (\S+)$/.exec(c.req.header('authorization') ?? '') ?? [];
    if (!given || (key !== null && given !== key)) throw wrongKey();
    const now = nowMs();
    while (recent[0] !== undefined && recent[0] <= now - MINUTE_MS) recent.shift();
    if (recent.length >= limits.perMinute || running >= limits.concurrent) throw tooFast();
    recent.push(now);
    running += 1;
    try {
      const disturbance = disturb(c.req.method, c.req.path);
      if (disturbance && 'status' in disturbance) return c.json(disturbance.body ?? { error: { message: 'disturbed', type: 'disturbed' } }, disturbance.status as ContentfulStatusCode);
      if (latencyMs > 0) await pause(latencyMs);
      if (disturbance?.kind !== 'silence') await next();
      if (disturbance) await new Promise((resolve) => c.req.raw.signal.addEventListener('abort', resolve));
    } finally {
      running -= 1;
    }
    return undefined;
  });

  async function heard(fileId: string, signal: AbortSignal): Promise<{ readonly file: StoredFile; readonly character: Character }> {
    const file = store.file(fileId);
    if (!file) throw badRequest(`file ${fileId} not found`);
    const sound = await coder.decode(file.bytes, signal);
    if (!sound) throw badRequest('the audio of the file cannot be decoded by this emulator');
    const seconds = sound.samples.length / sound.sampleRate;
    if (seconds < CLONED_SECONDS.least - TOLERANCE || seconds > CLONED_SECONDS.most + TOLERANCE) throw badRequest(`audio duration ${seconds.toFixed(1)}s is out of range [5s, 10s]`);
    return { file, character: characterOf(sound) };
  }

  function characterOfVoice(id: string, model: string): Character {
    const system = SYSTEM_VOICES.find((voice) => voice.id === id);
    if (system) return system.character;
    const cloned = store.voices().find((voice) => voice.id === id);
    if (!cloned || cloned.model !== model) throw badRequest(`voice ${id} is not supported by model ${model}`);
    return cloned.character;
  }

  const canGive = (format: AudioFormat): void => {
    if (!coder.formats.includes(format)) throw badRequest(`response_format ${format} is not available in this emulator, which has no ffmpeg`);
  };

  app.get('/v1/models', (c) => c.json({ object: 'list', data: ['stepaudio-3-tts', 'stepaudio-2.5-tts', 'step-tts-2', 'step-tts-mini'].map((id) => ({ id, object: 'model', created: 0, owned_by: 'emulator' })) }));

  app.post('/v1/files', async (c) => {
    const form = await c.req.formData().catch(() => null);
    const file = form?.get('file');
    if (form?.get('purpose') !== 'storage') throw badRequest('purpose is invalid');
    if (!(file instanceof Blob)) throw badRequest('file is required');
    if (file.size > MOST_FILE_BYTES) throw new Refusal(413, 'request_params_invalid', 'file is too large');
    const stored = store.addFile((file as File).name, new Uint8Array(await file.arrayBuffer()), nowMs());
    if (!stored) throw badRequest('too many files');
    return c.json(fileAnswer(stored));
  });
  app.get('/v1/files', (c) => c.json({ object: 'list', data: store.files().map(fileAnswer) }));
  app.get('/v1/files/:id', (c) => {
    const file = store.file(c.req.param('id'));
    if (!file) throw noPath();
    return c.json(fileAnswer(file));
  });
  app.delete('/v1/files/:id', (c) => {
    if (!store.removeFile(c.req.param('id'))) throw noPath();
    return c.json({ id: c.req.param('id'), object: 'file', deleted: true });
  });

  const json = async (c: Context): Promise<unknown> => c.req.json().catch(() => {
    throw badRequest('the body is not JSON');
  });

  app.post('/v1/audio/voices', async (c) => {
    const { model, file_id, sample_text } = parsed(cloneRequest, await json(c));
    const { file, character } = await heard(file_id, c.req.raw.signal);
    const { voice, duplicated } = store.addVoice(file, model, character, nowMs());
    const answer = { id: voice.id, object: 'audio.voice', ...(duplicated ? { duplicated } : {}) };
    if (region === 'com' || sample_text === undefined) return c.json(answer);
    const sample = await speak(synthesiser, { text: sample_text, character, language: null, speed: 1, volume: 1, lift: 1, sampleRate: 24000 }, c.req.raw.signal);
    return c.json({ ...answer, sample_text, sample_audio: (await coder.encode(sample, 24000, 'wav', c.req.raw.signal)).toString('base64') });
  });

  app.post('/v1/audio/voices/preview', async (c) => {
    const request = parsed(previewRequest, await json(c));
    canGive(request.response_format);
    const manner = mannerOf(request);
    const text = saidText(request.sample_text, request);
    const { character } = await heard(request.file_id, c.req.raw.signal);
    const sound = await speak(synthesiser, { text, character, language: manner.language, speed: request.speed * manner.pace, volume: request.volume, lift: manner.lift, sampleRate: request.sample_rate }, c.req.raw.signal);
    return c.json({ sample_text: request.sample_text, sample_audio: (await coder.encode(sound, request.sample_rate, request.response_format, c.req.raw.signal)).toString('base64'), request_id: `emulated-${calls}` });
  });

  app.get('/v1/audio/voices', (c) => {
    const { limit, order, before, after } = parsed(listRequest, c.req.query());
    const sorted = order === 'asc' ? [...store.voices()] : [...store.voices()].reverse();
    const from = after === undefined ? 0 : sorted.findIndex(({ id }) => id === after) + 1;
    const to = before === undefined ? sorted.length : Math.max(0, sorted.findIndex(({ id }) => id === before));
    const page = sorted.slice(from, to).slice(0, limit);
    return c.json({ object: 'list', data: page.map(({ id, fileId, createdAt }) => ({ id, file_id: fileId, created_at: createdAt })), has_more: from + page.length < to, first_id: page[0]?.id ?? '', last_id: page.at(-1)?.id ?? '' });
  });

  app.get('/v1/audio/system_voices', (c) => {
    if (c.req.query('model') !== 'step-tts-2') throw badRequest('model is not supported');
    const details = SYSTEM_VOICES.filter(({ description }) => description !== '').map(({ id, name, description, scenes }) => [id, { 'voice-name': name, 'voice-description': description, recommended_scene: scenes }]);
    return c.json({ voices: SYSTEM_VOICES.map(({ id }) => id), 'voices-details': Object.fromEntries(details) as Record<string, unknown> });
  });

  app.post('/v1/audio/speech', async (c) => {
    const request = parsed(speechRequest, await json(c));
    if ([...request.input].length > MOST_INPUT) throw badRequest(`input exceeds ${MOST_INPUT} characters`);
    if (request.timestamp && !request.return_url && request.stream_format !== 'sse') throw badRequest('timestamp requires return_url=true or stream_format=sse');
    canGive(request.response_format);
    const manner = mannerOf(request);
    const character = characterOfVoice(request.voice, request.model);
    const said = partsOf(saidText(request.input, request));
    if (said.length === 0) throw badRequest('input has no text to speak');
    const { signal } = c.req.raw;
    const { response_format: format, sample_rate: sampleRate } = request;
    const say = (text: string): Promise<Float32Array> => speak(synthesiser, { text, character, language: manner.language, speed: request.speed * manner.pace, volume: request.volume, lift: manner.lift, sampleRate }, signal);

    if (request.stream_format === 'sse') {
      const first = await say(said[0]!);
      c.header('Content-Type', 'text/event-stream');
      return stream(c, async (out) => {
        const send = (event: unknown): Promise<unknown> => out.write(`data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`);
        async function* sounds(): AsyncGenerator<Buffer> {
          const all: Float32Array[] = [];
          for (const [i, part] of said.entries()) {
            const sound = i === 0 ? first : await say(part);
            if (format === 'pcm') yield pcm16Of(sound);
            else all.push(sound);
          }
          if (format !== 'pcm') yield coder.encode(joined(all), sampleRate, format, signal);
        }
        try {
          for await (const bytes of sounds()) for (let at = 0; at < bytes.length; at += PIECE_BYTES) await send({ type: 'speech.audio.delta', audio: bytes.subarray(at, at + PIECE_BYTES).toString('base64') });
          if (request.timestamp) await send({ type: 'response.subtitle', event_id: `emulated-${calls}`, data: { text: request.input, request_id: `emulated-${calls}-0`, items: [], timestamp: nowMs() } });
          await send({ type: 'speech.audio.done', audio: '' });
        } catch {
          await send({ type: 'speech.audio.error', error: { message: 'the synthesiser failed', type: 'internal_error' } });
        }
        await send('[DONE]');
      });
    }

    const sounds: Float32Array[] = [];
    for (const part of said) sounds.push(await say(part));
    const bytes = await coder.encode(joined(sounds), sampleRate, format, signal);
    if (!request.return_url) return c.body(new Uint8Array(bytes), 200, { 'Content-Type': TYPES[format] });
    const id = `${calls}-${nowMs()}`;
    for (const [old, { untilMs }] of links) if (untilMs < nowMs()) links.delete(old);
    links.set(id, { bytes, type: TYPES[format], untilMs: nowMs() + LINK_MS });
    // Nothing is aligned here; the documentation allows for that by empty items.
    const subtitles = request.timestamp ? { subtitles: [{ text: request.input, request_id: `emulated-${calls}-0`, items: [], timestamp: nowMs() }] } : {};
    return c.json({ created: Math.floor(nowMs() / 1000), data: { url: new URL(`/links/${id}`, c.req.url).href, ...subtitles } });
  });

  return app;
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
