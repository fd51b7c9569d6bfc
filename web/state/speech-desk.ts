/** What is to be said, by whom and how; and the speech that is being made, which goes on while other pages are looked at. */
import { createMemo, createRoot, createSignal } from 'solid-js';
import { createStore } from 'solid-js/store';
import { speak } from '../../shared/api/tts.ts';
import type { SpeechResult } from '../../shared/api/tts.ts';
import { AppError, toAppError } from '../../shared/errors.ts';
import type { ErrorBody } from '../../shared/errors.ts';
import { speechEvents, type SpeakRequest } from '../api/studio-api.ts';
import { canStream, createCodedPlayback } from '../audio/coded-playback.ts';
import { createSpeechPlayback, type SpeechPlayback } from '../audio/speech-playback.ts';
import { int16Of, longSpeechOf } from '../jobs/voices/long-speech.ts';
import { bytesOf, SPEECH_HZ, speakText } from '../jobs/voices/speak-text.ts';
import { speechParts } from '../jobs/voices/speech-parts.ts';
import { spokenSeconds } from './speech-length.ts';
import { readDraft, type SpeechDraft, writeDraft } from './speech-draft.ts';
import type { SpeechModel, Voice, Voices } from './voices.tsx';

/** Of one speech: some twenty minutes. */
export const MOST_CHARACTERS = 20_000;

/** What is being said, from the first request to the last frame that is heard. */
export interface SpeechRun {
  /** making: also while its beginning is heard already; heard: made, and still playing; failed: for the person. */
  readonly status: 'making' | 'heard' | 'failed';
  readonly text: string;
  readonly voiceName: string;
  readonly part: number;
  readonly parts: number;
  /** s that are made, and s that all of it will be, about. */
  readonly seconds: number;
  readonly estimate: number;
  readonly isPaused: boolean;
  /** frames: heard and drawn while it comes; coded: heard while it comes; whole: when all of it is there. */
  readonly manner: 'frames' | 'coded' | 'whole';
  readonly error: ErrorBody | null;
}

/** Formats that browsers can begin to play before their end, by their content type. */
const CODED_AS: Readonly<Partial<Record<string, string>>> = { mp3: 'audio/mpeg' };

const mannerOf = (format: string): SpeechRun['manner'] => (format === 'wav' ? 'frames' : canStream(CODED_AS[format] ?? '') ? 'coded' : 'whole');

/** Columns of the picture of what is said, this many to a second. */
const COLUMNS_PER_SECOND = 20;

function createSpeechDesk(voices: Voices) {
  const [draft, setDraft] = createStore<SpeechDraft>(readDraft());
  const change = (more: Partial<SpeechDraft>): void => {
    setDraft(more);
    writeDraft({ ...draft });
  };
  const [run, setRun] = createSignal<SpeechRun | null>(null);
  const [heard, setHeard] = createSignal(0);
  const [columns, setColumns] = createSignal<readonly number[]>([], { equals: false });
  /** Counts what was made: lists are read anew. */
  const [finished, setFinished] = createSignal<{ readonly count: number; readonly result: SpeechResult | null }>({ count: 0, result: null });

  const models = (): readonly SpeechModel[] => {
    const own = draft.voice ? [...new Set([draft.voice.model, ...draft.voice.models])] : [];
    return own.flatMap((id) => voices.offer()?.models.find((model) => model.id === id) ?? []);
  };
  const model = (): SpeechModel | undefined => models().find(({ id }) => id === draft.model) ?? models()[0];
  const limit = (): number => voices.offer()?.limits.text_characters ?? 1000;
  const parts = createMemo(() => speechParts(draft.text, limit()));
  const isLong = (): boolean => parts().length > 1;
  /** Raw frames for an answer of a program are nothing to keep as a file. */
  const formats = (): readonly SpeakRequest['format'][] => (voices.offer()?.formats ?? ['wav']).filter((format) => format !== 'pcm');
  /** Several parts are joined here, which takes exact frames. */
  const format = () => (isLong() || !formats().includes(draft.format) ? 'wav' : draft.format);
  const within = (value: number, range: SpeechModel['speed'] | undefined): number => (range ? Math.min(range.most, Math.max(range.least, value)) : value);

  function requestOf(voice: Voice, chosen: SpeechModel): Omit<SpeakRequest, 'text' | 'format' | 'sample_rate' | 'stream'> {
    const manner = draft.manner.trim();
    const [kind, label] = manner.split(' ', 2) as ['language' | 'emotion' | 'style', string | undefined];
    return {
      voice_id: voice.id, model: chosen.id, speed: within(draft.speed, chosen.speed), volume: within(draft.volume, chosen.volume),
      ...(chosen.manner.kind === 'instruction' && draft.instruction.trim() ? { instruction: draft.instruction.trim().slice(0, chosen.manner.most_characters) } : {}),
      ...(chosen.manner.kind === 'label' && label && chosen.manner[`${kind}s`].includes(label) ? { voice_label: { [kind]: label } as { emotion: string } } : {}),
    };
  }

  let [playback, cancelling, ticking] = [null as Omit<SpeechPlayback, 'feed'> | null, null as AbortController | null, 0];
  const update = (more: Partial<SpeechRun>): void => void setRun((now) => now && { ...now, ...more });
  function silence(): void {
    playback?.stop();
    playback = null;
    cancelAnimationFrame(ticking);
  }
  function tick(): void {
    ticking = requestAnimationFrame(tick);
    if (playback) setHeard(playback.position());
  }
  const showEnd = (): void => {
    silence();
    setRun((now) => (now?.status === 'heard' ? null : now));
  };

  const bins = { from: 0, peak: 0 };
  function draw(frames: Float32Array): void {
    const width = SPEECH_HZ / COLUMNS_PER_SECOND;
    setColumns((now) => {
      const list = now as number[];
      for (const sample of frames) {
        bins.peak = Math.max(bins.peak, Math.abs(sample));
        bins.from += 1;
        if (bins.from < width) continue;
        list.push(bins.peak);
        [bins.from, bins.peak] = [0, 0];
      }
      return list;
    });
  }

  /** Heard while it comes, by the browser's own decoder. */
  async function coded(voice: Voice, chosen: SpeechModel, signal: AbortSignal): Promise<void> {
    const player = createCodedPlayback(CODED_AS[format()]!, showEnd);
    playback = player;
    tick();
    const wish = { ...requestOf(voice, chosen), text: draft.text.trim(), format: format(), sample_rate: SPEECH_HZ } as const;
    for await (const event of speechEvents(voices.api, wish, signal)) if (event.type === 'audio') player.feed(bytesOf(event.audio));
  }

  /** Heard and drawn while it comes, and kept: on the server as it is, or joined here. */
  async function streamed(voice: Voice, chosen: SpeechModel, signal: AbortSignal): Promise<void> {
    // Opened within the click: a browser lets nothing be heard otherwise.
    const player = createSpeechPlayback(new AudioContext({ sampleRate: SPEECH_HZ, latencyHint: 'playback' }), showEnd);
    playback = player;
    const pieces: Int16Array<ArrayBuffer>[] = [];
    const { text } = draft;
    const mine = parts();
    let made = 0;
    tick();
    for await (const news of speakText((request, stop) => speechEvents(voices.api, request, stop), mine, requestOf(voice, chosen), signal)) {
      if (news.type === 'part') update({ part: news.index });
      else if (news.type === 'frames') {
        made += news.frames.length;
        draw(news.frames);
        update({ seconds: made / SPEECH_HZ });
        if (mine.length > 1) pieces.push(int16Of(news.frames));
        player.feed(news.frames);
      } else if (mine.length > 1) await voices.studio.speeches.put(longSpeechOf({ text, results: news.results, pieces, sampleRate: SPEECH_HZ, nowMs: Date.now(), id: crypto.randomUUID() }));
    }
  }

  async function start(): Promise<void> {
    const [voice, chosen] = [draft.voice, model()];
    if (!voice || !chosen || parts().length === 0) return;
    cancelling?.abort();
    silence();
    const mine = (cancelling = new AbortController());
    const manner = mannerOf(format());
    setHeard(0);
    [bins.from, bins.peak] = [0, 0];
    setColumns([]);
    setRun({ status: 'making', text: draft.text.trim(), voiceName: voice.name, part: 0, parts: parts().length, seconds: 0, estimate: spokenSeconds(draft.text) / draft.speed, isPaused: false, manner, error: null });
    try {
      let result: SpeechResult | null = null;
      if (manner === 'frames') await streamed(voice, chosen, mine.signal);
      else if (manner === 'coded') await coded(voice, chosen, mine.signal);
      else result = await voices.api.call(speak, { body: { ...requestOf(voice, chosen), text: draft.text.trim(), format: format(), sample_rate: SPEECH_HZ }, signal: mine.signal });
      if (mine.signal.aborted) return;
      setFinished(({ count }) => ({ count: count + 1, result }));
      // Before the player is told: a short speech may have been heard to its end by then.
      if (playback) update({ status: 'heard' });
      else setRun(null);
      playback?.end();
    } catch (thrown) {
      if (mine.signal.aborted) return;
      silence();
      const error = toAppError(thrown);
      if (error.code === 'job/cancelled') setRun(null);
      else update({ status: 'failed', error: error.toBody() });
      // Parts that were spoken before are there.
      setFinished(({ count }) => ({ count: count + 1, result: null }));
    }
  }

  /** Ends the run: what is being made is not paid further, what is made already stays. */
  function cancel(): void {
    cancelling?.abort(new AppError('job/cancelled'));
    silence();
    if (run()?.status === 'making') setFinished(({ count }) => ({ count: count + 1, result: null }));
    setRun(null);
  }

  return {
    /** As it is asked for now. */
    isHeardAtOnce: () => mannerOf(format()) !== 'whole',
    draft, change, models, model, limit, parts, isLong, formats, format,
    run,
    /** s */
    heard,
    columns,
    finished,
    isBusy: () => run()?.status === 'making',
    canStart: () => draft.voice !== null && draft.voice.can_speak && model() !== undefined && parts().length > 0 && draft.text.length <= MOST_CHARACTERS,
    start,
    cancel,
    togglePause(): void {
      const isPaused = !(run()?.isPaused ?? true);
      if (isPaused) playback?.pause();
      else playback?.resume();
      update({ isPaused });
    },
    /** Another sound is to be heard. */
    hush(): void {
      if (run()?.status === 'heard') cancel();
      else if (run() && !run()!.isPaused) this.togglePause();
    },
  };
}

export type SpeechDesk = ReturnType<typeof createSpeechDesk>;

const desks = new WeakMap<Voices, SpeechDesk>();

/** Made when it is first asked for; the same for every page. */
export function speechDeskOf(voices: Voices): SpeechDesk {
  const known = desks.get(voices) ?? createRoot(() => createSpeechDesk(voices));
  desks.set(voices, known);
  return known;
}
