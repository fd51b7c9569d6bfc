/** Everything that was spoken: what the server keeps, and what was joined here of it; newest first. */
import { createEffect, createSignal, on, onCleanup } from 'solid-js';
import type { Accessor } from 'solid-js';
import { deleteResult, listResults, type SpeechResult } from '../../shared/api/tts.ts';
import { toAppError } from '../../shared/errors.ts';
import type { ErrorBody } from '../../shared/errors.ts';
import { fetchSound } from '../api/studio-api.ts';
import type { LongSpeech } from '../jobs/voices/long-speech.ts';
import { saneFileName } from './save-blob.ts';
import type { Voices } from './voices.tsx';

export interface Speech {
  readonly id: string;
  readonly text: string;
  readonly voiceId: string | null;
  readonly voiceName: string;
  readonly model: string;
  readonly format: string;
  /** Null where the format does not tell. */
  readonly seconds: number | null;
  readonly createdMs: number;
  /** Null: kept on this device. */
  readonly untilMs: number | null;
  readonly isEmulated: boolean;
  readonly fileName: string;
  open(signal?: AbortSignal): Promise<Blob>;
}

const ENDINGS: Readonly<Record<string, string>> = { opus: 'ogg' };
const NAME_LETTERS = 40;

const fileNameOf = (voiceName: string, text: string, format: string): string =>
  `${saneFileName(`${voiceName} - ${text.replace(/\s+/g, ' ').slice(0, NAME_LETTERS).trim()}`)}.${ENDINGS[format] ?? format}`;

const onServer = (voices: Voices) => (result: SpeechResult): Speech => {
  const voiceName = result.voice_name ?? '';
  return {
    id: result.id, text: result.text, voiceId: result.voice_id, voiceName, model: result.model, format: result.format, seconds: result.seconds,
    createdMs: Date.parse(result.created_at), untilMs: Date.parse(result.expires_at), isEmulated: result.is_emulated, fileName: fileNameOf(voiceName, result.text, result.format),
    open: (signal) => fetchSound(voices.api, result.audio_url, signal),
  };
};

const onDevice = (speech: LongSpeech): Speech => ({
  ...speech, format: 'wav', untilMs: null, fileName: fileNameOf(speech.voiceName, speech.text, 'wav'),
  open: () => Promise.resolve(speech.sound),
});

/** @param finished  changes when something was spoken */
export function createSpeechResults(voices: Voices, finished: Accessor<unknown>) {
  const [kept, setKept] = createSignal<readonly SpeechResult[] | null>(null);
  const [cursor, setCursor] = createSignal<string | null>(null);
  const [joined, setJoined] = createSignal<readonly LongSpeech[]>([]);
  const [failure, setFailure] = createSignal<ErrorBody | null>(null);
  const [isBusy, setBusy] = createSignal(false);
  let reading: AbortController | null = null;
  onCleanup(() => reading?.abort());

  async function read(from: string | null): Promise<void> {
    reading?.abort();
    const mine = (reading = new AbortController());
    setBusy(true);
    try {
      setJoined(await voices.studio.speeches.list());
      const page = await voices.api.call(listResults, { query: { limit: 20, ...(from === null ? {} : { cursor: from }) }, signal: mine.signal });
      if (mine.signal.aborted) return;
      setKept((before) => [...(from === null ? [] : (before ?? [])), ...page.results]);
      setCursor(page.next_cursor);
      setFailure(null);
    } catch (thrown) {
      if (!mine.signal.aborted) setFailure(toAppError(thrown).toBody());
    } finally {
      if (!mine.signal.aborted) setBusy(false);
    }
  }
  createEffect(on([voices.whose, finished, () => voices.state().status === 'known'], () => void read(null)));

  const list = (): readonly Speech[] => {
    const parts = new Set(joined().flatMap(({ partIds }) => partIds));
    const server = (kept() ?? []).filter(({ id, format }) => !parts.has(id) && format !== 'pcm').map(onServer(voices));
    return [...server, ...joined().map(onDevice)].sort((a, b) => b.createdMs - a.createdMs);
  };

  return {
    list,
    failure,
    isBusy,
    /** The server has answered once. */
    isKnown: () => kept() !== null,
    hasMore: () => cursor() !== null,
    more: () => void (isBusy() || read(cursor())),
    /** With what it was joined of. @throws AppError */
    async remove(id: string): Promise<void> {
      const long = joined().find((speech) => speech.id === id);
      for (const part of long ? long.partIds : [id]) {
        await voices.api.call(deleteResult, { params: { id: part } }).catch((thrown: unknown) => {
          // Gone already, or out of reach while its sound is here: what is on the device goes in any case.
          if (!long && toAppError(thrown).code !== 'server/not-found') throw thrown;
        });
      }
      if (long) await voices.studio.speeches.remove(id);
      setKept((before) => before?.filter((result) => result.id !== id && !(long?.partIds.includes(result.id) ?? false)) ?? null);
      setJoined((before) => before.filter((speech) => speech.id !== id));
    },
  };
}

export type SpeechResults = ReturnType<typeof createSpeechResults>;
