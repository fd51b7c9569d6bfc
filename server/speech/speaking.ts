/** Speaking in a voice: what is asked for is checked before it is paid, found again where it was made before, streamed as it comes. */
import { eq } from 'drizzle-orm';
import { AppError } from '../../shared/errors.ts';
import { voices } from '../database/schema.ts';
import { newId } from '../ids.ts';
import type { AudioFormat, SpeakRequest } from './contract.ts';
import { billedCharacters, mannerOf } from './models.ts';
import type { Owner } from './owners.ts';
import { cacheKeyOf, type Made, type ResultRow, type Results, secondsOf } from './results.ts';
import type { Samples } from './samples.ts';
import { providerOf, rulesOf, type Studio, untilDone } from './studio.ts';
import { countVoiceUse, type SeenVoice, type Voices } from './voices.ts';
import { readWav, wavOf } from './wav.ts';

export interface SpeakWish {
  readonly voice_id: string;
  readonly model?: string | undefined;
  readonly text: string;
  readonly format: AudioFormat;
  readonly sample_rate: number;
  readonly speed: number;
  readonly volume: number;
  readonly instruction?: string | undefined;
  readonly voice_label?: { readonly language: string } | { readonly emotion: string } | { readonly style: string } | undefined;
  readonly text_normalization?: 'standard' | 'enhanced' | undefined;
  readonly markdown_filter?: boolean | undefined;
  readonly pronunciations?: readonly string[] | undefined;
}

export interface Spoken {
  readonly row: ResultRow;
  readonly cached: boolean;
}

export interface Stream {
  readonly id: string;
  readonly cached: boolean;
  readonly format: AudioFormat;
  readonly sampleRate: number;
  /** Of wav and pcm: raw frames. */
  readonly pieces: AsyncIterable<Uint8Array>;
  /** Once the pieces have ended. */
  result(): ResultRow;
}

export interface Speaking {
  /** @throws AppError 'server/not-found', 'speech/model', 'speech/option', 'speech/nothing-to-say', 'speech/quota', 'upstream/*', 'content/blocked' */
  speak(owner: Owner, wish: SpeakWish): Promise<Spoken>;
  /** The same; what fails after the promise was kept comes out of the pieces. Who stops reading stops the work. */
  stream(owner: Owner, wish: SpeakWish, signal: AbortSignal): Promise<Stream>;
  preview(owner: Owner, wish: { readonly file_id: string; readonly model: string; readonly sample_text: string; readonly transcript?: string | undefined }): Promise<Spoken>;
  /**
   * A voice's own sample, a WAV file; spoken once and kept with the voice.
   * @param mayPay  asked before it is spoken; throws where whoever asks has done so too often
   */
  sample(owner: Owner | null, voiceId: string, mayPay: () => Promise<void>): Promise<{ readonly voice: SeenVoice; readonly bytes: Buffer }>;
}

const SAMPLE_HZ = 24_000;
const PIECE_BYTES = 64 * 1024;
const about = (id: string): string => `voice ${id}`;

/** What a voice says of itself, where nobody chose its words. */
export function greetingOf({ sampleText, language }: Pick<SeenVoice, 'sampleText' | 'language'>): string {
  if (sampleText !== null) return sampleText;
  if (/^(zh|yue|cmn)\b/i.test(language)) return '你好，这就是我的声音。';
  if (/^ja\b/i.test(language)) return 'こんにちは、これが私の声です。';
  return 'Hello, this is what my voice sounds like.';
}

async function* inPieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}

export function createSpeaking(studio: Studio, { seen, samples, results }: { readonly seen: Voices; readonly samples: Samples; readonly results: Results }): Speaking {
  const { queries, nowMs, seal, quotas } = studio;
  /** Equal requests at the same time are one. */
  const running = new Map<string, Promise<Spoken>>();
  const sampling = new Map<string, Promise<Buffer>>();

  function requestOf(voice: SeenVoice, wish: SpeakWish): SpeakRequest {
    const { formats, place } = providerOf(studio);
    const model = wish.model ?? voice.model;
    const rules = rulesOf(studio, model);
    if (!voice.models.includes(model) || voice.place !== place) throw new AppError('speech/model', { model });
    if (!formats.includes(wish.format)) throw new AppError('speech/option', { model, detail: `format: ${wish.format}` });
    return {
      model, voice: voice.providerVoice!, text: wish.text, format: wish.format, sampleRate: wish.sample_rate, speed: wish.speed, volume: wish.volume, manner: mannerOf(rules, wish),
      normalization: wish.text_normalization ?? 'standard', filtersMarkdown: wish.markdown_filter ?? false, pronunciations: wish.pronunciations ?? [],
    };
  }

  async function prepared(owner: Owner, wish: SpeakWish): Promise<{ readonly voice: SeenVoice; readonly request: SpeakRequest; readonly made: Made; readonly cached: ResultRow | null }> {
    const voice = await seen.seen(owner, wish.voice_id);
    const request = requestOf(voice, wish);
    const cacheKey = cacheKeyOf([providerOf(studio).place, request]);
    const made: Made = { voiceId: voice.id, voiceName: voice.name, model: request.model, text: wish.text, format: wish.format, sampleRate: wish.sample_rate, characters: billedCharacters(wish.text), cacheKey };
    return { voice, request, made, cached: await results.cached(owner, cacheKey) };
  }

  async function counted(owner: Owner, voiceId: string | null, seconds: number | null): Promise<void> {
    await quotas.count(owner, { calls: 1, seconds: seconds ?? 0 });
    if (voiceId !== null) await countVoiceUse(studio, voiceId, seconds ?? 0);
  }

  /** Paid for, unless nothing comes of it. */
  async function paid<T>(owner: Owner, characters: number, work: () => Promise<T>): Promise<T> {
    const giveBack = await quotas.reserve(owner, { characters });
    try {
      return await work();
    } catch (thrown) {
      await giveBack();
      throw thrown;
    }
  }

  async function spokenSample(voiceId: string, request: SpeakRequest): Promise<Buffer> {
    const bytes = Buffer.from(await providerOf(studio).speak(request, untilDone()));
    if (secondsOf(bytes, 'wav', SAMPLE_HZ) === null) throw new AppError('upstream/failed');
    await queries.update(voices).set({ sampleSealed: seal.close(bytes, about(voiceId)) }).where(eq(voices.id, voiceId));
    return bytes;
  }

  function once(key: string, work: () => Promise<Spoken>): Promise<Spoken> {
    const going = running.get(key);
    if (going) return going.then(({ row }) => ({ row, cached: true }));
    const begun = work().finally(() => running.delete(key));
    running.set(key, begun);
    return begun;
  }

  return {
    async speak(owner, wish) {
      const { request, made, cached } = await prepared(owner, wish);
      if (cached) return { row: cached, cached: true };
      return once(`${owner.id} ${made.cacheKey}`, async () => {
        const bytes = await paid(owner, made.characters, () => providerOf(studio).speak(request, untilDone()));
        const row = await results.keep(owner, newId(nowMs()), made, bytes);
        await counted(owner, made.voiceId, row.seconds);
        return { row, cached: false };
      });
    },

    async stream(owner, wish, signal) {
      const { request, made, cached } = await prepared(owner, wish);
      const form = { format: wish.format, sampleRate: wish.sample_rate };
      if (cached) {
        const { bytes } = await results.sound(owner, cached.id);
        const sound = wish.format === 'wav' ? Buffer.from(readWav(bytes)?.data ?? bytes) : bytes;
        return { ...form, id: cached.id, cached: true, pieces: inPieces(sound), result: () => cached };
      }
      const id = newId(nowMs());
      const giveBack = await quotas.reserve(owner, { characters: made.characters });
      const pieces = await providerOf(studio).stream(request, signal).catch(async (thrown: unknown) => {
        await giveBack();
        throw thrown;
      });
      let row: ResultRow | null = null;
      async function* kept(): AsyncGenerator<Uint8Array> {
        const all: Uint8Array[] = [];
        try {
          for await (const piece of pieces) {
            all.push(piece);
            yield piece;
          }
        } catch (thrown) {
          if (all.length === 0) await giveBack();
          throw thrown;
        }
        const whole = Buffer.concat(all);
        row = await results.keep(owner, id, made, wish.format === 'wav' ? wavOf(whole, wish.sample_rate) : whole);
        await counted(owner, made.voiceId, row.seconds);
      }
      return { ...form, id, cached: false, pieces: kept(), result: () => row! };
    },

    async preview(owner, { file_id, model, sample_text, transcript = '' }) {
      const provider = providerOf(studio);
      const rules = rulesOf(studio, model);
      if (!rules.canClone) throw new AppError('speech/model', { model });
      mannerOf(rules, { text: sample_text });
      const file = await samples.get(owner, file_id);
      const cacheKey = cacheKeyOf([provider.place, 'preview', file.sha256, model, sample_text, transcript]);
      const cached = await results.cached(owner, cacheKey);
      if (cached) return { row: cached, cached: true };
      return once(`${owner.id} ${cacheKey}`, async () => {
        const signal = untilDone();
        const characters = billedCharacters(sample_text);
        const bytes = await paid(owner, characters, () => samples.withCopy(file, (fileId) => provider.preview({ model, fileId, transcript, text: sample_text }, signal), signal));
        // What comes is not always what was asked for: the bytes tell.
        const wav = readWav(bytes);
        const made: Made = { voiceId: null, voiceName: null, model, text: sample_text, format: wav ? 'wav' : 'mp3', sampleRate: wav?.sampleRate ?? SAMPLE_HZ, characters, cacheKey };
        const row = await results.keep(owner, newId(nowMs()), made, bytes);
        await counted(owner, null, row.seconds);
        return { row, cached: false };
      });
    },

    async sample(owner, voiceId, mayPay) {
      const voice = await seen.seen(owner, voiceId);
      const [{ sealed } = { sealed: null }] = await queries.select({ sealed: voices.sampleSealed }).from(voices).where(eq(voices.id, voice.id));
      if (sealed) return { voice, bytes: seal.open(sealed, about(voice.id)) };
      const request = requestOf(voice, { voice_id: voice.id, text: greetingOf(voice), format: 'wav', sample_rate: SAMPLE_HZ, speed: 1, volume: 1 });
      const going = sampling.get(voice.id);
      if (going) return { voice, bytes: await going };
      const begun = mayPay().then(() => spokenSample(voice.id, request)).finally(() => sampling.delete(voice.id));
      sampling.set(voice.id, begun);
      return { voice, bytes: await begun };
    },
  };
}
