/** A text of any length as one speech: its parts are asked for in order, and are heard as they come. */
import { AppError } from '../../../shared/errors.ts';
import type { SpeechEvent, SpeechResult } from '../../../shared/api/tts.ts';
import type { SpeakRequest } from '../../api/studio-api.ts';
import { createSpeechJoiner } from './join-speech.ts';
import type { SpeechPart } from './speech-parts.ts';

export type SpeechNews =
  /** The part that is spoken from now on. */
  | { readonly type: 'part'; readonly index: number }
  /** What comes next of the whole, full scale ±1, at `SPEECH_HZ`. */
  | { readonly type: 'frames'; readonly frames: Float32Array<ArrayBuffer> }
  | { readonly type: 'done'; readonly results: readonly SpeechResult[] };

/** Asked of every model; all of them have it. */
export const SPEECH_HZ = 24_000;

export type Speak = (request: SpeakRequest, signal: AbortSignal) => AsyncIterable<Exclude<SpeechEvent, { type: 'error' }>>;

export const bytesOf = (base64: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

/** @param base64  16-bit little-endian frames, whole ones */
export function framesOf(base64: string): Float32Array<ArrayBuffer> {
  const view = new DataView(bytesOf(base64).buffer);
  return Float32Array.from({ length: view.byteLength >> 1 }, (_, i) => view.getInt16(2 * i, true) / 32_768);
}

/**
 * One part is heard exactly as it was spoken; several are joined.
 *
 * @param request  everything but the text; is asked for as raw frames
 * @throws AppError as the server says, also after some of it was heard; parts that were spoken are kept there and cost nothing again
 */
export async function* speakText(speak: Speak, parts: readonly SpeechPart[], request: Omit<SpeakRequest, 'text' | 'format' | 'sample_rate' | 'stream'>, signal: AbortSignal): AsyncGenerator<SpeechNews, void, undefined> {
  const joiner = createSpeechJoiner(SPEECH_HZ);
  const results: SpeechResult[] = [];
  for (const [index, { text, pauseSeconds }] of parts.entries()) {
    yield { type: 'part', index };
    for await (const event of speak({ ...request, text, format: 'wav', sample_rate: SPEECH_HZ, stream: true }, signal)) {
      if (event.type === 'start' && (event.encoding !== 'pcm_s16le' || event.sample_rate !== SPEECH_HZ)) throw new AppError('internal', { detail: `speech comes as ${event.encoding}, ${event.sample_rate} Hz` });
      if (event.type === 'audio') {
        const frames = joiner.push(framesOf(event.audio));
        if (frames.length > 0) yield { type: 'frames', frames };
      }
      if (event.type === 'done') results.push(event.result);
    }
    const rest = joiner.end(pauseSeconds);
    if (rest.length > 0) yield { type: 'frames', frames: rest };
  }
  yield { type: 'done', results };
}
